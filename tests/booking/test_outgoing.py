"""Programs of the provider's own are told what happens: signed, repeated, and nothing that is not theirs."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client as Browser

from booking import lifecycle, sweeping, tokens
from booking.api import told
from booking.models import Appointment, IdempotencyKey, Provider, WebhookDelivery, WebhookEndpoint
from booking.outgoing import endpoints, sending, signing
from config import outward, sealing
from payments.models import Deposit
from reminders.models import Message
from tests.booking import stories
from tests.booking.api.calls import Api, token
from tests.booking.dashboard.people import browser, member, owner, text
from tests.booking.stories import EARLY, HOUR, MINUTE, MONDAY
from tests.fakes.programs import Program, Told

WEBHOOKS = "/dashboard/set-up/webhooks/"
DAY = timedelta(days=1)


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Program]:
    """`program.example`: plain http on this machine, which a real address never is."""
    settings.DEBUG = True
    real = outward.check
    monkeypatch.setattr(
        outward, "check", lambda name: ["127.0.0.1"] if name == "program.example" else real(name)
    )
    with Program() as found:
        yield found


@pytest.fixture
def studio(db: None) -> Provider:
    return stories.studio()


def told_at(program: Program, studio: Provider, *events: str) -> WebhookEndpoint:
    return endpoints.add(provider=studio, url=program.url(), events=events, at=EARLY)


def sweep(at: datetime = EARLY) -> int:
    return sweeping.run(at=at, sweeps=sweeping.APART)["webhooks_sent"]


def staged() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("event", flat=True))


def signature(one: Told, secret: str) -> str:
    """As the specification says it, written down once more."""
    key = base64.b64decode(secret.split("_", 1)[1])
    content = one.headers["webhook-id"] + "." + one.headers["webhook-timestamp"] + "." + one.raw.decode()
    return "v1," + base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()


# --- What is told ---


def test_a_life_is_told_from_the_hold_to_the_end(studio: Provider, program: Program) -> None:
    told_at(program, studio)
    found = stories.confirmed(studio)
    stories.move(found, start=MONDAY + DAY, at=EARLY + HOUR)
    found = stories.fresh(found)
    with transaction.atomic():
        lifecycle.complete(appointment=found, by=stories.owner(studio), at=found.ends_at)
    assert staged() == [
        "appointment.held",
        "deposit.paid",
        "appointment.confirmed",
        "appointment.moved",
        "appointment.completed",
    ]


def test_what_a_missed_one_does_is_told_and_what_is_excused_goes_back(
    studio: Provider, program: Program
) -> None:
    found = stories.confirmed(studio)
    told_at(program, studio)
    by, end = stories.owner(studio), found.starts_at + 20 * MINUTE
    lifecycle.mark_no_show(appointment=found, by=by, at=end)
    sweeping.run(at=end + 3 * DAY)
    found = stories.fresh(found)
    lifecycle.excuse(appointment=found, reason="illness", note="", by=by, at=end + 4 * DAY)
    assert staged() == ["appointment.no_show", "deposit.forfeited", "deposit.refunded", "appointment.excused"]


def test_a_request_and_a_hold_that_lapses_are_told(studio: Provider, program: Program) -> None:
    told_at(program, studio)
    made = stories.book(studio, "first-meeting")
    lifecycle.decline(appointment=made, note="", by=stories.owner(studio), at=EARLY)
    stories.book(studio, start=MONDAY + DAY)
    sweeping.run(at=EARLY + HOUR)
    assert staged() == [
        "appointment.requested",
        "appointment.cancelled",
        "appointment.held",
        "appointment.cancelled",
    ]


def test_it_is_signed_and_says_what_the_api_says(studio: Provider, program: Program) -> None:
    endpoint = told_at(program, studio, "appointment.confirmed", "deposit.paid")
    found = stories.confirmed(studio)
    assert staged() == ["deposit.paid", "appointment.confirmed"]
    assert sweep(EARLY + HOUR) == 2
    assert sweep(EARLY + HOUR) == 0
    by_type = {one.body["type"]: one for one in program.told}
    told = by_type["appointment.confirmed"]
    assert told.headers["webhook-signature"] == signature(told, endpoints.secret(endpoint))
    assert told.headers["webhook-timestamp"] == str(int((EARLY + HOUR).timestamp()))
    row = WebhookDelivery.objects.get(event="appointment.confirmed")
    assert told.headers["webhook-id"] == f"msg_{row.uid.hex}"
    assert told.body["timestamp"] == (EARLY + MINUTE).isoformat().replace("+00:00", "Z")
    assert told.body["data"]["id"] == str(found.uid)
    assert told.body["data"]["status"] == "confirmed"
    assert told.body["data"]["client"]["email"] == "ada@example.com"
    assert by_type["deposit.paid"].body["data"]["id"] == str(Deposit.objects.get().uid)
    assert (row.state, row.status, row.due_at) == ("delivered", 204, None)


def test_no_link_and_no_secret_is_told_or_kept(studio: Provider, program: Program) -> None:
    endpoint = told_at(program, studio)
    found = stories.confirmed(studio)
    stories.cancel(found, at=EARLY + HOUR)
    sweep(EARLY + HOUR)
    said = b"".join(one.raw for one in program.told).decode()
    for word in (tokens.make(found), "/a/", "manage_url", "pay_url", found.room or "no room", "whsec_"):
        assert word not in said
    secret = endpoints.secret(endpoint)
    assert secret.startswith("whsec_")
    assert secret not in str(WebhookEndpoint.objects.values().get())


def test_nothing_is_staged_for_others_nor_undone_halfway(studio: Provider, program: Program) -> None:
    told_at(program, stories.school())
    stories.confirmed(studio)
    assert staged() == []
    told_at(program, studio)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        stories.book(studio, start=MONDAY + DAY)
        raise ZeroDivisionError
    assert staged() == []


# --- When it does not arrive ---


def test_it_is_tried_for_three_days_with_growing_gaps_and_then_switched_off(
    studio: Provider, program: Program
) -> None:
    program.answer = 500
    endpoint = told_at(program, studio, "appointment.held")
    stories.book(studio)
    row, at, tries = WebhookDelivery.objects.get(), EARLY, []
    while row.state == "waiting":
        assert row.due_at is not None
        at = max(at, row.due_at)
        sweep(at)
        assert sweep(at) == 0
        tries.append(at)
        row.refresh_from_db()
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert tries[-1] == EARLY + 3 * DAY
    assert gaps == sorted(gaps)
    assert (gaps[0], len(tries)) == (timedelta(seconds=10), 12)
    assert {one.headers["webhook-id"] for one in program.told} == {f"msg_{row.uid.hex}"}
    endpoint.refresh_from_db()
    assert (row.state, row.status, endpoint.off_at) == ("failed", 500, at)
    letter = Message.objects.get(kind="webhook_off")
    assert letter.facts == {"host": "program.example", "since": EARLY.isoformat()}
    stories.book(studio, start=MONDAY + DAY, at=at)
    assert WebhookDelivery.objects.count() == 1
    endpoints.turn_on(endpoint=endpoint)
    program.answer = 200
    endpoints.send_again(delivery=row, at=at)
    assert sweep(at) == 1


def test_a_redirect_is_not_followed_and_who_is_gone_is_not_asked_again(
    studio: Provider, program: Program
) -> None:
    endpoint = told_at(program, studio, "appointment.held")
    stories.book(studio)
    program.answer, program.headers = 307, {"Location": program.url("/elsewhere")}
    assert sweep() == 0
    assert [one.path for one in program.told] == ["/kept"]
    program.answer = 410
    sweep(EARLY + HOUR)
    endpoint.refresh_from_db()
    assert endpoint.off_at == EARLY + HOUR


def test_one_that_fails_keeps_nobody_else_waiting(studio: Provider, program: Program) -> None:
    told_at(program, studio, "appointment.held")
    for days in (0, 1, 3):
        stories.book(studio, start=MONDAY + days * DAY, email=f"{days}@example.com")
    program.answer = 500
    sweep()
    assert len(program.told) == 1


def test_a_crash_after_the_call_repeats_it_under_its_id(
    studio: Provider, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_at(program, studio, "appointment.held")
    stories.book(studio)

    def killed(*_: Any, **__: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_arrived", killed)
        with pytest.raises(KeyboardInterrupt):
            sweep()
    assert sweep() == 0
    assert sweep(EARLY + sending.LEASE) == 1
    first, second = program.told
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_two_workers_send_it_once(studio: Provider, program: Program) -> None:
    told_at(program, studio, "appointment.held")
    stories.book(studio)
    rows = WebhookDelivery.objects.select_related("endpoint__provider")
    mine, theirs = rows.get(), rows.get()
    assert sending.attempt(delivery=mine, at=EARLY, shape=told.shape)
    assert not sending.attempt(delivery=theirs, at=EARLY, shape=told.shape)
    assert len(program.told) == 1


def test_two_that_fail_are_both_tried_in_a_round(studio: Provider, program: Program) -> None:
    for path in ("/a", "/b"):
        endpoints.add(provider=studio, url=program.url(path), events=["appointment.held"], at=EARLY)
    for days in (0, 1):
        stories.book(studio, start=MONDAY + days * DAY, email=f"{days}@example.com")
    program.answer = 500
    sweep()
    assert sorted(one.path for one in program.told) == ["/a", "/b"]


def test_a_secret_that_was_lost_is_replaced_at_once(studio: Provider, program: Program) -> None:
    endpoint = told_at(program, studio, "appointment.held")
    WebhookEndpoint.objects.update(secret="sealed with another key")
    stories.book(studio)
    assert sweep() == 0
    assert WebhookDelivery.objects.get().trouble == "not_opened"
    endpoint = endpoints.rotate(endpoint=endpoint, at=EARLY)
    assert sweep(EARLY + MINUTE) == 1
    (told,) = program.told
    assert told.headers["webhook-signature"] == signature(told, endpoints.secret(endpoint))


def test_an_endpoint_removed_meanwhile_breaks_nothing(studio: Provider, program: Program) -> None:
    endpoint = told_at(program, studio, "appointment.held")
    stories.book(studio)
    row = WebhookDelivery.objects.select_related("endpoint__provider").get()
    endpoints.remove(endpoint=endpoint)
    sent = sending.attempt(delivery=row, at=EARLY, shape=lambda *_: {})
    assert (sent, program.told) == (False, [])


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://10.0.0.8/x", "https://169.254.169.254/latest"]
)
def test_private_addresses_are_never_told(studio: Provider, url: str) -> None:
    with pytest.raises(endpoints.EndpointRefused):
        endpoints.check(url)
    # A name that led elsewhere when it was added.
    WebhookEndpoint.objects.create(
        provider=studio, url=url, secret=_sealed(), events=["appointment.held"], created_at=EARLY
    )
    stories.book(studio)
    assert sweep() == 0
    assert WebhookDelivery.objects.get().trouble == "not_public"


def _sealed() -> str:
    return sealing.seal(signing.new_secret(), purpose=endpoints.SEALED_AS)


def test_what_was_settled_a_month_ago_goes(studio: Provider, program: Program) -> None:
    told_at(program, studio, "appointment.held")
    stories.book(studio)
    sweep()
    assert endpoints.forget(at=EARLY + 30 * DAY - MINUTE) == 0
    assert endpoints.forget(at=EARLY + 30 * DAY) == 1


# --- The API ---


def test_the_api_adds_tries_rotates_and_removes(
    studio: Provider, program: Program, clock: time_machine.Traveller
) -> None:
    desk = Api(token(studio, "write"))
    made = desk.post("webhook-endpoints/", {"url": program.url()}, Idempotency_Key="one")
    again = desk.post("webhook-endpoints/", {"url": program.url()}, Idempotency_Key="one")
    assert (made.status, made.body["on"], made.body) == (201, True, again.body)
    secret, own = made.body["secret"], f"webhook-endpoints/{made.body['id']}/"
    assert secret not in str(list(IdempotencyKey.objects.values()))
    assert "secret" not in desk.get(own).body
    assert [one["url"] for one in desk.get("webhook-endpoints/").body["results"]] == [program.url()]
    assert desk.post(f"{own}test/").status == 202
    sweep()
    rotated = desk.post(f"{own}rotate/").body["secret"]
    row = desk.get(f"{own}deliveries/").body["results"][0]
    assert (row["event"], row["state"], row["status"]) == ("webhook.test", "delivered", 204)
    assert desk.post(f"{own}deliveries/{row['id']}/send-again/").status == 202
    sweep()
    first, second = program.told
    assert first.headers["webhook-signature"] == signature(first, secret)
    both = f"{signature(second, rotated)} {signature(second, secret)}"
    assert second.headers["webhook-signature"] == both
    clock.move_to(EARLY + 25 * HOUR)
    desk.post(f"{own}test/")
    sweep(EARLY + 25 * HOUR)
    assert program.told[2].headers["webhook-signature"] == signature(program.told[2], rotated)
    WebhookEndpoint.objects.update(off_at=EARLY)
    assert desk.post(f"{own}test/").code == "endpoint_off"
    assert desk.post(f"{own}turn-on/").body["on"] is True
    assert desk.delete(own).status == 204
    assert desk.get(own).status == 404


def test_the_api_says_what_is_wrong(studio: Provider, clock: object) -> None:
    desk = Api(token(studio, "write"))
    for url, code in (
        ("ftp://a.example/", "not_https"),
        ("https://127.0.0.1/", "not_public"),
        ("no", "address"),
    ):
        answer = desk.post("webhook-endpoints/", {"url": url})
        assert (answer.status, answer.errors) == (400, {"url": code})
    answer = desk.post("webhook-endpoints/", {"url": "https://a.example/", "events": ["all"]})
    assert answer.status == 400


def test_what_is_anothers_is_not_there_and_only_owners_change_it(
    studio: Provider, program: Program, clock: object
) -> None:
    told = told_at(program, stories.school())
    mine = told_at(program, studio)
    desk = Api(token(studio, "write"))
    assert [one["id"] for one in desk.get("webhook-endpoints/").body["results"]] == [str(mine.uid)]
    for act in ("test", "rotate", "turn-on"):
        assert desk.post(f"webhook-endpoints/{told.uid}/{act}/").status == 404
    assert desk.get(f"webhook-endpoints/{told.uid}/deliveries/").status == 404
    assert desk.delete(f"webhook-endpoints/{told.uid}/").status == 404
    staff = member(studio, "staff")
    theirs = Api(token(studio, "write", role=staff.memberships.get().role))
    assert theirs.post("webhook-endpoints/", {"url": program.url("/b")}).code == "owner_only"


# --- The dashboard ---


def test_the_dashboard_shows_the_secret_once_and_what_was_answered(
    studio: Provider, program: Program, clock: object
) -> None:
    desk = browser(owner(studio))
    page = desk.post(WEBHOOKS, {"url": program.url(), "events": ["appointment.held"]})
    endpoint = WebhookEndpoint.objects.get()
    own = f"{WEBHOOKS}{endpoint.uid}/"
    assert endpoints.secret(endpoint) in text(page)
    assert "whsec_" not in text(desk.get(WEBHOOKS)) + text(desk.get(own))
    assert "It arrived: the answer was 204." in text(desk.post(f"{own}test/", follow=True))
    program.answer = 500
    row = WebhookDelivery.objects.get()
    said = text(desk.post(f"{WEBHOOKS}deliveries/{row.uid}/", follow=True))
    assert "It did not arrive: the answer was 500." in said
    assert endpoints.secret(endpoint) not in text(desk.post(f"{own}rotate/"))
    desk.post(f"{own}remove/")
    assert not WebhookEndpoint.objects.exists()


def test_the_dashboard_keeps_what_was_typed_and_strangers_out(
    studio: Provider, program: Program, clock: object
) -> None:
    desk = browser(owner(studio))
    refused = desk.post(WEBHOOKS, {"url": "https://10.0.0.1/hook"})
    assert refused.status_code == 400
    assert "https://10.0.0.1/hook" in text(refused)
    theirs = told_at(program, stories.school())
    row = endpoints.test(endpoint=theirs, at=EARLY)
    assert desk.get(f"{WEBHOOKS}{theirs.uid}/").status_code == 404
    assert desk.post(f"{WEBHOOKS}{theirs.uid}/test/").status_code == 404
    assert desk.post(f"{WEBHOOKS}deliveries/{row.uid}/").status_code == 404
    assert browser(member(studio, "staff")).get(WEBHOOKS).status_code == 403
    assert Browser().get(WEBHOOKS).status_code == 302
    assert Appointment.objects.count() == 0
