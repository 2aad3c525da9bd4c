"""A client's record: how each appointment ended, the pattern in it and what that suggests (A7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from booking.dashboard.access import Desk
from booking.dashboard.spoken import PATTERN_NAMES, PATTERN_TONES, SUGGESTIONS, said
from booking.models import Appointment, Client, Lapse, Status
from policies.rules import patterns
from policies.rules.patterns import Ended, How

CONSIDERED = 60  # appointments, newest first; the rules look at the last nine that count


@dataclass(frozen=True)
class Record:
    """``kept`` and ``lapses`` count what counts, ``excused`` what was forgiven or waived."""

    pattern: str
    tone: str
    suggestion: str
    kept: int
    lapses: int
    excused: int


def of_clients(desk: Desk, clients: list[Client]) -> dict[int, Record]:
    """The records of several clients, by their key, in two queries however many they are."""
    keys = [client.pk for client in clients]
    appointments: dict[int, list[Appointment]] = {key: [] for key in keys}
    ended = desk.appointments.filter(client__in=keys, status__in=ENDED).order_by("-starts_at")
    for one in ended.select_related(None).only("client", "status", "starts_at", "ends_at", "cancelled_at"):
        appointments[one.client_id].append(one)
    lapses: dict[int, list[Lapse]] = {}
    for lapse in desk.lapses.filter(client__in=keys, undone_at=None):
        lapses.setdefault(lapse.appointment_id, []).append(lapse)
    return {
        client.pk: _record(desk, client, appointments[client.pk][:CONSIDERED], lapses) for client in clients
    }


ENDED = (Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW)


def _record(
    desk: Desk, client: Client, appointments: list[Appointment], lapses: dict[int, list[Lapse]]
) -> Record:
    found = [_end(one, lapses.get(one.pk, [])) for one in appointments]
    pattern = patterns.pattern(found, at=desk.at, last_answer_at=client.last_answer_at)
    return Record(
        pattern=said(PATTERN_NAMES, pattern),
        tone=PATTERN_TONES.get(pattern, "plain"),
        suggestion=said(SUGGESTIONS, patterns.suggestion(pattern)),
        kept=sum(one.how == "kept" for one in found),
        lapses=sum(one.lapsed for one in found),
        excused=sum(one.excused for one in found),
    )


def _end(appointment: Appointment, lapses: list[Lapse]) -> Ended:
    """How it ended: by a lapse that counts where there is one, else by an excused one, else kept or
    cancelled. What the provider cancelled says nothing about the client."""
    counting = [lapse for lapse in lapses if lapse.excused_at is None]
    for lapse in (counting or lapses)[-1:]:
        how = cast(How, lapse.kind)
        return Ended(how=how, ended_at=lapse.at, excused=lapse.excused_at is not None)
    if appointment.status == Status.COMPLETED:
        return Ended(how="kept", ended_at=appointment.ends_at)
    return Ended(how="cancelled", ended_at=appointment.cancelled_at or appointment.ends_at)
