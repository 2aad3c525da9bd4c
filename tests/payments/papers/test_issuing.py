"""Papers: one for each movement of real money, numbered without gaps, never changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from PIL import Image

from booking import brand
from booking.actors import SYSTEM
from booking.models import Business, Client
from config import guards, invariants
from config.guards import refused_by
from payments import adopting, papers, refunds
from payments.gateways import RefundResult
from payments.models import Deposit, Paper, PaperSeries, Refund
from payments.papers import printing
from tests.booking import stories
from tests.payments.money import DAY, DEPOSIT, held, now, paid, payment_of

pytestmark = pytest.mark.django_db

OURS = (
    "paper_numbers",
    "paper_of_a_series",
    "one_receipt_per_payment",
    "one_credit_note_per_refund",
    "papers_follow",
    "papers_agree_with_ledger",
    "one_tenant_of_papers",
)


def numbers(kind: str = "receipt") -> list[str]:
    return list(Paper.objects.filter(kind=kind).order_by("pk").values_list("number", flat=True))


def broken() -> list[str]:
    """The invariants about papers that do not hold."""
    return [
        one.invariant.name
        for one in invariants.verify(connection)
        if one.count and one.invariant.name in OURS
    ]


def give_back(deposit: Deposit, amount: int, state: str = Refund.State.DONE) -> Refund:
    (refund,) = refunds.give_back(
        deposit=deposit, amount=amount, reason="staff", by=SYSTEM, at=now(), note="Sorry"
    )
    refunds.record_result(refund=refund, state=state, at=now())
    refund.refresh_from_db()
    return refund


def taxed(rate: int = 2200, **business: Any) -> Deposit:
    """A held deposit of a service with tax."""
    deposit = held()
    provider = deposit.appointment.provider
    provider.services.update(tax_rate=rate)
    Business.objects.create(
        provider=provider, **{"legal_name": "Bianchi S.r.l.", "tax_name": "IVA"} | business
    )
    return Deposit.objects.get(pk=deposit.pk)


def pay(deposit: Deposit) -> Paper:
    from tests.payments.money import pay_at_gateway

    pay_at_gateway(deposit, at=now())
    return Paper.objects.get(payment=payment_of(deposit), kind="receipt")


def test_money_that_arrives_has_a_receipt_at_once() -> None:
    deposit = paid()
    receipt = Paper.objects.get()
    year = now().year
    assert (receipt.kind, receipt.number, receipt.amount) == ("receipt", f"R-{year}-0001", DEPOSIT)
    assert receipt.payment == payment_of(deposit)
    assert receipt.recipient == "Ada Moss\nada@example.com"
    assert receipt.facts["provider"]["legal_name"] == deposit.appointment.provider.name
    assert broken() == []


def test_money_that_never_arrived_has_none() -> None:
    held()
    assert not Paper.objects.exists()
    assert not PaperSeries.objects.exists()


def test_what_goes_back_has_a_credit_note_that_names_its_receipt_once_it_is_there() -> None:
    deposit = paid()
    (refund,) = refunds.give_back(deposit=deposit, amount=700, reason="staff", by=SYSTEM, at=now())
    refunds.record_result(refund=refund, state=Refund.State.PENDING, at=now())
    assert numbers("credit_note") == []
    refunds.record_result(refund=refund, state=Refund.State.DONE, at=now())
    note = Paper.objects.get(kind="credit_note")
    assert (note.number, note.amount, note.follows) == (
        f"C-{now().year}-0001",
        700,
        Paper.objects.get(kind="receipt"),
    )
    assert note.facts["follows"]["number"] == note.follows.number
    assert broken() == []


def test_a_refund_that_fails_at_once_has_no_paper() -> None:
    give_back(paid(), 700, Refund.State.FAILED)
    assert numbers("credit_note") == numbers("correction") == []
    assert broken() == []


def test_one_that_fails_days_later_is_corrected() -> None:
    refund = give_back(paid(), 700)
    refunds.record_result(refund=refund, state=Refund.State.FAILED, at=now() + 3 * DAY)
    correction = Paper.objects.get(kind="correction")
    assert (correction.amount, correction.follows) == (700, Paper.objects.get(kind="credit_note"))
    refunds.record_result(refund=refund, state=Refund.State.FAILED, at=now() + 4 * DAY)
    assert len(numbers("correction")) == 1
    assert broken() == []


def test_numbers_run_without_gaps_and_begin_anew_each_year_on_the_provider_s_calendar() -> None:
    last = datetime(2027, 12, 31, 22, 59, 59, tzinfo=UTC)  # in Rome a second before midnight
    studio = stories.studio(at=last - DAY)
    for n, at in enumerate([last - timedelta(hours=1), last, last + timedelta(seconds=1)]):
        paid(
            provider=studio,
            at=at,
            email=f"{n}@example.com",
            start=stories.MONDAY + timedelta(days=364, hours=n),
        )
    assert numbers() == ["R-2027-0001", "R-2027-0002", "R-2028-0001"]
    assert broken() == []


def test_a_provider_s_own_letters_stand_before_its_numbers() -> None:
    deposit = taxed(receipt_prefix="SB")
    pay(deposit)
    assert numbers() == [f"SB-R-{now().year}-0001"]


def test_a_number_is_given_back_when_the_transaction_is() -> None:
    deposit = paid()
    with pytest.raises(RuntimeError), transaction.atomic():
        give_back(deposit, 100)
        raise RuntimeError("the machine dies")
    give_back(deposit, 200)
    assert numbers("credit_note") == [f"C-{now().year}-0001"]
    assert broken() == []


def test_told_twice_it_is_one_paper() -> None:
    payment = payment_of(paid())
    assert papers.receipt(payment=payment, at=now()) == papers.receipt(payment=payment, at=now())
    assert len(numbers()) == 1


def test_money_from_before_there_were_papers_gets_them_once() -> None:
    deposit = paid()
    give_back(deposit, 700)
    guards.drop(connection)
    Paper.objects.filter(kind="credit_note").delete()
    Paper.objects.all().delete()
    PaperSeries.objects.all().delete()
    guards.install(connection)
    assert broken() != []
    told = StringIO()
    call_command("issue_papers", stdout=told)
    assert told.getvalue() == '{"papers": 2}\n'
    assert papers.issue_missing(at=now()) == 0
    assert broken() == []


@pytest.mark.parametrize(
    "change",
    [{"amount": 1}, {"number": "R-1"}, {"facts": {}}, {"tax": 1}, {"recipient": "Somebody else"}],
    ids=lambda change: next(iter(change)),
)
def test_what_was_issued_stays(change: dict[str, Any]) -> None:
    paid()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Paper.objects.update(**change)
    assert refused_by(refused.value) in ("paper_stays", "paper_recipient_stays")


def test_a_person_can_be_erased_from_a_paper_and_the_money_stays() -> None:
    paid()
    with pytest.raises(IntegrityError), transaction.atomic():
        Paper.objects.update(recipient="")  # of a client who was not erased
    Client.objects.update(erased_at=Paper.objects.get().issued_at)
    Paper.objects.update(recipient="")
    paper = Paper.objects.get()
    assert (paper.recipient, paper.amount) == ("", DEPOSIT)
    assert printing.document(paper).startswith(b"%PDF-")


def test_a_paper_is_never_deleted_and_no_number_is_skipped() -> None:
    deposit = paid()
    paper = Paper.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        paper.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperSeries.objects.update(last=5)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Paper.objects.create(
            **{
                name: getattr(paper, name)
                for name in (
                    "provider",
                    "client",
                    "kind",
                    "year",
                    "currency",
                    "language",
                    "facts",
                    "issued_at",
                )
            },
            serial=7,
            number="R-7",
            amount=1,
            payment=payment_of(deposit),
        )
    assert refused_by(refused.value) == "paper_takes_next_number"


@pytest.mark.parametrize(("rate", "tax"), [(2200, 487), (0, 0), (None, 0)], ids=["taxed", "at_zero", "none"])
def test_a_receipt_says_the_tax_in_it(rate: int | None, tax: int) -> None:
    receipt = pay(taxed(rate))  # type: ignore[arg-type]
    assert (receipt.tax_rate, receipt.tax) == (rate, tax)
    assert receipt.facts["tax"] == ({"rate": rate, "name": "IVA"} if rate is not None else None)


@pytest.mark.parametrize(
    ("parts", "rate"),
    [([1, 1, 1], 2200), ([333, 333, 333, 900], 550), ([2700], 1999), ([1350, 1349], 700), ([7] * 9, 10_000)],
)
def test_what_goes_back_in_parts_takes_exactly_the_tax_of_the_whole(parts: list[int], rate: int) -> None:
    deposit = taxed(rate)
    receipt = pay(deposit)
    for part in [*parts, DEPOSIT - sum(parts)]:
        if part:
            give_back(deposit, part)
    notes = Paper.objects.filter(kind="credit_note")
    assert sum(one.tax for one in notes) == receipt.tax
    assert sum(one.amount for one in notes) == receipt.amount
    assert broken() == []


def test_the_same_paper_is_the_same_bytes_in_each_language() -> None:
    deposit = taxed(address="Via Roma 1\n20121 Milano", tax_number="IT01234567890", note="Marca da bollo")
    receipt = pay(deposit)
    first = {language: printing.document(receipt, language=language) for language in ("en", "it", "th")}
    Business.objects.update(legal_name="Another name")
    deposit.appointment.client.name = "Another client"
    deposit.appointment.client.save()
    deposit.appointment.provider.services.update(tax_rate=1000, name={"en": "Another"})
    again = Paper.objects.get(pk=receipt.pk)
    assert {language: printing.document(again, language=language) for language in first} == first
    assert printing.document(again) == first[receipt.language]
    assert b"/Lang (th)" in first["th"]


@pytest.mark.parametrize("kind", ["receipt", "credit_note", "correction"])
def test_each_kind_can_be_printed(kind: str) -> None:
    refund = give_back(paid(), 700)
    refunds.record_result(refund=refund, state=Refund.State.FAILED, at=now() + 3 * DAY)
    assert printing.document(Paper.objects.get(kind=kind)).startswith(b"%PDF-")


def test_what_was_handed_back_or_given_back_at_the_gateway_has_its_note_at_once() -> None:
    deposit = paid()
    refunds.give_back(deposit=deposit, amount=700, reason="staff", by=SYSTEM, at=now(), by_hand=True)
    there = RefundResult(id="re_1", state=Refund.State.DONE, amount=300)
    with transaction.atomic():
        adopting.adopt(payment=payment_of(deposit), result=there, at=now())
    assert list(Paper.objects.filter(kind="credit_note").values_list("amount", flat=True)) == [700, 300]
    assert broken() == []


def test_a_receipt_wears_the_logo_of_the_day_on_which_it_was_issued() -> None:
    def picture(colour: str) -> brand.Picture:
        made = BytesIO()
        Image.new("RGB", (120, 40), colour).save(made, "PNG")
        return brand.picture(made.getvalue())

    deposit = held()
    provider = deposit.appointment.provider
    brand.keep(provider=provider, colour="#7a1fa2", logo=picture("#7a1fa2"))
    paper = pay(deposit)
    document = printing.document(paper)
    assert b"/Subtype /Image" in document
    brand.keep(provider=provider, colour="", logo=None)
    assert printing.document(Paper.objects.get(pk=paper.pk)) == document
