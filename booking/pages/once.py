"""A form that is sent twice is one booking (F-13): the same guarantee as the API's ``Idempotency-Key``."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect

from booking.api import idempotency
from booking.models import Appointment, IdempotencyKey, Service
from config.refusal import Refusal

LONGEST = 64
NOT_SAID = ("csrfmiddlewaretoken", "seal")


def scope(service: Service) -> str:
    """Forms of one page."""
    return f"page {service.pk}"


def new_key() -> str:
    """For one showing of the form."""
    return secrets.token_urlsafe(16)


def booked(
    *, scope: str, said: Mapping[str, object], act: Callable[[], Appointment], at: datetime
) -> Appointment:
    """What ``act`` books, or booked before for the very same form. Of two that are sent at once the slower one
    gets the booking of the first, not *somebody was faster*. A form without a key is on its own."""
    key = str(said.get("key") or "")
    if not key or len(key) > LONGEST:
        return act()
    row = {"scope": scope, "key": mark(said), "request_hash": hashed(key)}
    return idempotency.patiently(lambda: known(row) or acted(row, act, at=at))


def by_form(*, scope: str, key: str) -> Appointment | None:
    """What one showing of the form booked, however it was filled in."""
    return known({"scope": scope, "request_hash": hashed(key)}) if key else None


def led(
    *, scope: str, path: str, said: Mapping[str, object], act: Callable[[], HttpResponse], at: datetime
) -> HttpResponse:
    """What ``act`` answers to a form that is shown with a key; the very same form again is led where it led then. Of two
    that are sent at once the slower one is undone by the unique key, or refused, and led there too."""
    row = {"scope": scope, "key": hashed(path + mark(said))}
    try:
        with transaction.atomic():
            if first := _led_before(row):
                return first
            response = act()
            if (
                response.status_code != HttpResponseRedirect.status_code
            ):  # refused, maybe for what the other one added
                return _led_before(row) or response
            answer = {"location": response["Location"]}
            IdempotencyKey.objects.create(**row, request_hash="", status=302, answer=answer, created_at=at)
            return response
    except IntegrityError:
        if first := _led_before(row):
            return first
        raise


def _led_before(row: dict[str, str]) -> HttpResponse | None:
    kept = IdempotencyKey.objects.filter(**row).first()
    return HttpResponseRedirect(kept.answer["location"]) if kept and kept.answer else None


def mark(said: Mapping[str, object]) -> str:
    """One for each form as it was filled in: what was changed is another wish."""
    lists = getattr(said, "lists", None)
    pairs = sorted(
        (name, value) for name, value in (lists() if lists else said.items()) if name not in NOT_SAID
    )
    return hashed(repr(pairs))


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def known(row: dict[str, str]) -> Appointment | None:
    kept = IdempotencyKey.objects.filter(**row).first()
    if kept is None or kept.answer is None:
        return None
    return Appointment.objects.with_names().filter(uid=kept.answer["appointment"]).first()


def acted(row: dict[str, str], act: Callable[[], Appointment], *, at: datetime) -> Appointment:
    try:
        with transaction.atomic():
            made = act()
            IdempotencyKey.objects.create(
                **row,
                status=201,
                answer={"appointment": str(made.uid)},
                created_at=at,
            )
            return made
    except (IntegrityError, Refusal):
        first = known(row)
        if first is None:
            raise
        return first
