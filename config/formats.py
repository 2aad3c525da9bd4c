"""Money, days and times as people read them, in the language that is active.

Thai years are Buddhist. Times are on 24 hours (`h23`), in English on twelve (`h12`) for who reads them so; which, is
active beside the language. `zone` is an IANA name. Only what people read goes through here: machines get ISO 8601 and
minor units.
"""

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_day_names, get_timezone, get_timezone_location
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from policies.rules.money import digits, step

_LOCALES = {"en": "en_GB", "it": "it_IT", "th": "th_TH"}
_DAYS = {"en": "EEEE d MMMM", "it": "EEEE d MMMM", "th": "EEEE'ที่' d MMMM"}
_SHORT_DAYS = {"en": "EEE d MMM", "it": "EEE d MMM", "th": "EEE d MMM"}
_24_HOURS = "HH:mm"
_12_HOURS = {("en", "h12"): "h:mm\u00a0a"}
_BUDDHIST_YEARS_AHEAD = 543
_CODE_BEFORE_DIGITS = re.compile(r"([A-Z])(\d)")

_hour_cycle: ContextVar[str] = ContextVar("hour_cycle", default="")  # empty: nobody has said


class Reader(Protocol):
    """Whose language is known, and how they write times."""

    @property
    def language(self) -> str: ...
    @property
    def hour_cycle(self) -> str: ...


@contextmanager
def speaking_to(reader: Reader) -> Iterator[None]:
    """The reader's language is active, English for one that we lack, and how the reader writes times."""
    with override(reader.language if reader.language in _LOCALES else "en"), on_clocks(reader.hour_cycle):
        yield


@contextmanager
def on_clocks(hour_cycle: str) -> Iterator[None]:
    """Times are written so: `h12`, `h23`, or empty where nobody has said."""
    before = _hour_cycle.set(hour_cycle)
    try:
        yield
    finally:
        _hour_cycle.reset(before)


def on_clocks_unless_said(hour_cycle: str) -> None:
    """Times are written so for the rest of the request where the reader's browser says nothing of it."""
    if not _hour_cycle.get():
        _hour_cycle.set(hour_cycle)


def hour_cycle(otherwise: str = "h23") -> str:
    """How times are written now; ``otherwise`` where nobody has said."""
    return _hour_cycle.get() or otherwise


def clocks() -> str:
    """How times come out in the active language: `h12` or `h23`, whatever the reader's region would have."""
    return "h23" if _pattern() == _24_HOURS else "h12"


def locale() -> Locale:
    """Babel's locale for the active language; English for one that we lack."""
    return Locale.parse(_LOCALES[_language()])


def money(amount: int, currency: str) -> str:
    """Minor units as `€40.00`, `40,00 €` or `฿400.00`, with the decimals that Stripe counts."""
    # Babel's own number of decimals differs from Stripe's for some currencies and would round.
    decimals = 0 if step(currency) == 10 ** digits(currency) else digits(currency)
    spoken = locale()
    pattern = copy.copy(spoken.currency_formats["standard"])
    pattern.frac_prec = (decimals, decimals)
    value = Decimal(amount).scaleb(-digits(currency))
    text = str(pattern.apply(value, spoken, currency=currency, currency_digits=False))
    return _CODE_BEFORE_DIGITS.sub("\\1\u00a0\\2", text)


def percent(value: int | Decimal) -> str:
    """A percentage as it is written: `50%`, in Italian `12,5%`."""
    spoken = locale()
    text = f"{Decimal(value).normalize():f}"
    return text.replace(".", spoken.number_symbols["latn"]["decimal"]) + "%"


def includes_tax(percent_: Decimal, name: str, amount: str) -> str:
    """The tax in an amount, as papers, mails and pages say it: `Includes 22% VAT: €18.03`."""
    facts = {"percent": percent(percent_), "tax": name or _("tax"), "amount": amount}
    return _("Includes {percent} {tax}: {amount}").format(**facts)


def day(when: date, zone: str | None = None) -> str:
    """Weekday, day, month and year: `Friday 5 March 2027`, `วันศุกร์ที่ 5 มีนาคม 2570`."""
    return _day(when, zone, _DAYS)


def short_day(when: date, zone: str | None = None) -> str:
    """The same in few letters: `Fri 5 Mar 2027`."""
    return _day(when, zone, _SHORT_DAYS)


def brief_day(when: date) -> str:
    """Day and month alone, along an axis: `5 Mar`."""
    return str(format_date(when, "d MMM", locale=locale()))


def days(first: date, last: date) -> str:
    """From one day to another, what both share said once: `1 – 7 March 2027`, `22 Feb – 21 Mar 2027`."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {format_date(last, 'd MMMM', locale=locale())} {year(last)}"
    begins = brief_day(first) if first.year == last.year else f"{brief_day(first)} {year(first)}"
    return f"{begins} – {brief_day(last)} {year(last)}"


def brief_month(when: date) -> str:
    """Month and year, likewise: `Mar 2027`."""
    return f"{format_date(when, 'LLL', locale=locale())} {year(when)}"


def time(when: datetime, zone: str) -> str:
    """The minute on the clocks of the zone: `09:30`, `9:30 am`."""
    return _time(_local(when, zone).time())


def time_of_day(minute: int) -> str:
    """A minute of the day as clocks show it: `09:30`, `9:30 am`; its end is `24:00`, or `12:00 am`."""
    said = _time(wall_time(minute // 60 % 24, minute % 60))
    return "24:00" if minute == 24 * 60 and said == "00:00" else said


def span(first: str, last: str) -> str:
    """From one time in words to another: `09:30–10:20`, `9:30 am – 10:20 am`."""
    return f"{first}–{last}" if clocks() == "h23" else f"{first} – {last}"


def moment(when: datetime, zone: str) -> str:
    """Day and time together: `Friday 5 March 2027, 09:30`."""
    return _("%(day)s, %(time)s") % {"day": day(when, zone), "time": time(when, zone)}


def short_moment(when: datetime, zone: str) -> str:
    """Day and time in few letters, for tables: `Fri 5 Mar 2027, 09:30`."""
    return _("%(day)s, %(time)s") % {"day": short_day(when, zone), "time": time(when, zone)}


def month(when: date, zone: str | None = None) -> str:
    """Month and year, as over a calendar: `March 2027`, `มีนาคม 2570`."""
    local = _date(when, zone)
    return f"{format_date(local, 'LLLL', locale=locale())} {year(local)}"


def year(when: date) -> int:
    """The year as it is counted in the active language."""
    return when.year + (_BUDDHIST_YEARS_AHEAD if _language() == "th" else 0)


def weekday(number: int, *, short: bool = False) -> str:
    """The name of a weekday, Monday being 0."""
    names = get_day_names("abbreviated" if short else "wide", "stand-alone", locale=locale())
    return str(names[number])


def length(span: timedelta) -> str:
    """A span as it is said: `48 hours`, `30 minutes`, `1 hour 30 minutes`; never in days, which differ."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    said = []
    if hours:
        said.append(ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours})
    if minutes or not (hours or seconds):
        said.append(ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes})
    if seconds:
        said.append(ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds})
    return " ".join(said)


def zone_city(zone: str) -> str:
    """The place that a zone is named after: `Rome`, `Roma`, `โรม`."""
    return str(get_timezone_location(get_timezone(zone), locale=locale(), return_city=True))


def zone_label(zone: str, when: datetime) -> str:
    """Whose clocks these are and how far from UTC at that instant: `Rome time (UTC+01:00)`."""
    return _("%(city)s time (UTC%(offset)s)") % {"city": zone_city(zone), "offset": zone_offset(zone, when)}


def zone_offset(zone: str, when: datetime) -> str:
    """How far from UTC at that instant: `+01:00`."""
    offset = _local(when, zone).strftime("%z")
    return f"{offset[:3]}:{offset[3:5]}"


def _language() -> str:
    language = (get_language() or "en").split("-")[0]
    return language if language in _LOCALES else "en"


def _time(when: wall_time) -> str:
    return str(format_time(when, _pattern(), locale=locale()))


def _pattern() -> str:
    return _12_HOURS.get((_language(), hour_cycle()), _24_HOURS)


def _day(when: date, zone: str | None, patterns: dict[str, str]) -> str:
    local = _date(when, zone)
    return f"{format_date(local, patterns[_language()], locale=locale())} {year(local)}"


def _date(when: date, zone: str | None) -> date:
    if isinstance(when, datetime):
        return _local(when, zone or "UTC").date()
    return when


def _local(when: datetime, zone: str) -> datetime:
    return when.astimezone(UTC).astimezone(ZoneInfo(zone))
