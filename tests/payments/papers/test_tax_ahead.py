"""What is asked of a client names the tax that its receipt will name, in mails and on the page alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from booking import included_tax, lifecycle, tokens
from booking.models import Business, Provider
from payments import papers
from payments.models import Charge, Deposit, Paper
from payments.papers import facts
from reminders import wording
from tests.booking import stories
from tests.payments.money import DAY, DEPOSIT, fresh, held, now, paid
from tests.payments.test_owed import FEE, fee, pay
from tests.reminders import scene

pytestmark = pytest.mark.django_db


def taxed(*, fees: bool = False) -> Provider:
    provider = stories.studio(at=now() - DAY)
    provider.services.update(tax_rate=2200)
    Business.objects.create(provider=provider, legal_name="Bianchi S.r.l.", tax_name="IVA", fees_taxed=fees)
    return Provider.objects.get(pk=provider.pk)


def mail(appointment: Any, kind: str) -> str:
    message = appointment.messages.filter(kind=kind, to="client").latest("pk")
    return wording.write(message, facts=scene.NOW | message.facts, at=now()).text


def asked(charge: Charge) -> int:
    found = included_tax.asked(appointment=charge.appointment, what=charge.kind, amount=charge.owed)
    return found["amount"]["amount"] if found else 0


def on_receipt(charge: Charge) -> int:
    payment = pay(charge)
    return Paper.objects.get(payment=payment, kind="receipt").tax


def test_the_balance_names_the_tax_of_its_own_receipt_to_the_last_cent(client: Any) -> None:
    deposit = paid(provider=taxed())
    charge = lifecycle.ask_balance(
        appointment=deposit.appointment, by=stories.owner(deposit.appointment.provider), at=now()
    )
    said = asked(charge)
    words = included_tax.words(
        included_tax.asked(appointment=charge.appointment, what="balance", amount=6300)
    )
    assert words == "Includes 22% IVA: €11.36"
    assert words in mail(deposit.appointment, "balance_due")
    page = client.get(tokens.manage_path(deposit.appointment)).content.decode()
    assert words in page
    assert on_receipt(charge) == said == 1136
    assert sum(Paper.objects.values_list("tax", flat=True)) == 1623  # of the whole price


def test_the_deposit_of_a_request_names_it() -> None:
    provider = taxed()
    provider.services.update(approval=True)
    deposit: Deposit | None = None
    appointment = stories.book(
        provider, at=now(), start=now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(
            days=14 - now().weekday()
        )
    )  # fmt: skip
    lifecycle.approve(appointment=appointment, by=stories.owner(provider), at=now())
    deposit = appointment.deposits.get()
    assert deposit.asked == DEPOSIT
    assert "Includes 22% IVA: €4.87" in mail(appointment, "pay_link")


@pytest.mark.parametrize("fees,tax", [(True, 1136), (False, 0)], ids=["taxed", "compensation"])
def test_a_fee_bears_tax_where_the_provider_says_so_and_nowhere_else(
    client: Any, fees: bool, tax: int
) -> None:
    charge = fee(paid(provider=taxed(fees=fees)))
    assert charge.amount == FEE
    page = client.get(tokens.manage_path(charge.appointment)).content.decode()
    for said in (mail(charge.appointment, "fee_owed"), page):
        assert ("Includes 22% IVA: €11.36" in said) is fees
    assert asked(charge) == tax == on_receipt(charge)


def test_who_bears_no_tax_speaks_of_none() -> None:
    charge = fee()
    assert (asked(charge), papers.tax_ahead(appointment=charge.appointment, what="fee", amount=1)) == (
        0,
        None,
    )
    assert "Includes" not in mail(charge.appointment, "fee_owed")


@pytest.mark.parametrize("fees", [True, False], ids=["taxed", "compensation"])
def test_the_mail_of_a_late_cancel_names_the_tax_in_what_is_lost(fees: bool) -> None:
    deposit = paid(provider=taxed(fees=fees), at=now() - 30 * DAY)
    at = deposit.appointment.starts_at - timedelta(hours=20)
    stories.cancel(fresh(deposit).appointment, at=at)
    assert ("Includes 22% IVA: €4.87" in mail(deposit.appointment, "cancelled")) is fees


def test_what_a_payment_is_for_is_told_by_its_charge() -> None:
    assert (facts.what_for(None), facts.what_for(Charge(kind="fee"))) == ("deposit", "fee")


def test_a_hold_that_is_not_paid_has_no_receipt_yet() -> None:
    deposit = held(provider=taxed())
    assert asked_of(deposit) == 487
    assert not Paper.objects.exists()


def asked_of(deposit: Deposit) -> int:
    found = papers.tax_ahead(appointment=deposit.appointment, what="deposit", amount=deposit.asked)
    return found[1] if found else 0
