"""Keeping: differences as rows, from the round that finds them to the one that finds them gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from config.refusal import Refusal
from payments.models import Difference
from payments.reconcile.found import Found

if TYPE_CHECKING:
    from booking.actors import Actor

State = Difference.State


class NotOpen(Refusal):
    """Somebody accepted it already, or it is gone."""

    code = "not_open"


class NoteNeeded(Refusal):
    """What is accepted is accepted for a reason."""

    code = "invalid"
    status = 400


@transaction.atomic(durable=True)
def keep(*, left: Iterable[Found], mended: Iterable[Found], since: datetime | None, at: datetime) -> None:
    """Writes down a round: ``left`` is open now, ``mended`` was found and is gone; what was open and was
    looked at without being found any more is gone too."""
    for found in mended:
        _write(found, State.MENDED, at=at)
    for found in left:
        _write(found, State.OPEN, at=at)
    looked_at = Q(about_at=None) | Q(about_at__gte=since) if since else Q()
    gone = Difference.objects.filter(looked_at, state=State.OPEN, seen_at__lt=at)
    gone.update(state=State.MENDED, settled_at=at)


def _write(found: Found, state: str, *, at: datetime) -> None:
    facts = {"facts": found.facts, "seen_at": at, "about_at": found.about_at}
    settled = {"state": state, "settled_at": None if state == State.OPEN else at}
    whose = {"payment": found.payment, "provider_id": _provider_of(found)}
    row, made = Difference.objects.select_for_update().get_or_create(
        kind=found.kind, thing=found.thing[:300], defaults={**facts, **settled, **whose, "found_at": at}
    )
    if made:
        return
    if row.state == State.ACCEPTED and row.facts == found.facts:
        settled = {}
    elif row.state != State.OPEN:
        settled |= {"found_at": at, "user": None, "note": ""}
    for name, value in {**facts, **settled}.items():
        setattr(row, name, value)
    row.save()


def _provider_of(found: Found) -> int | None:
    if found.provider:
        return found.provider.pk
    return found.payment.appointment.provider_id if found.payment else None


@transaction.atomic
def accept(*, difference: Difference, note: str, by: Actor, at: datetime) -> Difference:
    """A member has looked at a difference and lets it be, for a reason. Raises ``NotOpen``."""
    if not note.strip():
        detail = _("Please say why it is all right.")
        raise NoteNeeded(detail, errors={"note": [detail]})
    row = Difference.objects.select_for_update().get(pk=difference.pk)
    if row.state != State.OPEN:
        raise NotOpen(_("It is not open any more."))
    row.state, row.settled_at, row.user, row.note = State.ACCEPTED, at, by.user, note.strip()[:1000]
    row.save(update_fields=["state", "settled_at", "user", "note"])
    return row


def open_count() -> int:
    return Difference.objects.filter(state=State.OPEN).count()
