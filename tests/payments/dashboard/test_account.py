"""The account at the desk: connected and left by its owner alone, its state in words, and what clients read."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse

from booking import transfer
from booking.models import Appointment, Provider
from payments.dashboard import account_words
from payments.models import ConnectedAccount
from tests.booking import stories
from tests.booking.api.calls import Api, booking
from tests.booking.dashboard.people import browser, member, owner, text
from tests.fakes.stripe_server import StripeServer
from tests.payments.connecting import becomes, begun, connected

pytestmark = pytest.mark.django_db

PATH = "/dashboard/money/account/"


def test_its_owner_connects_it_sets_it_up_and_comes_back(desk: Browser, studio: Provider) -> None:
    assert "Connect an account of your own" in text(desk.get(PATH))
    there = desk.post(f"{PATH}connect/")
    account = ConnectedAccount.objects.get()
    assert (account.provider, account.user) == (studio, owner(studio))
    assert there.headers["Location"] == f"http://testserver/pay/account/{account.uid}/"
    page = desk.get(f"{PATH}back/", follow=True)
    assert "What you do, and your website" in text(page)
    assert "Continue at Stripe" in text(page)
    done = desk.post(f"/pay/account/{account.uid}/", {"state": "ready"})
    assert done.headers["Location"] == reverse("desk_account_back")
    assert desk.get(done.headers["Location"]).headers["Location"] == PATH
    assert "Clients pay on your own account" in text(desk.get(PATH))


def test_coming_back_asks_how_it_stands_though_no_message_came(
    desk: Browser, studio: Provider, stripe: StripeServer
) -> None:
    account = begun(studio)
    stripe.webhooks = None
    stripe.account_becomes(str(account.account_id), charges_enabled=True)
    desk.get(f"{PATH}back/")
    account.refresh_from_db()
    assert account.state == "ready"
    desk.get(f"{PATH}back/")
    assert len([one for one in stripe.memory.spoke_for if one[0].startswith("GET /v1/accounts/")]) == 1


def test_a_page_that_was_open_for_too_long_says_so_and_goes_on(desk: Browser, studio: Provider) -> None:
    begun(studio)
    assert "open for too long" in text(desk.get(f"{PATH}?page=over"))


def test_stripe_being_away_is_said_and_nothing_is_lost(
    desk: Browser, studio: Provider, stripe: StripeServer
) -> None:
    stripe.fail("POST /v1/accounts", 503)
    page = desk.post(f"{PATH}connect/")
    assert page.status_code == 503
    assert "does not answer just now" in text(page)
    assert desk.post(f"{PATH}connect/").status_code == 302
    assert len(stripe.memory.accounts) == 1


def test_left_it_is_said_and_old_payments_keep_it(desk: Browser, studio: Provider) -> None:
    account = connected(provider=studio)
    assert desk.post(f"{PATH}leave/").status_code == 302
    account.refresh_from_db()
    assert (account.state, account.left_by) == ("left", owner(studio))
    page = desk.post(f"{PATH}leave/")
    assert (page.status_code, "no account to leave" in text(page)) == (409, True)


@pytest.mark.parametrize("role", ["member", "refunds", "read_only"])
@pytest.mark.parametrize("act", ["connect/", "leave/", "back/"])
def test_nobody_but_the_owner_does_it(studio: Provider, role: str, act: str) -> None:
    account = begun(studio)
    staff = browser(member(studio, role))
    answer = staff.get(PATH + act) if act == "back/" else staff.post(PATH + act)
    assert answer.status_code == 403
    account.refresh_from_db()
    assert account.state == "unfinished"
    assert str(account.account_id) not in text(staff.get(PATH))


def test_the_owner_of_another_studio_reaches_no_account_but_its_own(studio: Provider) -> None:
    account = connected(provider=studio)
    stranger = browser(owner(stories.school()))
    assert str(account.account_id) not in text(stranger.get(PATH))
    assert stranger.post(f"{PATH}leave/").status_code == 409
    account.refresh_from_db()
    assert account.state == "ready"


def test_a_get_neither_connects_nor_leaves(desk: Browser) -> None:
    assert [desk.get(f"{PATH}{act}/").status_code for act in ("connect", "leave")] == [405, 405]


def test_where_accounts_are_not_offered_there_is_no_page(desk: Browser, settings: Any) -> None:
    settings.STRIPE_CONNECT = False
    assert desk.get(PATH).status_code == 404
    assert PATH not in text(desk.get("/dashboard/money/"))
    assert desk.post(f"{PATH}connect/").status_code == 404


def test_the_fee_is_said_before_anything_is_connected(desk: Browser, settings: Any) -> None:
    assert "keeps nothing" in text(desk.get(PATH))
    settings.STRIPE_CONNECT_FEE = 150
    assert "keeps 1.5% of each payment" in text(desk.get(PATH))


def test_one_that_takes_no_payments_is_told_of_on_today_with_what_is_missing(
    desk: Browser, studio: Provider
) -> None:
    account = connected(provider=studio)
    becomes(account, None, "asked")
    assert "Your Stripe account takes no payments now" in text(desk.get("/dashboard/"))
    assert "A document that shows who you are" in text(desk.get(PATH))
    becomes(account, None, "away")
    assert "disconnected at Stripe" in text(desk.get("/dashboard/"))
    becomes(account, None, "ready")
    assert "Deposits cannot be taken" not in text(desk.get("/dashboard/"))


def test_clients_read_it_before_they_type_and_book_what_needs_no_deposit(studio: Provider) -> None:
    account, visitor = connected(provider=studio), Browser(headers={"Accept-Language": "en"})
    page = f"/{studio.slug}/session/"
    assert "Deposits cannot be taken" not in text(visitor.get(page))
    becomes(account, None, "asked")
    shown = visitor.get(page)
    assert (shown.status_code, "Deposits cannot be taken just now" in text(shown)) == (200, True)
    assert "Next free:" not in text(shown)
    assert "Deposits cannot be taken" not in text(visitor.get(f"/{studio.slug}/first-meeting/"))
    becomes(account, None, "ready")
    assert "Deposits cannot be taken" not in text(visitor.get(page))


def test_the_api_says_it_and_holds_no_time(studio: Provider) -> None:
    account, api = connected(provider=studio), Api()
    becomes(account, None, "asked")
    answer = api.post("appointments/", booking(studio))
    assert (answer.status, answer.code) == (409, "deposits_closed")
    assert "cannot take deposits just now" in answer.body["detail"]
    assert not Appointment.objects.exists()


def test_the_file_of_a_provider_has_nothing_of_its_account(studio: Provider) -> None:
    account = connected(provider=studio)
    assert str(account.account_id) not in str(transfer.dump(provider=studio))


def test_a_payment_says_that_it_is_on_the_own_account_and_what_is_kept_of_it(
    desk: Browser, studio: Provider, settings: Any
) -> None:
    settings.STRIPE_CONNECT_FEE = 150
    connected(provider=studio)
    deposit = stories.confirmed(studio).deposits.get()
    shown = text(desk.get(f"/dashboard/money/{deposit.uid}/"))
    assert "On your own account; €0.41 of it is kept by this installation" in shown


def fee(*said: str) -> str:
    out = StringIO()
    call_command("platform_fee", *said, stdout=out)
    return out.getvalue().strip()


def test_the_command_sets_the_fee_of_one_provider_and_takes_it_back(studio: Provider, settings: Any) -> None:
    settings.STRIPE_CONNECT_FEE = 150
    connected(provider=studio)
    assert fee(studio.slug, "200") == f"{studio.slug}: 200 hundredths of a percent"
    assert fee(studio.slug, "default") == f"{studio.slug}: 150 hundredths of a percent"


@pytest.mark.parametrize(
    "said", [("nobody", "100"), ("{slug}", "1.5"), ("{slug}", "10001"), ("{slug}", "100")]
)
def test_the_command_says_what_is_wrong(studio: Provider, said: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        fee(said[0].format(slug=studio.slug), said[1])


@pytest.mark.pure
def test_what_stripe_asks_for_is_said_once_each_and_what_is_unknown_by_its_name() -> None:
    asked = ["person_1.dob.day", "person_1.dob.month", "external_account", "something.new"]
    assert account_words.wanted(asked) == [
        "A date of birth",
        "The bank account that it pays out to",
        "something.new",
    ]
    assert "closed this account" in account_words.restriction("rejected.fraud")
    assert "looking at what it has" in account_words.restriction("under_review")
    assert "does not say why" in account_words.restriction("other")
