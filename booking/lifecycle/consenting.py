"""The explicit consent to answers about health: written down with the booking, and taken back when the client wants."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from booking import health
from booking.actors import Actor
from booking.lifecycle.steps import NotAllowed, record, take
from booking.models import Appointment, HealthConsent, IdempotencyKey

Act = HealthConsent.Act


def agree_about_health(
    appointment: Appointment, *, agrees: bool, language: str, by: Actor, at: datetime
) -> None:
    """Writes the consent where there are answers about health. Refuses with `health.ConsentNeeded`."""
    service = appointment.service
    if not health.answered(appointment.answers, service.questions):
        return
    if not agrees:
        raise health.needed()
    text = health.words(service.provider, language=language)
    _write(appointment, Act.GIVEN, text, language, health.asked(service.questions), by=by, at=at)


@transaction.atomic
def withdraw_consent(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """The client takes the consent back: the answers about health are erased, in a series those of all its
    appointments. What was agreed and when it ended stays on record."""
    appointment = take(appointment)
    given = [one for one in _of_its_series(appointment) if one.act == Act.GIVEN]
    ended = {one.appointment_id for one in _of_its_series(appointment) if one.act == Act.WITHDRAWN}
    live = [one for one in given if one.appointment_id not in ended]
    if not live:
        raise NotAllowed("no_consent", _("There is no consent that could be taken back."))
    for one in live:
        theirs = appointment if one.appointment_id == appointment.pk else one.appointment
        theirs.answers = health.without(theirs.answers, one.questions)
        theirs.save(update_fields=["answers"])
        _forget_copies(theirs)
        _write(theirs, Act.WITHDRAWN, one.text, one.language, one.questions, by=by, at=at)
        record(theirs, "health_consent_withdrawn", by=by, at=at)
    return appointment


def _of_its_series(appointment: Appointment) -> QuerySet[HealthConsent]:
    first = appointment.series_first_id or appointment.pk
    of_it = Q(appointment=first) | Q(appointment__series_first=first)
    return HealthConsent.objects.filter(of_it).select_related("appointment__client")


def _forget_copies(appointment: Appointment) -> None:
    """Answers to programs that are kept for a day may hold what was erased."""
    IdempotencyKey.objects.filter(answer__icontains=str(appointment.uid)).delete()


def _write(
    appointment: Appointment,
    act: Act,
    text: str,
    language: str,
    questions: list[str],
    *,
    by: Actor,
    at: datetime,
) -> None:
    HealthConsent.objects.create(
        appointment=appointment,
        act=act,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        language=language,
        questions=questions,
        by=by.kind,
        at=at,
    )
