/* A month of slots in C, epochs out: the physical limit. The same plain case as plain.py. */

#include <stdint.h>

typedef int64_t second;

enum { DAY = 86400 };

int month(const second *until, const second *offset, second first, second last, second opens,
          second closes, second duration, second interval, const second *busy, int busy_count,
          second earliest, second latest, second *found)
{
    int count = 0, segment = 0, taken = 0;
    for (second midnight = first; midnight <= last; midnight += DAY) {
        while (midnight + opens - offset[segment] >= until[segment])
            segment++;
        second start = midnight + opens - offset[segment];
        second stop = midnight + closes - offset[segment] - duration;
        for (; start <= stop; start += interval) {
            while (taken < busy_count && busy[2 * taken + 1] <= start)
                taken++;
            if (start < earliest || start > latest)
                continue;
            if (taken < busy_count && busy[2 * taken] < start + duration)
                continue;
            found[count++] = start;
        }
    }
    return count;
}

/* Called through a pointer that the compiler cannot see through, so that no month is left out. */
int (*volatile month_again)(const second *, const second *, second, second, second, second, second,
                            second, const second *, int, second, second, second *) = month;

/* Month after month: `busy` holds `months` lists of `busy_count` ranges each. */
int repeat(int times, const second *until, const second *offset, second first, second last, second opens,
           second closes, second duration, second interval, second earliest, second latest,
           const second *busy, int busy_count, int months, second *found)
{
    int count = 0;
    while (times-- > 0)
        for (int i = 0; i < months; i++)
            count = month_again(until, offset, first, last, opens, closes, duration, interval,
                                busy + 2 * busy_count * i, busy_count, earliest, latest, found);
    return count;
}
