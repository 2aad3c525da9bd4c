"""How it went with a client: every appointment that ended, as the rules about patterns read it (A7).

One reading for the page of the client, the pattern, and the reminder a day ahead (rule 16)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from booking.models import Appointment, Lapse, Status
from policies.rules.patterns import Ended, How

CONSIDERED = 60  # appointments, newest first; the rules look at the last nine that count
ENDED = (Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW)


def of_client(*, client_id: int) -> list[Ended]:
    """How the last appointments of one client ended, newest first, in two queries."""
    ended = Appointment.objects.filter(client_id=client_id, status__in=ENDED)
    last = list(ended.only(*READ).order_by("-starts_at")[:CONSIDERED])
    return _read(last, _lapses(Lapse.objects.filter(client_id=client_id)))


def of_clients(*, clients: Iterable[int]) -> dict[int, list[Ended]]:
    """The same for several clients, by their keys, in two queries however many they are."""
    appointments: dict[int, list[Appointment]] = {key: [] for key in clients}
    ended = Appointment.objects.filter(client__in=list(appointments), status__in=ENDED)
    for one in ended.only(*READ).order_by("-starts_at"):
        appointments[one.client_id].append(one)
    lapses = _lapses(Lapse.objects.filter(client__in=list(appointments)))
    return {key: _read(found[:CONSIDERED], lapses) for key, found in appointments.items()}


READ = ("client_id", "status", "starts_at", "ends_at", "cancelled_at")
Lapses = dict[int, list[Lapse]]


def _lapses(rows: Iterable[Lapse]) -> Lapses:
    """By appointment, in order; what was undone has never been."""
    found: Lapses = {}
    for lapse in rows:
        if lapse.undone_at is None:
            found.setdefault(lapse.appointment_id, []).append(lapse)
    return found


def _read(appointments: list[Appointment], lapses: Lapses) -> list[Ended]:
    return [_end(one, lapses.get(one.pk, [])) for one in appointments]


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
