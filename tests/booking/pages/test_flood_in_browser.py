"""Week after week, in a real browser, while many book here: the dates, the work that nobody sees, the pay page."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone

from booking import hoarding, transfer
from booking.models import Appointment, Service
from tests.booking.provider_files import BIANCHI, content

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_series_is_booked_through_a_challenge_by_itself(
    live_server: Any, page: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIMITS_EXEMPT = []
    settings.BASE_URL = live_server.url
    cache.clear()
    monkeypatch.setattr(hoarding, "SOFT", 0)
    studio = transfer.load(file=transfer.read(content(BIANCHI)), at=timezone.now())
    Service.objects.filter(provider=studio, slug="session").update(series_most=6, horizon_days=200)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    posed: list[int] = []
    page.on("response", lambda answer: posed.append(answer.status) if answer.status == 429 else None)

    page.goto(f"{live_server.url}/studio-bianchi/session/?mode=video&tz=Europe/Rome")
    page.locator("a[href*='start=']").first.click()
    page.locator(".repeat summary").click()
    page.fill("#times", "3")
    page.click(".repeat button")
    page.wait_for_selector("#weeks")
    assert page.locator(".weeks li").count() == 3
    grave = [
        one["id"]
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert grave == []

    page.fill("[name=name]", "Ada Moss")
    page.fill("[name=email]", "ada@example.com")
    page.check("[name=agree]")
    page.click("form.card button[type=submit].button-big")
    page.wait_for_selector(".sandbox", timeout=30_000)
    assert posed == [429]
    assert complaints == []
    assert Appointment.objects.filter(status="held").count() == 3
