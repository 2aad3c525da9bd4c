"""Takes away a demo that was stopped half-way, so that it can be made anew. History is append-only, so
this is done with the guards down, in one transaction that puts them back."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Q

from booking.models import Appointment, HealthConsent, Lapse, Move, Proposal, Provider, TimelineEntry, User
from config import guards
from payments.models import (
    Charge,
    ConnectedAccount,
    Credit,
    Decision,
    Deposit,
    Difference,
    Dispute,
    LedgerEntry,
    Paper,
    PaperSeries,
    Payment,
    Refund,
    Repayment,
    SavedCard,
    Settlement,
    Waiver,
)
from policies.models import Agreement, PolicyException
from reminders.models import Consent, MailEvent, Message


@transaction.atomic
def clear(provider: Provider, *, emails: list[str]) -> None:
    """Everything of a provider of the demo, and the log-ins that it made."""
    if not provider.is_demo:
        raise ValueError(f"{provider.slug} is not the demo's")
    # PostgreSQL changes no table on which a check still waits; here and below none does any more.
    connection.check_constraints()
    guards.drop(connection)
    # By ids: a database that has not counted these rows yet plans joins of them badly.
    booked = list(Appointment.objects.filter(provider=provider).values_list("pk", flat=True))
    paid = list(Deposit.objects.filter(appointment__in=booked).values_list("pk", flat=True))
    owed = list(Charge.objects.filter(appointment__in=booked).values_list("pk", flat=True))
    of_these = Q(deposit__in=paid) | Q(charge__in=owed)
    payments = list(Payment.objects.filter(of_these).values_list("pk", flat=True))
    settled = list(Settlement.objects.filter(appointment__in=booked).values_list("pk", flat=True))
    # What points at each other lets go first.
    Deposit.objects.filter(pk__in=paid).update(credit=None)
    Refund.objects.filter(of_these).update(repayment=None)
    for rows in (
        MailEvent.objects.filter(message__provider=provider),
        Consent.objects.filter(client__provider=provider),
        Message.objects.filter(provider=provider, told_in__isnull=False),
        Message.objects.filter(provider=provider),
        Paper.objects.filter(provider=provider, kind=Paper.Kind.CORRECTION),
        Paper.objects.filter(provider=provider, kind=Paper.Kind.CREDIT_NOTE),
        Paper.objects.filter(provider=provider),
        PaperSeries.objects.filter(provider=provider),
        Difference.objects.filter(Q(provider=provider) | Q(payment__in=payments)),
        Dispute.objects.filter(payment__in=payments),
        Repayment.objects.filter(of_these),
        Refund.objects.filter(of_these),
        LedgerEntry.objects.filter(of_these),
        Payment.objects.filter(pk__in=payments),
        SavedCard.objects.filter(appointment__in=booked),
        ConnectedAccount.objects.filter(provider=provider),
        Waiver.objects.filter(charge__in=owed),
        Charge.objects.filter(pk__in=owed),
        Decision.objects.filter(settlement__in=settled),
        Settlement.objects.filter(pk__in=settled),
        Credit.objects.filter(deposit__in=paid),
        Deposit.objects.filter(pk__in=paid),
        PolicyException.objects.filter(appointment__in=booked),
        Agreement.objects.filter(appointment__in=booked),
        HealthConsent.objects.filter(appointment__in=booked),
        Lapse.objects.filter(appointment__in=booked),
        TimelineEntry.objects.filter(appointment__in=booked),
        Proposal.objects.filter(appointment__in=booked),
        Move.objects.filter(appointment__in=booked),
        Appointment.objects.filter(pk__in=booked),
        provider.services.all(),
        Provider.objects.filter(pk=provider.pk),
        User.objects.filter(email__in=emails, memberships=None),
    ):
        rows.delete()
    connection.check_constraints()
    guards.install(connection)
