"""The provider says no to a request, kindly and with other times (A5, A15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from booking.actors import Actor
from booking.lifecycle.expiring import free_lapsed
from booking.lifecycle.proposing import DECIDES_WITHIN, facts_of, hold_proposed
from booking.lifecycle.steps import must_be, offers, record, take
from booking.models import Appointment, Status
from config import as_json
from reminders import plan


@transaction.atomic
def decline(
    *,
    appointment: Appointment,
    note: str,
    by: Actor,
    at: datetime,
    starts: Sequence[datetime] = (),
) -> list[datetime]:
    """Decline. The client is offered ``starts``, which are held while it decides, or else three that are
    free. Returns what was offered."""
    appointment = take(appointment)
    must_be(appointment, Status.REQUESTED)
    appointment.to_status(Status.DECLINED)
    record(appointment, "declined", by=by, at=at, note=note)
    plan.drop(appointment=appointment, at=at)
    facts: dict[str, object] = {"note": note}
    if starts:
        free_lapsed(appointment.provider, at=at)
        proposal = hold_proposed(appointment, starts, note=note, within=DECIDES_WITHIN, by=by, at=at)
        record(appointment, "proposed", by=by, at=at, **facts_of(proposal) | {"note": ""})
        offered, facts = [one.start_at for one in proposal.times.all()], facts_of(proposal)
    else:
        offered = offers(appointment, at=at)
        facts["offers"] = as_json.instants(offered)
    plan.tell(appointment=appointment, kind="declined", to="client", at=at, facts=facts)
    return offered
