"""What the tables of messages hold about a client (see config/personal.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from config.personal import Personal
from reminders.models import MailEvent, Message

if TYPE_CHECKING:
    from booking.models import Client

BOUNCED = "mail_bounced"
UNSAID = {"facts": {}, "address": "", "subject": "", "text": "", "html": "", "failure": "", "relay_id": ""}


def of_client(client: Client) -> Q:
    """Messages to the client, and those to the provider that are about the client alone."""
    named = Q(kind=BOUNCED, about__startswith=str(client.uid))
    return Q(appointment__client=client.pk) | Q(client=client.pk) | named


def _messages(client: Client) -> QuerySet[Message]:
    """With the summaries that told of one of them: these are read once, and keep what else they say no longer."""
    own = set(Message.objects.filter(of_client(client)).order_by().values_list("pk", "told_in"))
    pks = {pk for pair in own for pk in pair if pk}
    return Message.objects.filter(pk__in=pks)


def forget(message: Message) -> None:
    """Of a mail that left while its client was being erased, the words go too. As SQL, for it is asked of every
    mail."""
    if message.person is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ERASED, [message.person.pk])
        if cursor.fetchone():
            Message.objects.filter(pk=message.pk).update(**UNSAID)


_ERASED = "SELECT 1 FROM booking_client WHERE id = %s AND erased_at IS NOT NULL"


def _events(client: Client) -> QuerySet[MailEvent]:
    its = Q(message__appointment__client=client.pk) | Q(message__client=client.pk)
    found = MailEvent.objects.filter(its | Q(address__iexact=client.email, message=None))
    return MailEvent.objects.filter(pk__in=list(found.values_list("pk", flat=True)))


PERSONAL = [
    Personal(
        "reminders.Message",
        _("Messages to you, and those about you"),
        find=_messages,
        blank={
            **UNSAID,
            # Such a one bears a mark of the address that it speaks of.
            "about": Case(
                When(kind=BOUNCED, then=Concat(Value("erased:"), Cast("pk", CharField()))), default=F("about")
            ),
            "told_in": None,
        },
        others=Q(kind="daily"),
    ),
    Personal(
        "reminders.Consent",
        _("What you agreed to receive, and what you took back"),
        of=("client",),
        blank={"phone": "", "words": ""},
    ),
    Personal(
        "reminders.MailEvent",
        _("Mails to you that came back or were unwanted"),
        find=_events,
        blank={"address": "", "reason": ""},
    ),
]

HARMLESS = {
    "reminders.Message": ("kind", "to", "channel", "state", "language"),
    "reminders.Route": ("name", "kind", "service", "secret", "target", "used_month", "last_failure"),
    "reminders.Consent": ("channel", "state", "how"),
    "reminders.Notice": ("group", "how", "channels"),
    "reminders.MailEvent": ("sender", "event_id", "kind"),
    "reminders.Adapted": ("kind", "language", "subject", "heading", "opening", "closing"),
}
