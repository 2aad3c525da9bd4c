"""The terms of a policy: their shape, their presets, and how they are read from and written to JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, cast

from policies.rules.reading import MISSING, Reading, gettext_noop, join, paths

Word = Literal["refund", "carry", "forfeit"]
DepositKind = Literal["none", "fixed", "percent", "hours"]

WORDS: tuple[Word, ...] = ("refund", "carry", "forfeit")
LONGEST_NOTICE_HOURS = 8760


@dataclass(frozen=True, kw_only=True)
class DepositTerms:
    """What is asked ahead: `value` is minor units for fixed, a percentage, or hours of the rate."""

    kind: DepositKind = "none"
    value: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What becomes of the deposit, and with `forfeit` a fee in percent of the price."""

    deposit: Word
    fee_percent: int = 0


@dataclass(frozen=True, kw_only=True)
class Window:
    """What a cancel and a move do at this notice or more."""

    min_notice: timedelta
    cancel: Consequence
    move: Consequence


@dataclass(frozen=True, kw_only=True)
class Terms:
    """One version of a policy; windows are longest first and the last one has no minimum."""

    deposit: DepositTerms
    windows: tuple[Window, ...]
    carry_days: int = 3
    carry_unused: Literal["forfeit", "refund"] = "forfeit"
    max_moves: int = 2
    regret: timedelta = timedelta(minutes=60)
    grace: timedelta = timedelta(minutes=15)
    no_show: Consequence = field(default_factory=lambda: Consequence(deposit="forfeit"))
    auto_no_show: Literal["ask", "mark"] = "ask"
    settle_after: timedelta = timedelta(hours=24)
    forgive_lapses: int = 0
    forgive_months: int = 12


class TermsError(ValueError):
    """The source is not a policy; `problems` lists every (path, message)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{path}: {message}" for path, message in problems))


def _window(hours: int, word: Word, fee_percent: int = 0) -> Window:
    both = Consequence(deposit=word, fee_percent=fee_percent)
    return Window(min_notice=timedelta(hours=hours), cancel=both, move=both)


_BALANCED = Terms(
    deposit=DepositTerms(kind="percent", value=Decimal(30)),
    windows=(_window(48, "carry"), _window(0, "forfeit")),
)
PRESETS: Mapping[str, Terms] = {
    "Gentle": replace(_BALANCED, windows=(_window(24, "refund"), _window(0, "carry")), forgive_lapses=1),
    "Balanced": _BALANCED,
    "Firm": replace(
        _BALANCED,
        windows=(_window(72, "carry"), _window(24, "forfeit"), _window(0, "forfeit", 50)),
        no_show=Consequence(deposit="forfeit", fee_percent=100),
    ),
}


def read(source: Any, *, path: str = "") -> Terms:
    """The terms that this mapping describes, or TermsError with all that is wrong with it.

    The shape is that of `policies[]` in a provider's file, without its name.
    """
    reading = Reading()
    terms = _terms(reading, source, path)
    if reading.problems:
        raise TermsError(reading.problems)
    return cast(Terms, terms)


def write(terms: Terms) -> dict[str, Any]:
    """The mapping that `read` turns into the same terms again."""
    return {
        "deposit": _write_deposit(terms.deposit),
        "windows": [
            {
                "min_notice_hours": _hours_of(window.min_notice),
                "cancel": _write_consequence(window.cancel),
                "move": _write_consequence(window.move),
            }
            for window in terms.windows
        ],
        "carry_days": terms.carry_days,
        "carry_unused": terms.carry_unused,
        "max_moves": terms.max_moves,
        "regret_minutes": terms.regret // timedelta(minutes=1),
        "grace_minutes": terms.grace // timedelta(minutes=1),
        "no_show": _write_consequence(terms.no_show),
        "auto_no_show": terms.auto_no_show,
        "settle_after_hours": _hours_of(terms.settle_after),
        "forgive": {"lapses": terms.forgive_lapses, "months": terms.forgive_months},
    }


def _write_deposit(deposit: DepositTerms) -> dict[str, Any]:
    if deposit.kind == "none":
        return {"kind": "none"}
    return {"kind": deposit.kind, _DEPOSIT_KEYS[deposit.kind]: _number(deposit.value)}


def _write_consequence(consequence: Consequence) -> dict[str, Any]:
    return {"deposit": consequence.deposit, "fee_percent": consequence.fee_percent}


def _hours_of(length: timedelta) -> int | float:
    return _number(Decimal(length // timedelta(seconds=1)) / 3600)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


_DEPOSIT_KEYS = {"fixed": "amount", "percent": "percent", "hours": "hours"}


def _terms(reading: Reading, source: Any, path: str) -> Any:
    at = paths(path)
    found = reading.keys(source, path, *_READERS)
    if found is None:
        return None
    values = {name: read_one(reading, found[name], at(name)) for name, read_one in _READERS.items()}
    lapses, months = values.pop("forgive") or (None, None)
    if reading.problems:
        return None
    return Terms(
        **{_FIELDS.get(name, name): value for name, value in values.items()},
        forgive_lapses=cast(int, lapses),
        forgive_months=cast(int, months),
    )


def _deposit(reading: Reading, source: Any, path: str) -> DepositTerms | None:
    if source is MISSING:
        return None
    kind = source.get("kind", MISSING) if isinstance(source, Mapping) else MISSING
    if kind is not MISSING and reading.word(kind, join(path, "kind"), ("none", *_DEPOSIT_KEYS)) is None:
        return None
    key = _DEPOSIT_KEYS.get(str(kind))
    found = reading.keys(source, path, "kind", *([key] if key else ()))
    if found is None or key is None:
        return DepositTerms()
    value = _deposit_value(reading, cast(str, kind), found[key], join(path, key))
    return None if value is None else DepositTerms(kind=cast(DepositKind, kind), value=value)


def _deposit_value(reading: Reading, kind: str, value: Any, path: str) -> Decimal | None:
    if kind == "fixed":
        amount = reading.amount(value, path, 1, 99_999_999)
        return None if amount is None else Decimal(amount)
    return reading.number(value, path, 100, zero=False)


def _windows(reading: Reading, source: Any, path: str) -> tuple[Window | None, ...] | None:
    if source is MISSING:
        return None
    if not isinstance(source, list | tuple) or not 1 <= len(source) <= 12:
        reading.wrong(path, gettext_noop("must be a list of 1 to 12 windows, longest notice first"))
        return None
    windows = tuple(_window_of(reading, one, f"{path}[{n}]") for n, one in enumerate(source))
    _check_order(reading, source, path)
    return windows


def _check_order(reading: Reading, source: Any, path: str) -> None:
    hours = [one.get("min_notice_hours") if isinstance(one, Mapping) else None for one in source]
    numbers = [h if isinstance(h, int | float) and not isinstance(h, bool) else None for h in hours]
    for n, (longer, shorter) in enumerate(pairwise(numbers), start=1):
        if longer is None or shorter is None or longer > shorter:
            continue
        twice = gettext_noop("is there twice; windows go longest first")
        longer_than = gettext_noop("is longer than the one before; windows go longest first")
        reading.wrong(f"{path}[{n}].min_notice_hours", twice if longer == shorter else longer_than)
    if numbers[-1] is not None and numbers[-1] != 0:
        reading.wrong(
            f"{path}[{len(source) - 1}].min_notice_hours", gettext_noop("the last window must have 0")
        )


def _window_of(reading: Reading, source: Any, path: str) -> Window | None:
    at = paths(path)
    found = reading.keys(source, path, "min_notice_hours", "cancel", "move")
    if found is None:
        return None
    notice = reading.hours(found["min_notice_hours"], at("min_notice_hours"), LONGEST_NOTICE_HOURS)
    cancel = _consequence(reading, found["cancel"], at("cancel"))
    move = _consequence(reading, found["move"], at("move"))
    if notice is None or cancel is None or move is None:
        return None
    return Window(min_notice=notice, cancel=cancel, move=move)


def _consequence(reading: Reading, source: Any, path: str) -> Consequence | None:
    if source is MISSING:
        return None
    found = reading.keys(source, path, "deposit", "fee_percent")
    if found is None:
        return None
    word = reading.word(found["deposit"], join(path, "deposit"), WORDS)
    fee = reading.whole(found["fee_percent"], join(path, "fee_percent"), 0, 100)
    if word is None or fee is None:
        return None
    if fee and word != "forfeit":
        reading.wrong(
            join(path, "fee_percent"),
            gettext_noop("must be 0 with %(word)s; a fee goes with forfeit"),
            word=word,
        )
        return None
    return Consequence(deposit=cast(Word, word), fee_percent=fee)


def _forgive(reading: Reading, source: Any, path: str) -> tuple[int | None, int | None] | None:
    if source is MISSING:
        return None
    found = reading.keys(source, path, "lapses", "months")
    if found is None:
        return None
    lapses = reading.whole(found["lapses"], join(path, "lapses"), 0, 100)
    return lapses, reading.whole(found["months"], join(path, "months"), 1, 120)


_READERS: Mapping[str, Callable[[Reading, Any, str], Any]] = {
    "deposit": _deposit,
    "windows": _windows,
    "carry_days": lambda reading, value, path: reading.whole(value, path, 0, 366),
    "carry_unused": lambda reading, value, path: reading.word(value, path, ("forfeit", "refund")),
    "max_moves": lambda reading, value, path: reading.whole(value, path, 0, 100),
    "regret_minutes": lambda reading, value, path: reading.minutes(value, path, 10_080),
    "grace_minutes": lambda reading, value, path: reading.minutes(value, path, 1_440),
    "no_show": _consequence,
    "auto_no_show": lambda reading, value, path: reading.word(value, path, ("ask", "mark")),
    "settle_after_hours": lambda reading, value, path: reading.hours(value, path, 720),
    "forgive": _forgive,
}
_FIELDS = {
    "regret_minutes": "regret",
    "grace_minutes": "grace",
    "settle_after_hours": "settle_after",
}
