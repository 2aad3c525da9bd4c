"""Reading values from JSON with every problem named by its path, not only the first."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from policies.rules.money import exact

MISSING = object()


class Reading:
    """Collects the problems while the values are read; a value with a problem comes back as None."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def wrong(self, path: str, message: str) -> None:
        """One problem more."""
        self.problems.append((path, message))

    def keys(self, source: Any, path: str, *names: str) -> dict[str, Any] | None:
        """The values by name; unknown and missing names are problems."""
        if not isinstance(source, Mapping):
            self.wrong(path, f"must be an object with {', '.join(names)}")
            return None
        for name in source:
            if name not in names:
                self.wrong(join(path, str(name)), f"unknown; known here: {', '.join(names)}")
        for name in names:
            if name not in source:
                self.wrong(join(path, name), "is missing")
        return {name: source.get(name, MISSING) for name in names}

    def whole(self, value: Any, path: str, low: int, high: int) -> int | None:
        if value is MISSING:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(path, f"must be a whole number from {low} to {high}")
            return None
        return value

    def number(self, value: Any, path: str, high: int, *, zero: bool) -> Decimal | None:
        """A number from 0 (or just above it, without `zero`) to `high`, as it is written."""
        if value is MISSING:
            return None
        fits = not isinstance(value, bool) and isinstance(value, int | float | Decimal)
        if not fits or not (0 <= value <= high) or (value == 0 and not zero):
            least = "from 0" if zero else "above 0"
            self.wrong(path, f"must be a number {least} {'to' if zero else 'and up to'} {high}")
            return None
        return exact(value)

    def hours(self, value: Any, path: str, high: int) -> timedelta | None:
        hours = self.number(value, path, high, zero=True)
        if hours is None:
            return None
        seconds = hours * 3600
        if seconds != seconds.to_integral_value():
            self.wrong(path, "must come to whole seconds, like 48 or 0.5")
            return None
        return timedelta(seconds=int(seconds))

    def minutes(self, value: Any, path: str, high: int) -> timedelta | None:
        minutes = self.whole(value, path, 0, high)
        return None if minutes is None else timedelta(minutes=minutes)

    def word(self, value: Any, path: str, words: tuple[str, ...]) -> str | None:
        if value is MISSING:
            return None
        if not isinstance(value, str) or value not in words:
            self.wrong(path, f"must be one of {', '.join(words)}")
            return None
        return value


def join(path: str, name: str) -> str:
    """`windows[1]` and `cancel` make `windows[1].cancel`."""
    return f"{path}.{name}" if path else name


def paths(path: str) -> Callable[[str], str]:
    """What puts this path before a name."""
    return lambda name: join(path, name)
