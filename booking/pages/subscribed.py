"""A member's own appointments, for the calendar that subscribes to them: the address is the key."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import override
from django.views.decorators.http import require_safe

from booking import tokens
from booking.models import Appointment
from booking.models.appointment import TAKING_TIME
from reminders import calendar

BACK, AHEAD = timedelta(days=60), timedelta(days=400)
MOST = 5_000


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Two months back and all that is ahead, 304 while nothing changed. A secret that ended is a 404."""
    membership = tokens.find_calendar(token)
    if membership is None:
        raise Http404
    provider, at = membership.provider, timezone.now()
    found = list(
        Appointment.objects.of(provider)
        .between(at - BACK, at + AHEAD)
        .filter(status__in=TAKING_TIME)
        .select_related("service", "client")
        .order_by("starts_at", "pk")[:MOST]
    )
    for appointment in found:
        appointment.provider = provider
    with override(membership.user.language):
        made = calendar.subscribed(provider, found, names=membership.calendar_names)
    whole = HttpResponse(
        made,
        content_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"},
    )
    etag = f'"{sha256(made).hexdigest()[:32]}"'
    whole.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=whole) or whole
