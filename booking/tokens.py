"""The secret in an appointment's link.

The token is an HMAC over the appointment and a generation number, so every mail can carry it while
the database keeps its SHA-256 alone. A new generation ends the old; a link is dead 90 days after
the end of the appointment."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from booking.models import Appointment, Client

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


def manage_path(appointment: Appointment) -> str:
    return f"/a/{make(appointment)}/"


def manage_url(appointment: Appointment) -> str:
    """The absolute address, from ``BASE_URL`` and never from a request (F-118)."""
    return settings.BASE_URL.rstrip("/") + manage_path(appointment)
