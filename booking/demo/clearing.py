"""Takes away a demo that was stopped half-way, so that it can be made anew. History is append-only, so
this is done with the guards down, in one transaction that puts them back."""

from __future__ import annotations

from django.db import connection, transaction

from booking.models import Appointment, Lapse, Move, Provider, TimelineEntry, User
from config import guards
from payments.models import Charge, Credit, Deposit, LedgerEntry, Payment, Refund, Settlement
from policies.models import Agreement, PolicyException
from reminders.models import Message


@transaction.atomic
def clear(provider: Provider, *, emails: list[str]) -> None:
    """Everything of a provider of the demo, and the log-ins that it made."""
    if not provider.is_demo:
        raise ValueError(f"{provider.slug} is not the demo's")
    # PostgreSQL changes no table on which a check still waits; here and below none does any more.
    connection.check_constraints()
    guards.drop(connection)
    Deposit.objects.filter(appointment__provider=provider).update(credit=None)
    for rows in (
        Message.objects.filter(provider=provider),
        Charge.objects.filter(appointment__provider=provider),
        Settlement.objects.filter(appointment__provider=provider),
        Refund.objects.filter(deposit__appointment__provider=provider),
        LedgerEntry.objects.filter(deposit__appointment__provider=provider),
        Payment.objects.filter(deposit__appointment__provider=provider),
        Credit.objects.filter(deposit__appointment__provider=provider),
        Deposit.objects.filter(appointment__provider=provider),
        PolicyException.objects.filter(appointment__provider=provider),
        Agreement.objects.filter(appointment__provider=provider),
        Lapse.objects.filter(appointment__provider=provider),
        TimelineEntry.objects.filter(appointment__provider=provider),
        Move.objects.filter(appointment__provider=provider),
        Appointment.objects.filter(provider=provider),
        provider.services.all(),
        Provider.objects.filter(pk=provider.pk),
        User.objects.filter(email__in=emails, memberships=None),
    ):
        rows.delete()
    connection.check_constraints()
    guards.install(connection)
