"""The secret in an appointment's link.

The token is an HMAC over the appointment and a generation number, so every mail can carry it while
the database keeps its SHA-256 alone. A new generation ends the old; a link is dead 90 days after
the end of the appointment. The address of a member's calendar, the one that confirms a
new e-mail address and the one that confirms a booking are made in the same way."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from booking.models import Appointment, Client, Membership

LIVES_ON = timedelta(days=90)
BYTES = 18  # 144 bits, 24 characters
CONFIRM_WITHIN = timedelta(hours=24)


def token_of(uid: UUID, generation: int) -> str:
    mac = salted_hmac("kept.appointment", f"{uid}:{generation}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac[:BYTES]).decode()


def make(appointment: Appointment) -> str:
    """The token of the appointment's present generation."""
    return token_of(appointment.uid, appointment.token_generation)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find(token: str, *, at: datetime) -> Appointment | None:
    """The appointment of a token that still lives, with provider, service and client."""
    return (
        Appointment.objects.with_names()
        .select_related("policy_version", "agreement")
        .filter(token_hash=hash_of(token), ends_at__gt=at - LIVES_ON, client__erased_at=None)
        .first()
    )


def address_token(*, client: UUID, email: str, asked_at: datetime) -> str:
    """What proves that a mail arrived at ``email``: it was sent there alone, and ends with the next wish."""
    said = f"{client}:{email}:{asked_at.astimezone(UTC).isoformat()}"
    mac = salted_hmac("kept.address", said, algorithm="sha256").digest()
    return client.hex + base64.urlsafe_b64encode(mac[:BYTES]).decode()


def find_new_address(token: str, *, at: datetime) -> Client | None:
    """The client who asked for the address to which this token went, within a day."""
    try:
        uid = UUID(hex=token[:32])
    except ValueError:
        return None
    waiting = Client.objects.exclude(new_email="").select_related("provider")
    client = waiting.filter(uid=uid, erased_at=None, new_email_asked_at__gt=at - CONFIRM_WITHIN).first()
    if client is None or client.new_email_asked_at is None:
        return None
    right = address_token(client=client.uid, email=client.new_email, asked_at=client.new_email_asked_at)
    return client if constant_time_compare(right, token) else None


def address_url(token: str) -> str:
    """Where a new address is confirmed, from ``BASE_URL``."""
    return f"{settings.BASE_URL.rstrip('/')}/a/address/{token}/"


def yes_token(appointment: Appointment) -> str:
    """What proves that the mail about a booking arrived: it was sent to its client's address of now alone."""
    said = f"{appointment.uid}:{appointment.token_generation}:{appointment.client.email}"
    mac = salted_hmac("kept.yes", said, algorithm="sha256").digest()
    return appointment.uid.hex + base64.urlsafe_b64encode(mac[:BYTES]).decode()


def find_booking(token: str, *, at: datetime) -> Appointment | None:
    """The booking whose mail had this token, while its own link lives."""
    try:
        uid = UUID(hex=token[:32])
    except ValueError:
        return None
    rows = Appointment.objects.with_names().select_related("policy_version", "agreement")
    found = rows.filter(uid=uid, ends_at__gt=at - LIVES_ON, client__erased_at=None).first()
    return found if found and constant_time_compare(yes_token(found), token) else None


def yes_url(appointment: Appointment) -> str:
    """Where a booking is confirmed, from ``BASE_URL``."""
    return f"{settings.BASE_URL.rstrip('/')}/a/yes/{yes_token(appointment)}/"


def calendar_token(membership: Membership) -> str:
    """The secret in the address of a member's calendar, of its present generation."""
    said = f"{membership.pk}:{membership.calendar_generation}"
    mac = salted_hmac("kept.calendar", said, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac[:BYTES]).decode()


def open_calendar(*, membership: Membership, names: bool) -> None:
    """A member's calendar gets an address, and the one that it had ends."""
    membership.calendar_generation += 1
    membership.calendar_hash = hash_of(calendar_token(membership))
    membership.calendar_names = names
    membership.save(update_fields=["calendar_generation", "calendar_hash", "calendar_names"])


def close_calendar(*, membership: Membership) -> None:
    """The address of a member's calendar ends."""
    membership.calendar_hash = None
    membership.save(update_fields=["calendar_hash"])


def calendar_url(membership: Membership) -> str:
    """Where a calendar subscribes to a member's appointments, from ``BASE_URL``."""
    return f"{settings.BASE_URL.rstrip('/')}/calendar/{calendar_token(membership)}.ics"


def find_calendar(token: str) -> Membership | None:
    """The member whose calendar address carries this secret, with provider and user."""
    members = Membership.objects.select_related("provider", "user")
    return members.filter(calendar_hash=hash_of(token), user__is_active=True).first()


def manage_path(appointment: Appointment) -> str:
    return f"/a/{make(appointment)}/"


def manage_url(appointment: Appointment) -> str:
    """The absolute address, from ``BASE_URL`` and never from a request (F-118)."""
    return settings.BASE_URL.rstrip("/") + manage_path(appointment)
