"""Side by side: every contender once per round, round after round, medians of each."""

from collections.abc import Callable
from statistics import median
from timeit import Timer

Contenders = dict[str, Callable[[], object]]


class Race:
    """Seconds per call of each contender, in rounds that saw the same weather."""

    def __init__(self, contenders: Contenders, *, rounds: int, round_seconds: float = 0.02) -> None:
        timers = {name: Timer(call) for name, call in contenders.items()}
        repeats = {name: self._repeats(timer, round_seconds) for name, timer in timers.items()}
        self.seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, timer in timers.items():
                self.seconds[name].append(timer.timeit(repeats[name]) / repeats[name])

    def of(self, name: str) -> float:
        return median(self.seconds[name])

    def ratio(self, name: str, other: str) -> float:
        pairs = zip(self.seconds[name], self.seconds[other], strict=True)
        return median(one / two for one, two in pairs)

    @staticmethod
    def _repeats(timer: Timer, seconds: float) -> int:
        timer.timeit(1)  # caches and tables are filled outside the measurement
        return max(1, round(seconds / timer.timeit(1)))


def shown(seconds: float) -> str:
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def verdict(ratio: float, goal: float, *, at_least: bool = False) -> str:
    met = ratio >= goal if at_least else ratio <= goal
    return "met" if met else "**missed**"
