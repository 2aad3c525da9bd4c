"""What is going to happen in the demo, decided before any of it does: 300 appointments from six
months back to one ahead. The same day gives the same plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from booking.demo.calendar import Blocks
from booking.demo.cast import CLIENTS, ZONE, studio

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BACK, AHEAD = 182 * DAY, 29 * DAY
HOURS = {"first-lesson": 1, "voice": 1, "recording": 2}

# How often each story happens. ``credit_used`` makes two appointments.
PAST = {
    "kept": 142,
    "moved": 16,
    "mode_changed": 5,
    "noted": 2,
    "late_move": 4,
    "late_move_unpaid": 2,
    "credit_used": 7,
    "credit_ended": 5,
    "regretted": 4,
    "late_cancel": 9,
    "late_cancel_excused": 4,
    "late_cancel_stands": 2,
    "no_show": 7,
    "no_show_excused": 3,
    "no_show_undone": 1,
    "no_show_as_credit": 1,
    "provider_cancels": 5,
    "hold_lapses": 5,
    "paid_too_late": 2,
    "goodwill": 3,
    "declined": 4,
    "unanswered": 2,
    "balance_by_hand": 2,
    "balance_by_link": 2,
    "extra_waived": 1,
    "dispute_won": 1,
    "card_charged": 1,
    "card_declined": 2,
}
AHEAD_OF_US = {
    "kept": 28,
    "noted": 2,
    "moved": 3,
    "asks": 4,
    "pay_link": 2,
    "holds_now": 1,
    "cancels_late_now": 2,
    "missed_just_now": 1,
    "credit_now": 2,
    "balance_asked": 1,
    "refund_fails": 1,
    "refund_waits": 1,
    "disputed": 1,
}
NEEDS_ANOTHER_START = ("moved", "late_move", "late_move_unpaid", "credit_used")
LATELY = ("balance_asked", "refund_fails", "refund_waits", "disputed")
OFTEN_ABSENT = (3, 13, 27)  # clients whose pattern is worth a look


@dataclass
class Part:
    """One story and its facts; ``other`` is a second start, for whoever moves or books anew."""

    kind: str
    service: str
    start: datetime
    booked_at: datetime
    client: int
    mode: str
    chance: Random
    other: datetime | None = None


def plan(*, at: datetime) -> list[Part]:
    """Every story, in no order. ``at`` is the present; nothing of it happens here."""
    chance = Random(f"Studio Lumen {at.date()}")  # noqa: S311, a demo wants the same every time
    today = at.astimezone(ZoneInfo(ZONE)).date()
    closed = [datetime.fromisoformat(one["on"]).date() for one in studio(today)["overrides"]]
    blocks = Blocks(first=today - BACK, last=today + AHEAD + 4 * DAY, closed=closed, zone=ZONE, chance=chance)
    planner = _Planner(at=at, blocks=blocks, chance=chance)
    # Those with the narrowest choice of times first.
    rare_first = sorted(AHEAD_OF_US.items(), key=lambda kind: kind[0] in ("kept", "moved"))
    parts = [planner.ahead(kind) for kind, times in rare_first for _ in range(times)]
    kinds = [kind for kind, times in PAST.items() for _ in range(times)]
    kinds.sort(key=lambda kind: kind not in NEEDS_ANOTHER_START)
    return parts + [planner.past(kind) for kind in kinds]


class _Planner:
    def __init__(self, *, at: datetime, blocks: Blocks, chance: Random) -> None:
        self.at, self.blocks, self.chance = at, blocks, chance
        self.unseen = list(range(len(CLIENTS)))

    def past(self, kind: str) -> Part:
        # What carries on after the start (a credit, a settlement) is over by now too.
        over = 27 * HOUR if kind in ("kept", "mode_changed", "noted") else 6 * DAY
        return self._part(kind, self.at - BACK + 20 * DAY, self.at - over)

    def ahead(self, kind: str) -> Part:
        after, before = self._when(kind)
        try:
            return self._part(kind, after, before)
        except LookupError:  # a long weekend: the next time that there is
            return self._part(kind, after, before + 5 * DAY)

    def _when(self, kind: str) -> tuple[datetime, datetime]:
        """Between when and when a story of the present starts."""
        at = self.at
        return {
            "cancels_late_now": (at + 6 * HOUR, at + 42 * HOUR),
            "missed_just_now": (at - 22 * HOUR, at - 2 * HOUR),
            "credit_now": (at + DAY, at + 8 * DAY),
            "asks": (at + 3 * DAY, at + 20 * DAY),
            "pay_link": (at + 4 * DAY, at + 20 * DAY),
            **dict.fromkeys(LATELY, (at - 9 * DAY, at - 3 * DAY)),
            "holds_now": (at + 3 * DAY, at + 20 * DAY),
        }.get(kind, (at + HOUR, at + AHEAD))

    def _service(self, kind: str) -> str:
        if kind in ("declined", "unanswered", "asks"):
            return "first-lesson"
        if kind in ("pay_link", "refund_waits", "card_charged", "card_declined"):
            return "recording"
        if kind in ("kept", "no_show", "late_cancel", "provider_cancels"):
            return self.chance.choices(("voice", "recording", "first-lesson"), (78, 14, 8))[0]
        return "voice"

    def _part(self, kind: str, after: datetime, before: datetime) -> Part:
        service = self._service(kind)
        start, other = self._starts(kind, after, before, HOURS[service])
        modes = {"first-lesson": ("video", "in_person"), "recording": ("in_person",)}
        return Part(
            kind=kind,
            service=service,
            start=start,
            other=other,
            booked_at=self._booked(kind, start),
            client=self._client(kind),
            mode=self.chance.choice(modes.get(service, ("in_person", "in_person", "video"))),
            chance=Random(self.chance.random()),  # noqa: S311
        )

    def _starts(
        self, kind: str, after: datetime, before: datetime, hours: int
    ) -> tuple[datetime, datetime | None]:
        start = self.blocks.take(after=after, before=before, hours=hours)
        if kind not in NEEDS_ANOTHER_START:
            return start, None
        try:  # within the days for which a deposit keeps its worth
            return start, self.blocks.take(after=start, before=start + 2 * DAY + 12 * HOUR)
        except LookupError:
            return self._starts(kind, after, before, hours)

    def _client(self, kind: str) -> int:
        if kind.startswith(("no_show", "late_cancel", "missed")) and self.chance.random() < 0.6:
            return self.chance.choice(OFTEN_ABSENT)
        if kind == "kept" and self.unseen:
            return self.unseen.pop()
        regulars = [5 if n % 3 == 0 else 2 for n in range(len(CLIENTS))]
        return self.chance.choices(range(len(CLIENTS)), regulars)[0]

    def _booked(self, kind: str, start: datetime) -> datetime:
        """When somebody is up and at a telephone, eight days before or more; in any case in the past."""
        if kind == "holds_now":
            return self.at - 4 * MINUTE
        if kind in ("asks", "pay_link"):
            return self.at - self.chance.randrange(18, 30) * HOUR
        day = (start - 8 * DAY - self.chance.randrange(10) * DAY).astimezone(ZoneInfo(ZONE)).date()
        clock = time(self.chance.randrange(8, 22), self.chance.randrange(60), self.chance.randrange(60))
        booked_at = datetime.combine(day, clock, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
        return min(booked_at, self.at - self.chance.randrange(30, 200) * HOUR)
