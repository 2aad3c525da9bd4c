"""Nobody keeps a provider's time from others by bookings that are never paid or answered (F-108)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.models.appointment import WAITING
from config import network
from config.refusal import Refusal

MOST = 20  # far more than a household books at once, a small part of anybody's month


class TooManyHolds(Refusal):
    """This address has many times waiting already; they lapse by themselves."""

    code = "too_many_holds"
    status = 429


def check(*, ip: str | None, at: datetime) -> None:
    """Refuses one more time for an address that has ``MOST`` waiting; LIMITS_EXEMPT is honoured."""
    if ip is None or network.is_exempt(ip):
        return
    waiting = Appointment.objects.filter(status__in=WAITING, hold_expires_at__gt=at, agreement__ip_address=ip)
    if waiting.count() >= MOST:
        raise TooManyHolds(_("You have several bookings waiting. Please pay or cancel one of them first."))
