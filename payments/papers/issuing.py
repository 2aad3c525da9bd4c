"""Issuing papers: a receipt when money arrived, a credit note when it went back, a correction when it
did not arrive there after all.

Each is issued in the transaction that writes the money down, so there is no money without its paper and
no number without money. The row of the series is locked last of all rows, and until the end of it."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from payments.models import Paper, PaperSeries, Payment, Refund
from payments.models.papers import LETTERS
from payments.papers import facts
from policies.rules import tax

if TYPE_CHECKING:
    from booking.models import Appointment

log = logging.getLogger(__name__)

Kind = Paper.Kind
EVER_PAID = (Payment.State.PAID, Payment.State.UNDONE)
PART_OF_PRICE = ("deposit", "balance")


def receipt(*, payment: Payment, at: datetime) -> Paper:
    """The receipt of a payment that arrived; issued once."""
    found = Paper.objects.filter(payment=payment, kind=Kind.RECEIPT).first()
    if found:
        return found
    appointment = payment.appointment
    series = _next(appointment, Kind.RECEIPT, at=at)
    said = facts.of_payment(payment)
    return _write(
        series,
        appointment,
        at=at,
        payment=payment,
        amount=payment.amount,
        tax=_tax_within(appointment, said["for"], payment.amount, said["tax"]),
        tax_rate=said["tax"]["rate"] if said["tax"] else None,
        facts=said,
    )


def follow(*, refund: Refund, at: datetime) -> Paper | None:
    """The paper that a refund's state asks for: a credit note once it is done, its correction when it
    failed after that. None where there is nothing to write."""
    note = Paper.objects.filter(refund=refund, kind=Kind.CREDIT_NOTE).first()
    if refund.state == Refund.State.DONE:
        return note or _credit_note(refund.payment, refund.amount, refund=refund, at=at)
    if refund.state == Refund.State.FAILED and note:
        return _correction(note, refund, at=at)
    return None


def undone(*, payment: Payment, at: datetime) -> Paper:
    """The credit note of a payment that was written down by hand, and was a mistake."""
    found = Paper.objects.filter(payment=payment, kind=Kind.CREDIT_NOTE, refund=None).first()
    return found or _credit_note(payment, payment.amount, refund=None, at=at)


def issue_missing(*, at: datetime, limit: int = 1000) -> int:
    """Papers of money that moved before there were papers, oldest first, each in a transaction of its
    own. Returns how many were issued."""
    issued = 0
    for payment in _without_receipt()[:limit]:
        issued += _issue(lambda payment=payment: receipt(payment=payment, at=at), payment)
    for refund in _without_note()[:limit]:
        issued += _issue(lambda refund=refund: follow(refund=refund, at=at), refund)
    for payment in _undone_without_note()[:limit]:
        issued += _issue(lambda payment=payment: undone(payment=payment, at=at), payment)
    return issued


def _without_receipt() -> QuerySet[Payment]:
    there = Paper.objects.filter(payment=OuterRef("pk"), kind=Kind.RECEIPT)
    return Payment.objects.filter(~Exists(there), state__in=EVER_PAID).order_by("paid_at", "pk")


def _without_note() -> QuerySet[Refund]:
    notes = Paper.objects.filter(refund=OuterRef("pk"))
    note, correction = notes.filter(kind=Kind.CREDIT_NOTE), notes.filter(kind=Kind.CORRECTION)
    missing = Q(~Exists(note), state=Refund.State.DONE)
    missing |= Q(Exists(note), ~Exists(correction), state=Refund.State.FAILED)
    return Refund.objects.filter(missing).order_by("settled_at", "pk")


def _undone_without_note() -> QuerySet[Payment]:
    note = Paper.objects.filter(payment=OuterRef("pk"), kind=Kind.CREDIT_NOTE, refund=None)
    return Payment.objects.filter(~Exists(note), state=Payment.State.UNDONE).order_by("undone_at", "pk")


def _issue(act: Any, row: Any) -> bool:
    try:
        with transaction.atomic():
            return act() is not None
    except Exception:  # one bad row must not keep the others waiting
        log.exception("no paper could be issued for %s", row.uid)
        return False


def _credit_note(payment: Payment, amount: int, *, refund: Refund | None, at: datetime) -> Paper:
    first = receipt(payment=payment, at=at)
    series = _next(payment.appointment, Kind.CREDIT_NOTE, at=at)
    return _write(
        series,
        payment.appointment,
        at=at,
        payment=payment,
        refund=refund,
        follows=first,
        amount=amount,
        tax=_tax_back(first, amount),
        tax_rate=first.tax_rate,
        facts=facts.following(first, refund),
    )


def _correction(note: Paper, refund: Refund, *, at: datetime) -> Paper | None:
    if Paper.objects.filter(refund=refund, kind=Kind.CORRECTION).exists():
        return None
    appointment = refund.payment.appointment
    return _write(
        _next(appointment, Kind.CORRECTION, at=at),
        appointment,
        at=at,
        payment=note.payment,
        refund=refund,
        follows=note,
        amount=note.amount,
        tax=note.tax,
        tax_rate=note.tax_rate,
        facts=facts.following(note, refund),
    )


def _next(appointment: Appointment, kind: str, *, at: datetime) -> PaperSeries:
    """The series with the next number taken, locked until the transaction ends."""
    provider = appointment.provider
    year = at.astimezone(ZoneInfo(provider.timezone)).year
    key = {"provider": provider, "kind": kind, "year": year}
    PaperSeries.objects.bulk_create([PaperSeries(**key)], ignore_conflicts=True)
    series = PaperSeries.objects.select_for_update().get(**key)
    series.last += 1
    series.save(update_fields=["last"])
    return series


def _write(series: PaperSeries, appointment: Appointment, *, at: datetime, **columns: Any) -> Paper:
    client = appointment.client
    return Paper.objects.create(
        provider=series.provider,
        client=client,
        kind=series.kind,
        year=series.year,
        serial=series.last,
        number=_number(series, columns["facts"]["provider"]["receipt_prefix"]),
        currency=appointment.currency,
        language=appointment.language,
        recipient="" if client.erased_at else f"{client.name}\n{client.email}",
        issued_at=at,
        **columns,
    )


def _number(series: PaperSeries, prefix: str) -> str:
    """``R-2027-0001``, after the provider's own letters."""
    number = f"{LETTERS[series.kind]}-{series.year}-{series.last:04}"
    return f"{prefix}-{number}" if prefix else number


def tax_ahead(*, appointment: Appointment, what: str, amount: int) -> tuple[tax.Tax, int] | None:
    """The tax that the receipt of a payment would name now, before it is paid; None where it bears none.
    ``what`` is ``deposit``, or the kind of a charge."""
    said = facts.tax_of(appointment, what)
    return (tax.Tax(**said), _tax_within(appointment, what, amount, said)) if said else None


def _tax_within(appointment: Appointment, what: str, amount: int, said: dict[str, Any] | None) -> int:
    """The tax in a payment. What is paid of one price, in however many parts, bears together the tax of
    the whole."""
    if not said:
        return 0
    found, currency = tax.Tax(said["rate"], ""), appointment.currency
    if what not in PART_OF_PRICE:
        return found.within(amount, currency)
    earlier = Paper.objects.of_appointment(appointment).filter(
        kind=Kind.RECEIPT, tax_rate=found.rate, facts__for__in=PART_OF_PRICE
    )
    before: int = earlier.aggregate(sum=Sum("amount", default=0))["sum"]
    return found.within(before + amount, currency) - found.within(before, currency)


def _tax_back(first: Paper, amount: int) -> int:
    """The tax in what goes back of a receipt: all of it together is all of the receipt's."""
    notes = Paper.objects.filter(payment=first.payment)
    sums = notes.aggregate(
        back=Sum("amount", default=0, filter=Q(kind=Kind.CREDIT_NOTE)),
        back_tax=Sum("tax", default=0, filter=Q(kind=Kind.CREDIT_NOTE)),
        again=Sum("amount", default=0, filter=Q(kind=Kind.CORRECTION)),
        again_tax=Sum("tax", default=0, filter=Q(kind=Kind.CORRECTION)),
    )
    gone, gone_tax = sums["back"] - sums["again"], sums["back_tax"] - sums["again_tax"]
    due = tax.share(first.tax, first.amount, before=0, part=gone + amount, currency=first.currency)
    return int(min(max(due - gone_tax, 0), amount))
