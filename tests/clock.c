/* The machine's clock, moved for one family of processes: LD_PRELOAD this, and KEPT_CLOCK names a file whose first
   eight bytes are the nanoseconds to add. They are read at every call, so that all processes jump at one instant.
   Only the time of day moves; sleeps and the monotonic clock stay as they are, as when an operator sets a clock. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BILLION 1000000000LL

static volatile int64_t *offset;

__attribute__((constructor)) static void look(void) {
    const char *path = getenv("KEPT_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *seen = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (seen != MAP_FAILED) offset = seen;
    close(file);
}

static int64_t moved(int64_t seconds, int64_t nanoseconds) {
    return seconds * BILLION + nanoseconds + (offset ? *offset : 0);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t then = moved(now->tv_sec, now->tv_nsec);
        now->tv_sec = then / BILLION;
        now->tv_nsec = then % BILLION;
    }
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *kept) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (kept) *kept = exact.tv_sec;
    return exact.tv_sec;
}
