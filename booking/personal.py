"""What the tables of bookings hold about a client (see config/personal.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from booking.models import IdempotencyKey, LinksWish
from config.personal import Personal

if TYPE_CHECKING:
    from booking.models import Client


def _name(client: Client) -> str:
    """A number instead of a name, so that two who were erased are not taken for one."""
    return f"#{client.uid.hex[:6].upper()}"


def _address(client: Client) -> str:
    return f"erased-{client.uid.hex}@erased.invalid"


def _answers(client: Client) -> QuerySet[IdempotencyKey]:
    """Answers kept for a day that speak of the client or one of its appointments."""
    known = dict(client.appointments.values_list("pk", "uid"))
    scopes = {f"appointment {pk}" for pk in known}
    marks = {str(client.uid), client.email, *(str(uid) for uid in known.values())}
    pks = [
        key.pk
        for key in IdempotencyKey.objects.only("scope", "answer").iterator()
        if key.scope.partition(":")[2] in scopes or any(mark in str(key.answer) for mark in marks)
    ]
    return IdempotencyKey.objects.filter(pk__in=pks)


def _wishes(client: Client) -> QuerySet[LinksWish]:
    found = LinksWish.objects.filter(provider=client.provider_id, email__iexact=client.email)
    return LinksWish.objects.filter(pk__in=list(found.values_list("pk", flat=True)))


PERSONAL = [
    Personal(
        "booking.Client",
        _("Who you are, how you are reached and what suits you"),
        of=("pk",),
        blank={
            "name": _name,
            "email": _address,
            "phone": "",
            "preferences": {},
            "blocked_at": None,
            "blocked_reason": "",
            "mail_bounced_at": None,
            "mail_complained_at": None,
            "mail_trouble": "",
            "new_email": "",
            "new_email_asked_at": None,
        },
    ),
    Personal(
        "booking.Appointment",
        _("Your appointments, with what you answered"),
        of=("client",),
        blank={"answers": {}, "room": "", "urgent_reason": "", "urgent_at": None},
    ),
    Personal(
        "booking.HealthConsent",
        _("That you agreed to answers about your health being kept, or took it back"),
        of=("appointment__client",),
    ),
    Personal(
        "booking.TimelineEntry",
        _("What happened to each appointment"),
        of=("appointment__client",),
        blank={"facts": {}},
    ),
    Personal("booking.Move", _("When appointments were moved"), of=("appointment__client",)),
    Personal("booking.Lapse", _("Late changes and missed appointments"), of=("client",)),
    Personal(
        "booking.Proposal",
        _("Times that were proposed to you"),
        of=("appointment__client",),
        blank={"note": ""},
    ),
    Personal(
        "booking.Concern",
        _("When your provider was asked to have a word with you, and what came of it"),
        of=("client",),
        blank={"reason": "", "note": ""},
    ),
    Personal(
        "booking.ClientNote",
        _("What your provider wrote down about you"),
        of=("client",),
        blank={"text": ""},
        gone=True,
    ),
    Personal(
        "booking.SharedNote",
        _("What your provider wrote to you on the page of an appointment"),
        of=("appointment__client",),
        blank={"text": ""},
        gone=True,
    ),
    Personal(
        "booking.LinksWish",
        _("That somebody asked for your links, until the answer went out"),
        find=_wishes,
        blank={"email": ""},
        gone=True,
    ),
    Personal(
        "booking.IdempotencyKey",
        _("Answers to programs that booked for you, kept for a day"),
        find=_answers,
        blank={"answer": None},
        gone=True,
    ),
]

HARMLESS = {
    "booking.Provider": (
        "slug",
        "name",
        "email",
        "phone",
        "timezone",
        "currency",
        "language",
        "hour_cycle",
        "about",
        "places",
        "cost_offer",
        "embed_sites",
        "limits",
        "brand",
    ),
    "booking.Logo": ("sha256", "content"),
    "booking.LegalText": ("kind", "texts"),
    "booking.Membership": ("role", "calendar_hash"),
    "booking.ApiToken": ("name", "token_hash", "scopes"),
    "booking.Invitation": ("email", "role", "token_hash"),
    "booking.Client": ("language", "hour_cycle", "timezone"),
    "booking.Service": ("slug", "name", "about", "modes", "questions", "limits"),
    # The hash is of a token that no database holds; the link is dead with the client.
    "booking.Appointment": (
        "status",
        "mode",
        "currency",
        "timezone",
        "language",
        "hour_cycle",
        "cancelled_by",
        "cancel_reason",
        "token_hash",
    ),
    # The text is ours; which questions it was about says nothing of the answers.
    "booking.HealthConsent": ("act", "text", "sha256", "language", "questions", "by"),
    "booking.BusyTime": ("kind",),
    "booking.TimeOff": ("title",),
    "booking.Override": ("origin",),
    "booking.Holidays": ("country", "region", "closed"),
    # The provider's own life; gone with the calendar that it was read from.
    "booking.BusyCalendar": ("name", "secret", "zone", "etag", "modified", "digest", "trouble"),
    "booking.BusyElsewhere": ("title",),
    # Where the provider's own programs are; what they are told is made when it leaves.
    "booking.WebhookEndpoint": ("url", "events", "secret", "old_secret"),
    "booking.WebhookDelivery": ("event", "state", "trouble"),
    "booking.Move": ("state", "by", "outcome"),
    "booking.Lapse": ("kind",),
    "booking.Business": (
        "legal_name",
        "address",
        "tax_number",
        "tax_name",
        "receipt_prefix",
        "note",
    ),
    "booking.Concern": ("pattern", "state", "decision"),
    "booking.IdempotencyKey": ("scope", "key", "request_hash"),
    "booking.Proposal": ("state",),
    "booking.TimelineEntry": ("kind", "by"),
    "booking.User": ("password", "email", "name", "language"),
}
