"""A client's record: how each appointment ended, the pattern in it and what that suggests (A7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from booking import records
from booking.dashboard.desk import Desk
from booking.models import Client
from booking.telling.spoken import PATTERN_NAMES, PATTERN_TONES, SUGGESTIONS, said
from policies.rules import patterns
from policies.rules.patterns import Ended


@dataclass(frozen=True)
class Record:
    """``code`` is the pattern as the rules name it. ``kept`` and ``lapses`` count what counts, ``excused``
    what was forgiven or waived."""

    code: str
    pattern: str
    tone: str
    suggestion: str
    kept: int
    lapses: int
    excused: int


def of_clients(desk: Desk, clients: list[Client]) -> dict[int, Record]:
    """The records of several clients, by their key, in two queries however many they are."""
    found = records.of_clients(clients=[client.pk for client in clients])
    return {client.pk: _record(client, found[client.pk], at=desk.at) for client in clients}


def _record(client: Client, found: list[Ended], *, at: datetime) -> Record:
    pattern = patterns.pattern(found, at=at, last_answer_at=client.last_answer_at)
    return Record(
        code=pattern,
        pattern=said(PATTERN_NAMES, pattern),
        tone=PATTERN_TONES.get(pattern, "plain"),
        suggestion=said(SUGGESTIONS, patterns.suggestion(pattern)),
        kept=sum(one.how == "kept" for one in found),
        lapses=sum(one.lapsed for one in found),
        excused=sum(one.excused for one in found),
    )
