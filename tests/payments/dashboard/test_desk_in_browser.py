"""Every page of Money in a real browser: nothing for axe to complain of, nothing wider than a phone."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction

from booking import lifecycle, tokens
from booking.models import Appointment, Business, Membership
from payments import cards, refunds, webhooks
from payments.gateways import CardFound, sandbox_disputes
from payments.models import Charge, Difference, Dispute, Paper, Payment, Refund, SavedCard, Settlement
from tests import telling
from tests.booking import stories
from tests.booking.dashboard.people import HOUR, MINUTE, MONDAY, member, missed, owner, show_factor

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAB_IN_SIGHT = """() => {
  const here = document.querySelector(".tabs [aria-current]");
  if (!here) return true;
  const place = here.getBoundingClientRect();
  return place.left >= 0 && place.right <= window.innerWidth;
}"""
PICTURES = os.environ.get("DESK_PICTURES", "")


@pytest.fixture
def desk(
    clock: time_machine.Traveller, transactional_db: None, page: Any, live_server: Any, client: Any
) -> Any:
    """The owner's page on a day on which money is in every state that it can be in."""
    studio = stories.studio()
    first = stories.confirmed(studio)
    details = {"email": "somying@example.com", "name": "สมหญิง ใจดีมากเหลือเกิน"}
    second = stories.confirmed(studio, start=MONDAY + 2 * HOUR, client=lifecycle.ClientDetails(**details))
    sam = member(studio, "refunds", "sam@example.org")
    Membership.objects.filter(user=sam).update(refund_limit=1000)
    by = stories.Actor("provider", sam)
    for amount, reason in ((500, "We ended early"), (400, "The room was cold")):
        lifecycle.give_back(
            whole=second.deposits.get(), amount=amount, reason=reason, by=by, at=stories.EARLY
        )
    with transaction.atomic():
        refunds.record_result(
            refund=Refund.objects.earliest("pk"),
            state="failed",
            failure="expired_or_canceled_card",
            at=stories.EARLY,
        )
    lifecycle.give_back(
        whole=second.deposits.get(), amount=1500, reason="Our mistake", by=by, at=stories.EARLY
    )
    dispute(first)
    owing(second)
    card_on_file(second)
    missed(studio, start=MONDAY + timedelta(days=7), email="late@example.com")
    Business.objects.create(provider=studio, legal_name="Bianchi S.r.l.", tax_name="IVA")
    Difference.objects.create(
        provider=studio,
        payment=Payment.objects.earliest("pk"),
        kind="payment_amount",
        thing="pi_3PqK2eL0n6wXy7ZtA1b2C3d4",
        facts={name: {"amount": 2700 + n, "currency": "EUR"} for n, name in enumerate(("here", "there"))},
        found_at=stories.EARLY,
        seen_at=stories.EARLY,
    )
    clock.move_to(stories.EARLY + MINUTE)
    client.force_login(owner(studio))
    show_factor(client, owner(studio))
    page.context.add_cookies(
        [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
    )
    page.live = live_server.url
    return page


def dispute(appointment: Any) -> None:
    payment = appointment.deposits.get().payments.get()
    body, signature = sandbox_disputes.dispute(payment=payment, becomes="needs_response", at=stories.EARLY)
    webhooks.apply(
        event_id=webhooks.receive(body=body, signature=signature, at=stories.EARLY), at=stories.EARLY
    )


def owing(appointment: Appointment) -> None:
    """Something is owed, a part of it was paid by hand, and another note of it was taken back."""
    by = stories.owner(appointment.provider)
    common: dict[str, Any] = {"by": by, "at": stories.EARLY}
    charge = lifecycle.charge(
        appointment=appointment, amount=4000, description="Printed scores and a recording", **common
    )
    paid: dict[str, Any] = {"charge": charge, "method": "transfer", "received_on": stories.EARLY.date()}
    wrong = lifecycle.paid_by_hand(amount=500, **paid, **common)
    lifecycle.undo_by_hand(payment=wrong, **common)
    lifecycle.paid_by_hand(amount=1000, reference="Bonifico 4711", **paid, **common)


def card_on_file(appointment: Appointment) -> None:
    card = cards.agree(
        appointment=appointment, text="Up to €90.00", language="en", most=9000, at=stories.EARLY
    )
    found = CardFound("cus_1", "pm_1", "visa", "4242", "2032-12")
    lifecycle.card_given(card=card, found=found, at=stories.EARLY)


def addresses() -> dict[str, str]:
    bank = Dispute.objects.get()
    failed = Refund.objects.get(state="failed")
    deposit = failed.deposit
    assert deposit
    return {
        "desk": "/dashboard/money/refunds/?q=somying",
        "failed": "/dashboard/money/refunds/?state=failed",
        "again": f"/dashboard/money/refunds/{failed.uid}/again/",
        "refund": f"/dashboard/money/{deposit.uid}/refund/",
        "limits": "/dashboard/money/limits/",
        "disputes": "/dashboard/money/disputes/",
        "dispute": f"/dashboard/money/disputes/{bank.uid}/",
        "owed": "/dashboard/money/owed/",
        "charge": f"/dashboard/money/owed/{Charge.objects.get().uid}/",
        "ask": f"/dashboard/money/ask/{failed.appointment.uid}/",
        "settlements": "/dashboard/money/settlements/",
        "past": "/dashboard/money/settlements/?state=past",
        "settlement": f"/dashboard/money/settlements/{Settlement.objects.get().uid}/",
        "differences": "/dashboard/money/differences/",
        "papers": "/dashboard/money/papers/",
        "set-up": "/dashboard/money/papers/set-up/",
        "statements": f"/dashboard/money/statements/?month={Paper.objects.earliest('pk').issued_at:%Y-%m}",
        "card": f"/dashboard/appointments/{SavedCard.objects.get().appointment.uid}/",
        "client": tokens.manage_path(SavedCard.objects.get().appointment),
        "today": "/dashboard/",
        "appointment": f"/dashboard/appointments/{bank.payment.appointment.uid}/",
        "sandbox": f"/pay/{bank.payment.uid}/",
    }


def test_every_page_of_the_desk_pleases_axe_and_fits_a_phone(desk: Any) -> None:
    desk.set_viewport_size({"width": 390, "height": 800})
    for name, address in addresses().items():
        telling.going_on(address)
        desk.goto(desk.live + address)
        assert desk.evaluate("document.documentElement.scrollWidth") <= 390, name
        assert desk.evaluate(TAB_IN_SIGHT), name
        serious = [
            one for one in Axe().run(desk).response["violations"] if one["impact"] in ("serious", "critical")
        ]
        assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == [], name
        _keep(desk, name)


def _keep(desk: Any, name: str) -> None:
    """With DESK_PICTURES set: to be looked at, in two widths, by light and by dark."""
    if not PICTURES:
        return
    for width, scheme in ((390, "light"), (1280, "dark")):
        desk.set_viewport_size({"width": width, "height": 800})
        desk.emulate_media(color_scheme=scheme)
        desk.screenshot(path=f"{PICTURES}/{name}-{width}-{scheme}.png", full_page=True)
    desk.emulate_media(color_scheme="light")
    desk.set_viewport_size({"width": 390, "height": 800})
