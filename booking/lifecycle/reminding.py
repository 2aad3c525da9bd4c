"""Which reminders a provider's clients get beside the main one (rule 16)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from booking import records
from booking.models import Appointment, Provider, Status
from policies.rules import patterns
from reminders import plan


@transaction.atomic
def choose_reminders(*, provider: Provider, day_ahead: bool, hours_ahead: bool, at: datetime) -> Provider:
    """The options from now on, for the appointments that stand already too: what is turned on is planned
    where there is time, what is turned off is not sent, but for those whom the rules remind anyway."""
    provider = Provider.objects.locked().get(pk=provider.pk)
    turned = {"reminder_day": day_ahead, "reminder_hours": hours_ahead}
    before = {"reminder_day": provider.day_ahead_reminder, "reminder_hours": provider.hours_ahead_reminder}
    provider.day_ahead_reminder, provider.hours_ahead_reminder = day_ahead, hours_ahead
    provider.save(update_fields=["day_ahead_reminder", "hours_ahead_reminder"])
    changed = {kind: on for kind, on in turned.items() if on != before[kind]}
    ahead = Appointment.objects.of(provider).filter(status=Status.CONFIRMED, starts_at__gt=at)
    for appointment in ahead.with_names() if changed else ():
        for kind, on in changed.items():
            if on:
                plan.option(appointment=appointment, kind=kind, at=at)
            elif kind == "reminder_hours" or not _reminded_anyway(appointment):
                plan.drop(appointment=appointment, at=at, kinds=[kind])
    return provider


def _reminded_anyway(appointment: Appointment) -> bool:
    """A day ahead: a client who lapsed lately, and one whose main reminder was left out (rules 15, 16)."""
    ended = records.of_client(client_id=appointment.client_id)
    return patterns.wants_day_ahead(ended) or not plan.has_main_reminder(appointment)
