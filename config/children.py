"""Child processes that are kept alive, and that never outlive us."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

GRACE = 15  # seconds that children have to end by themselves
SHORT_LIFE = 5  # seconds under which an end looks like a fault that will come again
LONGEST_PAUSE = 10

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Runs in a child before its program: the kernel ends it when we are gone, even by `kill -9`."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == 1 and os.getpgrp() != 1:  # we were gone before the line above
            os._exit(1)


class Signals:
    """How often somebody asked us to stop."""

    def __init__(self) -> None:
        self.asked = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked += 1


class Child:
    """One program in a process group of its own, so that Ctrl-C reaches it only through us."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.running: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._pause = 0.5

    def start_if_due(self, environment: dict[str, str]) -> None:
        if self.running is not None or time.monotonic() < self._start_at:
            return
        self._started_at = time.monotonic()
        self.running = subprocess.Popen(
            self.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def note_end(self) -> None:
        """Plans the next start where it has ended: at once, or after a growing pause where it keeps ending."""
        if self.running is None or self.running.poll() is None:
            return
        self.end(signal.SIGKILL)  # what it left behind in its group
        lived = time.monotonic() - self._started_at
        self._pause = min(self._pause * 2, LONGEST_PAUSE) if lived < SHORT_LIFE else 0.5
        self._start_at = time.monotonic() + (self._pause if lived < SHORT_LIFE else 0)
        print(f"{self.name} ended with {self.running.returncode}, starting it again", flush=True)  # noqa: T201
        self.running = None

    def end(self, number: int) -> None:
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, number)

    def has_ended(self) -> bool:
        return self.running is None or self.running.poll() is not None


def supervise(
    children: list[Child], *, environment: dict[str, str], signals: Signals, each_round: Callable[[], None]
) -> None:
    """Keeps `children` alive until somebody asks to stop; then ends them all."""
    try:
        while not signals.asked:
            for child in children:
                child.note_end()
                child.start_if_due(environment)
            each_round()
            time.sleep(0.2)
    finally:
        _end_all(children, signals)


def _end_all(children: list[Child], signals: Signals) -> None:
    """Asks, waits, and where that does not help (or is asked for again) kills."""
    for child in children:
        if child.running is not None and not child.has_ended():
            child.running.terminate()
    asked, until = signals.asked, time.monotonic() + GRACE
    while not all(child.has_ended() for child in children):
        if signals.asked > max(asked, 1) or time.monotonic() > until:
            break
        time.sleep(0.1)
    for child in children:
        child.end(signal.SIGKILL)
        if child.running is not None:
            child.running.wait()
