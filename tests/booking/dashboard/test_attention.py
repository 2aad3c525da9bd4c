"""Today, beside people and money: what can be taken back, and what has come to a standstill."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from booking import lifecycle
from booking.actors import CLIENT, SYSTEM
from booking.models import BusyCalendar, Provider, WebhookEndpoint
from payments.models import Difference, Settlement
from tests.booking import stories
from tests.booking.dashboard.people import HOUR, MINUTE, MONDAY, browser, member, missed, text

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR


def today(desk: Browser) -> str:
    return text(desk.get("/dashboard/"))


def tapped(desk: Browser, appointment: Any, act: str) -> Any:
    return desk.post(f"/dashboard/appointments/{appointment.uid}/{act}/", {"then": "today"}, follow=True)


# --- A moment ago -----------------------------------------------------------------------------------


def test_here_of_the_wrong_one_is_taken_back_and_the_wait_goes_on(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + MINUTE)
    shown = text(tapped(desk, appointment, "arrive"))
    assert "Ada Moss is here, you said." in shown
    assert f'action="/dashboard/appointments/{appointment.uid}/undo_arrive/"' in shown
    shown = text(tapped(desk, appointment, "undo_arrive"))
    assert "Taken back: nobody was seen yet." in shown
    assert "You wait until 10:15" in shown
    assert "A moment ago" not in shown
    after = stories.fresh(appointment)
    assert after.arrived_at is None
    assert [one.kind for one in after.timeline.all()][-2:] == ["arrived", "arrival_undone"]
    page = text(desk.get(f"/dashboard/appointments/{appointment.uid}/"))
    assert "You took back that Ada Moss was here." in page


def test_who_checked_in_stays_here(studio: Provider, desk: Browser, clock: time_machine.Traveller) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + MINUTE)
    lifecycle.arrive(appointment=appointment, by=CLIENT, at=MONDAY)
    assert "A moment ago" not in today(desk)
    assert "The client checked in, and that stays." in text(tapped(desk, appointment, "undo_arrive"))
    assert stories.fresh(appointment).arrived_at == MONDAY


def test_a_mark_as_missed_is_taken_back_with_its_money(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = stories.confirmed(studio)
    clock.move_to(MONDAY + 20 * MINUTE)
    assert "Ada Moss is marked as missed." in text(tapped(desk, appointment, "no_show"))
    assert "The mark is taken back." in text(tapped(desk, appointment, "undo_no_show"))
    assert stories.fresh(appointment).status == "confirmed"
    assert not Settlement.objects.filter(state="waiting").exists()


def test_it_stands_there_for_ten_minutes_and_not_what_a_worker_did(
    studio: Provider, desk: Browser, clock: time_machine.Traveller
) -> None:
    appointment = missed(studio)
    assert appointment.no_show_at
    clock.move_to(appointment.no_show_at + 9 * MINUTE)
    assert "A moment ago" in today(desk)
    assert "A moment ago" not in today(browser(member(studio, "read_only")))
    clock.move_to(appointment.no_show_at + 10 * MINUTE)
    assert "A moment ago" not in today(desk)
    other = stories.confirmed(studio, start=MONDAY + 2 * HOUR, email="b@example.com")
    clock.move_to(MONDAY + 3 * HOUR)
    lifecycle.mark_no_show(appointment=other, by=SYSTEM, at=MONDAY + 3 * HOUR)
    assert "A moment ago" not in today(desk)


# --- At a standstill --------------------------------------------------------------------------------


def broken(studio: Provider, n: int) -> None:
    BusyCalendar.objects.create(
        provider=studio,
        name=f"Family {n}",
        secret="sealed",
        created_at=stories.EARLY,
        look_at=stories.EARLY,
        trouble="status",
        trouble_status=404,
        failing_since=stories.EARLY,
    )
    WebhookEndpoint.objects.create(
        provider=studio,
        url=f"https://books{n}.example/kept",
        secret="sealed",
        created_at=stories.EARLY - DAY,
        failing_since=stories.EARLY - HOUR,
        off_at=stories.EARLY if n % 2 else None,
    )
    Difference.objects.create(
        kind="payment_over",
        thing=f"payment {n}",
        provider=studio,
        found_at=stories.EARLY,
        seen_at=stories.EARLY,
    )


def test_each_standstill_says_what_is_wrong_and_leads_to_its_act(studio: Provider, desk: Browser) -> None:
    broken(studio, 0)
    broken(studio, 1)
    shown = today(desk)
    for words in (
        "Calendars that cannot be read",
        "Family 1",
        "There is nothing at this address any more. Copy it anew from your calendar.",
        "books0.example",
        "Nothing has arrived since",
        "Switched off on",
        "The books and the payment service differ",
    ):
        assert words in shown
    assert "Nothing waits" not in shown
    for url in ("set-up/calendars/", "set-up/webhooks/", "money/differences/"):
        assert f'class="button" href="/dashboard/{url}"' in shown
        assert desk.get(f"/dashboard/{url}").status_code == 200


def test_nobody_is_led_to_what_they_may_not_do(studio: Provider, desk: Browser) -> None:
    broken(studio, 0)
    seen = today(browser(member(studio, "member")))
    assert "Family 0" in seen
    assert "books0.example" not in seen
    assert "The books and" not in seen
    looks_on = today(browser(member(studio, "read_only")))
    assert "Family 0" not in looks_on
    assert "Nothing waits" in looks_on


def test_another_provider_s_trouble_is_not_ours(studio: Provider, desk: Browser) -> None:
    broken(stories.school(), 0)
    assert "Nothing waits" in today(desk)


def test_who_has_no_recovery_code_left_is_told(studio: Provider, desk: Browser) -> None:
    assert "You have no recovery codes" not in today(desk)
    codes = Authenticator.objects.get(type="recovery_codes")
    codes.data["used_mask"] = (1 << 10) - 1
    codes.save()
    assert 'href="/accounts/2fa/recovery-codes/generate/"' in today(desk)
    Authenticator.objects.all().delete()
    assert "You have no recovery codes" not in today(desk)  # no second factor, nothing to lose


def test_three_of_each_cost_as_many_queries_as_one(studio: Provider, desk: Browser) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            today(desk)
        return len(queries)

    nothing = asked()
    broken(studio, 0)
    one = asked()
    broken(studio, 1)
    broken(studio, 2)
    assert nothing == one == asked()
