"""Reading values from JSON with every problem named by its path, not only the first."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from policies.rules.money import exact

MISSING = object()


class Minor(int):
    """An amount in minor units: a file has it as the number, a form as people write money."""


class Wrong(str):
    """What would be right, in English. ``words`` and ``facts`` are what it was made of, so that it can be said in another
    language; ``typed`` are the words where people type and see no file, if those are others."""

    words: str
    typed: str
    facts: dict[str, Any]

    def __new__(cls, words: str, facts: dict[str, Any], *, typed: str = "") -> "Wrong":
        made = super().__new__(cls, words % facts if facts else words)
        made.words, made.typed, made.facts = words, typed or words, facts
        return made


def gettext_noop(words: str) -> str:
    """Marks what is translated where it leaves the house; rules know no languages."""
    return words


class Reading:
    """Collects the problems while the values are read; a value with a problem comes back as None."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def wrong(self, path: str, words: str, *, typed: str = "", **facts: Any) -> None:
        """One problem more."""
        self.problems.append((path, Wrong(words, facts, typed=typed)))

    def keys(self, source: Any, path: str, *names: str) -> dict[str, Any] | None:
        """The values by name; unknown and missing names are problems."""
        if not isinstance(source, Mapping):
            self.wrong(path, gettext_noop("must be an object with %(names)s"), names=", ".join(names))
            return None
        for name in source:
            if name not in names:
                self.wrong(
                    join(path, str(name)),
                    gettext_noop("unknown; known here: %(names)s"),
                    names=", ".join(names),
                )
        for name in names:
            if name not in source:
                self.wrong(join(path, name), gettext_noop("is missing"))
        return {name: source.get(name, MISSING) for name in names}

    def whole(self, value: Any, path: str, low: int, high: int) -> int | None:
        if value is MISSING:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(
                path, gettext_noop("must be a whole number from %(low)s to %(high)s"), low=low, high=high
            )
            return None
        return value

    def amount(self, value: Any, path: str, low: int, high: int) -> int | None:
        """Money in minor units."""
        if value is MISSING:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            words = gettext_noop("must be a whole number from %(low)s to %(high)s")
            typed = gettext_noop("must be an amount from %(low)s to %(high)s")
            self.wrong(path, words, typed=typed, low=Minor(low), high=Minor(high))
            return None
        return value

    def number(self, value: Any, path: str, high: int, *, zero: bool) -> Decimal | None:
        """A number from 0 (or just above it, without `zero`) to `high`, as it is written."""
        if value is MISSING:
            return None
        fits = not isinstance(value, bool) and isinstance(value, int | float | Decimal)
        if not fits or not (0 <= value <= high) or (value == 0 and not zero):
            from_zero = gettext_noop("must be a number from 0 to %(high)s")
            above = gettext_noop("must be a number above 0 and up to %(high)s")
            self.wrong(path, from_zero if zero else above, high=high)
            return None
        return exact(value)

    def hours(self, value: Any, path: str, high: int) -> timedelta | None:
        hours = self.number(value, path, high, zero=True)
        if hours is None:
            return None
        seconds = hours * 3600
        if seconds != seconds.to_integral_value():
            self.wrong(path, gettext_noop("must come to whole seconds, like 48 or 0.5"))
            return None
        return timedelta(seconds=int(seconds))

    def minutes(self, value: Any, path: str, high: int) -> timedelta | None:
        minutes = self.whole(value, path, 0, high)
        return None if minutes is None else timedelta(minutes=minutes)

    def word(self, value: Any, path: str, words: tuple[str, ...]) -> str | None:
        if value is MISSING:
            return None
        if not isinstance(value, str) or value not in words:
            self.wrong(path, gettext_noop("must be one of %(names)s"), names=", ".join(words))
            return None
        return value


def join(path: str, name: str) -> str:
    """`windows[1]` and `cancel` make `windows[1].cancel`."""
    return f"{path}.{name}" if path else name


def paths(path: str) -> Callable[[str], str]:
    """What puts this path before a name."""
    return lambda name: join(path, name)
