"""The picking page as it was written a moment ago, as long as nothing of it could have changed.

One statement asks for everything that such a page is made of: the provider's version, which the database
raises with every change of what can be booked, the newest terms, and what time alone changes (the minute, and
holds that lapsed). Who comes with a session is written a page of their own."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from booking.pages import framed
from config import formats

SECONDS = 60
SHAPES_IT = ("date", "mode", "tz", "zones", "lang")
MAKES_IT_ANOTHER = ("start", "credit")
LONGEST = 64
STATEMENT = """
    SELECT s.id, p.version, p.name, p.currency, p.hourly_rate, p.language, p.is_demo,
        (SELECT max(v.id) FROM policies_policyversion v WHERE v.policy_id = s.policy_id),
        (SELECT max(b.expires_at) FROM booking_busytime b WHERE b.provider_id = p.id AND b.expires_at <= %s),
        p.hour_cycle
    FROM booking_service s JOIN booking_provider p ON p.id = s.provider_id
    WHERE p.slug = %s AND s.slug = %s
"""


def mark(request: HttpRequest, *, provider: str, service: str, at: datetime) -> str:
    """What the page that is asked for depends on, in short; empty where it must be written anew."""
    asked = [request.GET.get(name, "") for name in SHAPES_IT]
    if not _is_plain(request) or any(len(one) > LONGEST for one in asked):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [connection.ops.adapt_datetimefield_value(at), provider, service])
        row = cursor.fetchone()
    if row is None:
        return ""
    second = at.timestamp()
    minutes = (second // 60, -(-second // 60))  # notice and horizon pass a start on a full minute
    reader = (get_language(), formats.hour_cycle(otherwise=row[-1]))
    said = (settings.SECRET_KEY, row, minutes, reader, provider, service, asked)
    return "page:" + hashlib.sha256(repr(said).encode()).hexdigest()


def _is_plain(request: HttpRequest) -> bool:
    personal = {settings.SESSION_COOKIE_NAME, "messages"}
    return (
        request.method == "GET"
        and framed.of(request) is None
        and not personal & request.COOKIES.keys()
        and not any(name in request.GET for name in MAKES_IT_ANOTHER)
    )


def find(found: str) -> HttpResponse | None:
    page = cache.get(found) if found else None
    return HttpResponse(page) if page else None


def keep(found: str, page: HttpResponse) -> HttpResponse:
    if found and page.status_code == 200:
        cache.set(found, page.content, SECONDS)
    return page
