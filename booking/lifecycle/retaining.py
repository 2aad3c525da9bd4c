"""What is kept no longer than it is needed, by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from booking.actors import SYSTEM
from booking.lifecycle.erasing import erase
from booking.lifecycle.steps import each
from booking.models import Appointment, Client, ClientNote, Concern, SharedNote, Status
from payments.models import Payment
from reminders.models import MailEvent

UNPAID_HOLDS = timedelta(days=30)
NOTES = timedelta(days=365)
LOGS = timedelta(days=90)


def forget_strangers(*, at: datetime) -> int:
    """Sweep: who only ever held a time, or asked for one, and never paid or came is erased after 30 days."""
    its = Appointment.objects.filter(client=OuterRef("pk"))
    never = (Status.EXPIRED, Status.DECLINED)
    more = its.exclude(status__in=never, created_at__lte=at - UNPAID_HOLDS)
    paid = Payment.objects.filter(deposit__appointment__client=OuterRef("pk"), state=Payment.State.PAID)
    strangers = Client.objects.filter(Exists(its), ~Exists(more), ~Exists(paid), erased_at=None)
    return each(
        strangers.filter(blocked_at=None).order_by("pk"),
        lambda client: erase(client=client, by=SYSTEM, at=at),
    )


def forget_notes(*, at: datetime) -> int:
    """Sweep: a year after the last appointment, notes about a client and what they answered go."""
    its = Appointment.objects.filter(client=OuterRef("pk"))
    notes = ClientNote.objects.filter(client=OuterRef("pk"))
    shared = SharedNote.objects.filter(appointment__client=OuterRef("pk"))
    concerns = Concern.objects.filter(client=OuterRef("pk")).exclude(note="")
    said = its.exclude(answers={}, urgent_reason="")
    quiet = Client.objects.filter(
        Exists(its),
        ~Exists(its.filter(ends_at__gt=at - NOTES)),
        Exists(notes) | Exists(shared) | Exists(concerns) | Exists(said),
    )
    return each(quiet.order_by("pk"), _forget_notes)


@transaction.atomic
def _forget_notes(client: Client) -> None:
    client.notes.all().delete()
    SharedNote.objects.filter(appointment__client=client).delete()
    client.concerns.update(note="")
    client.appointments.exclude(answers={}, urgent_reason="").update(
        answers={}, urgent_reason="", urgent_at=None
    )


def forget_logs(*, at: datetime) -> int:
    """Sweep: after 90 days a report of a bounce says no more to whom, and log-ins that ended go."""
    said: QuerySet[MailEvent] = MailEvent.objects.filter(~Q(address="") | ~Q(reason=""), at__lte=at - LOGS)
    ended, _by_model = Session.objects.filter(expire_date__lte=at).delete()
    return said.update(address="", reason="") + ended
