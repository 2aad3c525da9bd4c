"""P1: a month of slots, against a plain sweep, C, naive datetimes and a peer.

    python -m bench.slots [--rounds 41] [--peers]

`--peers` installs django-appointment into a throwaway environment and measures it there.
"""

import argparse
import ctypes
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from bench import _peers
from bench._rounds import Race, shown, verdict
from bench.references import naive, plain
from booking import slots
from booking.clocks import DAY, Span

HERE = Path(__file__).parent
ZONE = "Europe/Rome"
FIRST, LAST = date(2027, 4, 1), date(2027, 4, 30)
NOW = datetime(2027, 3, 30, 12, tzinfo=UTC)
OPENS, CLOSES, DURATION, INTERVAL, HORIZON = 9 * 60, 17 * 60, 30, 15, 60
MONTHS = 32

Calls = dict[str, list[Callable[[], object]]]


def busy_times(count: int, *, length: int, opens: int, closes: int, seed: int) -> list[Span]:
    """`count` ranges of `length` minutes on the quarter hours of the month, none overlapping."""
    chance = random.Random(seed)
    midnight = slots.epoch(datetime(2027, 3, 31, 22, tzinfo=UTC))
    per_day = range(opens, closes - length + 1, 15)
    taken: set[int] = set()
    while len(taken) < count:
        start = chance.randrange(30) * 1440 + chance.choice(per_day)
        if not any(start + near in taken for near in range(-length + 15, length, 15)):
            taken.add(start)
    return [(midnight + start * 60, midnight + (start + length) * 60) for start in sorted(taken)]


def a_hundred(seed: int) -> list[Span]:
    """In opening hours, where they cost slots."""
    return busy_times(100, length=30, opens=OPENS, closes=CLOSES, seed=seed)


def a_thousand(seed: int) -> list[Span]:
    """By day and by night: in opening hours alone there would be no slot left."""
    return busy_times(1_000, length=15, opens=0, closes=1440, seed=seed)


def each_in_turn(calls: list[Callable[[], object]]) -> Callable[[], object]:
    """One call a time, month after month, so that no contender learns a single one by heart.

    That is what the branch predictor of the processor does for C otherwise, and it halves its time.
    """
    turn = cycle(calls)
    return lambda: next(turn)()


def contenders(months: list[list[Span]]) -> Calls:
    """Every way to work out each of the months."""
    hours = slots.Hours([(weekday, OPENS, CLOSES) for weekday in range(7)])
    offer = slots.Offer(DURATION, INTERVAL, horizon_days=HORIZON)
    since, until = slots.reach(offer, tz=ZONE, first=FIRST, last=LAST)
    until -= timedelta(minutes=DURATION)
    found: Calls = {
        "month": [],
        "epochs": [],
        "plain": [],
        "plain epochs": [],
        "naive": [],
        "careful naive": [],
    }
    for busy in months:
        agenda, case = slots.Agenda(hours, ZONE, busy=busy), plain_case(busy)
        found["month"].append(partial(slots.month, offer, agenda, first=FIRST, last=LAST, at=NOW))
        found["epochs"].append(partial(slots.starts, offer, agenda, since=since, until=until, at=NOW))
        found["plain"].append(partial(plain_month, case))
        found["plain epochs"].append(partial(plain.epochs, **case))
        found["naive"].append(partial(naive.month, **naive_case(busy)))
        found["careful naive"].append(partial(naive.careful_month, **naive_case(busy)))
    return found


def plain_month(case: dict) -> dict[str, list[str]]:
    return plain.by_day(plain.epochs(**case), segments=SEGMENTS, texts=TEXTS)


SEGMENTS = [(slots.epoch(datetime(2027, 3, 28, 1, tzinfo=UTC)), 3600), (1 << 62, 7200)]
TEXTS = {
    offset: [f"T{minute // 60:02}:{minute % 60:02}:00+{offset // 3600:02}:00" for minute in range(1440)]
    for _, offset in SEGMENTS
}


def plain_case(busy: list[Span]) -> dict:
    midnight = slots.epoch(datetime(2027, 4, 1, tzinfo=UTC))
    return {
        "segments": SEGMENTS,
        "first": midnight,
        "last": midnight + 29 * DAY,
        "opens": OPENS * 60,
        "closes": CLOSES * 60,
        "duration": DURATION * 60,
        "interval": INTERVAL * 60,
        "busy": busy,
        "earliest": slots.epoch(NOW),
        "latest": slots.epoch(NOW) + HORIZON * DAY,
    }


def naive_case(busy: list[Span]) -> dict:
    return {
        "zone": ZONE,
        "opens": time(OPENS // 60),
        "closes": time(CLOSES // 60),
        "duration": timedelta(minutes=DURATION),
        "interval": timedelta(minutes=INTERVAL),
        "busy": [(slots.moment(start), slots.moment(end)) for start, end in busy],
        "first": FIRST,
        "last": LAST,
        "now": NOW,
        "notice": timedelta(0),
        "horizon": timedelta(days=HORIZON),
    }


class C:
    """The C reference; `run` makes every month `times` times and returns the last one's count."""

    def __init__(self, months: list[list[Span]], directory: str) -> None:
        library, source = Path(directory) / "month.so", HERE / "references" / "month.c"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
        self._repeat = ctypes.CDLL(str(library)).repeat
        second = ctypes.c_int64
        flat = [instant for busy in months for span in busy for instant in span]
        case = plain_case([])
        names = ("first", "last", "opens", "closes", "duration", "interval", "earliest", "latest")
        self.found = (second * 10_000)()
        self._arguments = (
            (second * 2)(*[until for until, _ in SEGMENTS]),
            (second * 2)(*[offset for _, offset in SEGMENTS]),
            *(second(case[name]) for name in names),
            (second * len(flat))(*flat),
            ctypes.c_int(len(months[0])),
            ctypes.c_int(len(months)),
            self.found,
        )

    def run(self, times: int) -> int:
        return self._repeat(ctypes.c_int(times), *self._arguments)


def agree(calls: Calls) -> None:
    """A contender that gives another answer has not run the race."""
    words = ("month", "plain", "naive", "careful naive")
    for month, *others in zip(*(calls[name][:4] for name in words), strict=True):
        assert all(other() == month() for other in others)
    for epochs, swept in zip(calls["epochs"], calls["plain epochs"], strict=True):
        assert epochs() == swept()


def race_over(rounds: int, directory: str) -> tuple[Race, dict[str, int], int]:
    """The race, how many months each contender's call makes, and the slots of a median month."""
    hundred = [a_hundred(n) for n in range(MONTHS)]
    calls = contenders(hundred)
    more = contenders([a_thousand(n) for n in range(MONTHS)])
    agree(calls)
    agree(more)
    entries = {name: each_in_turn(ways) for name, ways in calls.items()}
    entries |= {f"{name}, 1,000 busy": each_in_turn(ways) for name, ways in more.items()}
    made = dict.fromkeys(entries, 1)
    if shutil.which("cc"):
        c = C(hundred, directory)
        assert c.found[: c.run(1)] == calls["epochs"][-1]()
        entries["C"] = partial(c.run, 100)
        made["C"] = 100 * MONTHS
    count = int(median(len(epochs()) for epochs in calls["epochs"]))
    return Race(entries, rounds=rounds), made, count


def report(rounds: int, directory: str) -> Race:
    race, made, count = race_over(rounds, directory)
    print(f"## P1: a month of slots\n\n30 days, 9-17, {DURATION} min every {INTERVAL} min, {count} slots")
    print(f"(median of {MONTHS} different months, taken in turn); {rounds} rounds, medians; 100 busy times")
    print("in opening hours, or 1,000 spread over day and night.\n\n| | per month |\n| --- | --- |")
    for name, months in made.items():
        print(f"| {name} | {shown(race.of(name) / months)} |")
    print("\n| ratio | measured | goal | |\n| --- | --- | --- | --- |")
    line("month / plain sweep to the same shape", race.ratio("month", "plain"), 1.3)
    line("the same with 1,000 busy", race.ratio("month, 1,000 busy", "plain, 1,000 busy"), 1.3)
    if "C" in made:
        line("epochs / C, epochs out", race.ratio("epochs", "C") * made["C"], 30)
        line("month in words / C, epochs out", race.ratio("month", "C") * made["C"], 30)
        line("for comparison: plain epochs / C", race.ratio("plain epochs", "C") * made["C"], 30)
    else:
        print("| C | left out: no `cc` on this machine | | |")
    for way in ("naive", "careful naive"):
        line(f"{way} / month", race.ratio(way, "month"), 100, at_least=True)
        crowded = race.ratio(f"{way}, 1,000 busy", "month, 1,000 busy")
        line(f"{way} / month, 1,000 busy", crowded, 100, at_least=True)
    line("month with 1,000 busy / with 100", race.ratio("month, 1,000 busy", "month"), 5)
    return race


def line(what: str, ratio: float, goal: float, *, at_least: bool = False) -> None:
    sign = ">=" if at_least else "<="
    print(f"| {what} | {ratio:.3g} | {sign} {goal} | {verdict(ratio, goal, at_least=at_least)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--peers", action="store_true", help="also measure django-appointment from PyPI")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        race = report(asked.rounds, directory)
        if asked.peers:
            zone = ZoneInfo(ZONE)
            busy = [
                tuple(slots.moment(end).astimezone(zone).replace(tzinfo=None).isoformat() for end in span)
                for span in a_hundred(0)
            ]
            _peers.report(directory, busy, FIRST.isoformat(), (LAST - FIRST).days + 1, race)


if __name__ == "__main__":
    main()
