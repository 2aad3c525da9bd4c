"""Two clients turn out to be one person: what either had is had by the one that stays (A7)."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking.actors import Actor
from booking.lifecycle.steps import NotAllowed
from booking.models import Appointment, Client, ClientNote, Concern, Lapse, Provider
from config import personal
from payments.models import Credit, Paper, SavedCard
from reminders import consents
from reminders.models import Consent, Message

log = logging.getLogger(__name__)

STANDING = (Concern.State.OPEN, Concern.State.WAITING)


@transaction.atomic
def merge(*, stays: Client, goes: Client, by: Actor, at: datetime) -> Client:
    """Appointments, money, messages and notes of ``goes`` are those of ``stays`` from now on; of ``goes`` a number is
    left that names ``stays``. Cannot be taken back. Name, address and language of ``stays`` count, and what it lacks is
    filled in. Raises `NotAllowed` for somebody who was erased or merged already, and for one and the same."""
    Provider.objects.locked().get(pk=stays.provider_id)
    both = Client.objects.select_for_update(of=("self",)).filter(
        provider=stays.provider_id, pk__in=[stays.pk, goes.pk], erased_at=None
    )
    known = {one.pk: one for one in both.order_by("pk")}
    if len(known) < 2:
        raise NotAllowed("not_two", _("These are not two clients any more: look at their pages again."))
    stays, goes = known[stays.pk], known[goes.pk]
    assert by.user
    text = _("Merged with %(name)s, %(email)s.") % {"name": goes.name, "email": goes.email}
    ClientNote.objects.create(client=stays, user=by.user, text=text, written_at=at)
    _hand_over(stays, goes)
    _fill_in(stays, goes, at=at)
    _leave_a_number(stays, goes, by=by, at=at)
    log.info("client merged: %s into %s", goes.uid, stays.uid)
    return stays


def _hand_over(stays: Client, goes: Client) -> None:
    """All rows that are somebody's. The appointments go first: the database asks whose the others are."""
    asked = Concern.objects.filter(client=stays, state__in=STANDING).values_list("pattern", flat=True)
    twice = Concern.objects.filter(client=goes, state__in=STANDING, pattern__in=list(asked))
    twice.update(state=Concern.State.DROPPED)
    for model in (Appointment, Lapse, Concern, ClientNote, Credit, SavedCard, Paper, Message):
        model._base_manager.filter(client=goes).update(client=stays)


def _fill_in(stays: Client, goes: Client, *, at: datetime) -> None:
    """What ``stays`` lacks. A block holds for both; who was known longer was known by either name."""
    stays.phone = stays.phone or goes.phone
    stays.preferences = stays.preferences or goes.preferences
    stays.created_at = min(stays.created_at, goes.created_at)
    stays.last_answer_at = max(filter(None, (stays.last_answer_at, goes.last_answer_at)), default=None)
    if goes.blocked_at and not stays.blocked_at:
        stays.blocked_at, stays.blocked_reason = goes.blocked_at, goes.blocked_reason
    changed = ("phone", "preferences", "created_at", "last_answer_at", "blocked_at", "blocked_reason")
    stays.save(update_fields=changed)
    _keep_every_no(stays, goes, at=at)


def _keep_every_no(stays: Client, goes: Client, *, at: datetime) -> None:
    """A yes was given for one number and is not moved to another; a no is kept, whichever name it was said under."""
    last = {one.channel: one for one in Consent.objects.filter(client=goes).order_by("pk")}
    for channel, said in last.items():
        if said.state == Consent.State.WITHDRAWN:
            consents.record(client=stays, channel=channel, give=False, how=said.how, at=at)


def _leave_a_number(stays: Client, goes: Client, *, by: Actor, at: datetime) -> None:
    """Nothing is left with ``goes`` but what it agreed to, and that without words, as of anybody who was erased."""
    (own, row), *others = [(held, held.rows(goes)) for held in personal.declared()]
    own.erase(goes, row, erased_at=at, erased_by=by.user, merged_into=stays)
    for held, rows in others:
        held.erase(goes, rows)
