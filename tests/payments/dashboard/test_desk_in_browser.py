"""The refund desk and the disputes in a real browser: nothing for axe to complain of, nothing wider than a phone."""

from __future__ import annotations

import os
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction

from booking import lifecycle
from booking.models import Membership
from payments import refunds, webhooks
from payments.gateways import sandbox_disputes
from payments.models import Dispute, Refund
from tests.booking import stories
from tests.booking.dashboard.people import HOUR, MINUTE, MONDAY, member, owner

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("DESK_PICTURES", "")


@pytest.fixture
def desk(
    clock: time_machine.Traveller, transactional_db: None, page: Any, live_server: Any, client: Any
) -> Any:
    """The owner's page on a day with a dispute, a refund that failed, one on its way, and one that waits."""
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
    clock.move_to(stories.EARLY + MINUTE)
    client.force_login(owner(studio))
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
        "today": "/dashboard/",
        "appointment": f"/dashboard/appointments/{bank.payment.appointment.uid}/",
        "sandbox": f"/pay/{bank.payment.uid}/",
    }


def test_every_page_of_the_desk_pleases_axe_and_fits_a_phone(desk: Any) -> None:
    desk.set_viewport_size({"width": 390, "height": 800})
    for name, address in addresses().items():
        desk.goto(desk.live + address)
        assert desk.evaluate("document.documentElement.scrollWidth") <= 390, name
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
