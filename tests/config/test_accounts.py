"""How people log in, and how often they may try."""

import ipaddress
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from booking.models import User
from config import accounts
from tests.booking import stories

pytestmark = pytest.mark.django_db
RIGHT, WRONG = "correct-horse-battery", "wrong-horse-battery"


@pytest.fixture
def user():
    return User.objects.create_user(email="anna@example.com", password=RIGHT)


@pytest.fixture(autouse=True)
def _fresh_limits():
    from django.core.cache import cache

    cache.clear()


def log_in(client, email: str = "anna@example.com", password: str = RIGHT):
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_the_right_password_opens_the_dashboard(client, user):
    answer = log_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/dashboard/")


def test_a_wrong_password_and_a_stranger_get_the_same_words(client, user):
    known, unknown = log_in(client, password=WRONG), log_in(client, email="nobody@example.com")
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors


def sign_up(client, email: str = "b@example.com"):
    return client.post("/accounts/signup/", {"email": email, "password1": RIGHT})


def test_where_accounts_are_by_invitation_nobody_can_sign_up_by_a_form(client, user, settings):
    settings.SIGN_UP = "invited"
    assert "By invitation" in sign_up(client).content.decode()
    assert not User.objects.filter(email="b@example.com").exists()
    assert "Start your own page" not in client.get("/accounts/login/").content.decode()


def test_the_first_lets_themselves_in(client, settings):
    settings.SIGN_UP = "invited"
    assert sign_up(client)["Location"] == "/accounts/confirm-email/"
    assert "By invitation" in sign_up(client, "c@example.com").content.decode()


def test_a_new_account_opens_nothing_until_its_address_is_confirmed(client, settings, mailoutbox):
    settings.SIGN_UP = "open"
    sign_up(client)
    link = link_in(mailoutbox[0])
    assert mailoutbox[0].extra_headers["X-Kept-Kind"] == "account_email_confirmation_signup"
    assert log_in(client, "b@example.com")["Location"] == "/accounts/confirm-email/"
    assert client.get("/dashboard/").status_code == 302
    client.get(link)
    assert client.get("/dashboard/").status_code == 302  # a scanner that opens links says yes to nothing
    client.post(link)
    assert client.get("/dashboard/account/").status_code == 200


def test_signing_up_with_a_known_address_looks_the_same_and_tells_its_owner(
    client, user, settings, mailoutbox
):
    settings.SIGN_UP = "open"
    unknown, known = sign_up(client), sign_up(client, "anna@example.com")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [(one.to, one.subject) for one in mailoutbox] == [
        (["b@example.com"], "Is this your address?"),
        (["anna@example.com"], "You have an account already"),
    ]
    assert User.objects.count() == 2


def test_asking_for_a_new_password_says_the_same_of_a_stranger(client, user):
    answers = [
        client.post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in ("anna@example.com", "nobody@example.com")
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert answers[0].context["messages"]._loaded_data == answers[1].context["messages"]._loaded_data


def link_in(mail) -> str:
    found = re.search(r"https?://\S+(/accounts/\S+)", mail.body)
    assert found is not None
    return found[1]


def test_a_new_address_counts_once_it_says_yes_and_the_old_one_is_told(client, user, mailoutbox):
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": RIGHT})
    client.post("/accounts/email/", {"email": "anna@new.example", "action_add": ""})
    user.refresh_from_db()
    assert (user.email, [one.to for one in mailoutbox]) == ("anna@example.com", [["anna@new.example"]])
    assert "waits for a yes from anna@new.example" in client.get("/dashboard/account/").content.decode()
    client.post(link_in(mailoutbox[0]))
    user.refresh_from_db()
    assert user.email == "anna@new.example"
    assert (mailoutbox[-1].to, mailoutbox[-1].subject) == (["anna@example.com"], "Your address was changed")


def test_another_browser_can_be_logged_out_from_here(client, user):
    other = Client()
    log_in(client)
    log_in(other)
    page = client.get("/accounts/sessions/").content.decode()
    assert page.count("This one") == 1
    client.post("/accounts/sessions/")
    assert (other.get("/dashboard/account/").status_code, client.get("/dashboard/account/").status_code) == (
        302,
        200,
    )


def test_a_changed_password_ends_the_other_log_ins_and_is_told(client, user, mailoutbox):
    other = Client()
    log_in(client)
    log_in(other)
    new = {"oldpassword": RIGHT, "password1": WRONG, "password2": WRONG}
    client.post("/accounts/password/change/", new)
    assert (other.get("/dashboard/account/").status_code, client.get("/dashboard/account/").status_code) == (
        302,
        200,
    )
    assert mailoutbox[-1].subject == "Your password was changed"


def test_codes_of_an_app_are_a_second_step_and_recovery_codes_are_shown_once(client, user):
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": RIGHT})
    page = client.get("/accounts/2fa/totp/activate/")
    assert "data:image/svg+xml;base64," in page.content.decode()
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    shown = client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True).content.decode()
    codes = re.findall(r"^\d{8}$", shown.replace('id="codes">', "\n"), re.M)
    assert len(codes) == 10
    assert codes[0] not in client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    fresh = Client()
    assert log_in(fresh)["Location"] == "/accounts/2fa/authenticate/"
    assert fresh.get("/dashboard/account/").status_code == 302
    assert fresh.post("/accounts/2fa/authenticate/", {"code": codes[1]})["Location"] == "/dashboard/"
    again = Client()
    log_in(again)
    assert again.post("/accounts/2fa/authenticate/", {"code": codes[1]}).status_code == 200


def test_codes_of_the_second_step_cannot_be_guessed_for_long(client, user):
    TOTP.activate(user, generate_totp_secret())
    log_in(client)
    said = [
        client.post("/accounts/2fa/authenticate/", {"code": f"{n:06}"}).content.decode() for n in range(7)
    ]
    assert "Too many" in said[-1]


def test_with_another_secret_key_codes_fit_no_more_and_nothing_breaks(client, user, settings):
    TOTP.activate(user, generate_totp_secret())
    settings.SECRET_KEY = "x" * 60
    log_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": "123456"}).status_code == 200


def test_a_log_in_that_was_never_confirmed_is_gone_after_a_week(client, user, settings):
    settings.SIGN_UP = "open"
    sign_up(client)
    now = timezone.now()
    assert accounts.forget_unproved(at=now + timedelta(days=6)) == 0
    assert accounts.forget_unproved(at=now + timedelta(days=8)) == 1
    assert list(User.objects.all()) == [user]


def test_who_took_anothers_address_ahead_gets_nothing_when_its_owner_is_made_a_member(client, settings):
    settings.SIGN_UP = "open"
    sign_up(client, "marco@studio-bianchi.example")
    stories.studio()
    marco = User.objects.get(email="marco@studio-bianchi.example")
    assert (marco.memberships.count(), marco.has_usable_password()) == (1, False)
    assert accounts.forget_unproved(at=timezone.now() + timedelta(days=8)) == 0


def test_name_and_language_are_kept(client, user):
    log_in(client)
    answer = client.post("/dashboard/account/", {"name": "Anna B", "language": "it"})
    user.refresh_from_db()
    assert (user.name, user.language, answer.cookies["django_language"].value) == ("Anna B", "it", "it")
    assert client.post("/dashboard/account/", {"name": "x", "language": "xx"}).status_code == 400


def test_every_page_of_the_log_in_is_ours_or_shut(client, user):
    """An address that allauth brings and we do not know is a page without our look."""
    known = {
        *("account_login", "account_logout", "account_signup", "account_inactive", "account_email"),
        *("account_reauthenticate", "account_email_verification_sent", "account_confirm_email"),
        *("account_change_password", "account_set_password", "account_confirm_login_code"),
        *("account_reset_password", "account_reset_password_done", "account_reset_password_from_key"),
        *("account_reset_password_from_key_done", "usersessions_list", "mfa_index", "mfa_list_webauthn"),
        *("mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_login_webauthn"),
        *("mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_edit_webauthn"),
        *("mfa_remove_webauthn", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
        "mfa_download_recovery_codes",
    }
    assert {one.name for one in patterns(get_resolver().url_patterns) if one.name} == known
    theirs = Path(allauth.__file__).parent / "templates"
    ours = Path(__file__).resolve().parents[2] / "templates"
    ways_not_taken = re.compile(
        "phone|code|by_passkey|signup_form|trust|snippets|base|_list|account/email.html"
    )
    pages = [
        one.relative_to(theirs) for room in ("account", "mfa") for one in (theirs / room).rglob("*.html")
    ]
    missing = [str(one) for one in pages if not (ours / one).exists() and not ways_not_taken.search(str(one))]
    assert missing == ["mfa/index.html"]  # its address leads to "You"
    assert client.get("/accounts/login/code/confirm/").status_code == 404
    assert client.get("/accounts/2fa/")["Location"] == "/dashboard/account/"


def patterns(found: Any) -> Iterator[Any]:
    for one in found:
        if not hasattr(one, "url_patterns"):
            continue
        if str(one.pattern).startswith("accounts/"):
            yield from deep(one.url_patterns)


def deep(found: Any) -> Iterator[Any]:
    for one in found:
        yield from deep(one.url_patterns) if hasattr(one, "url_patterns") else [one]


def test_the_stock_admin_is_for_superusers_alone_and_asks_the_same_second_step(client, user):
    user.is_staff = True
    user.save()
    log_in(client)
    assert client.get("/admin/").status_code == 403
    boss = User.objects.create_superuser("boss@example.com", RIGHT)
    TOTP.activate(boss, generate_totp_secret())
    fresh = Client()
    assert fresh.get("/admin/login/")["Location"].startswith("/accounts/login/")
    assert log_in(fresh, "boss@example.com")["Location"] == "/accounts/2fa/authenticate/"
    assert fresh.get("/admin/").status_code == 302


def test_guessing_ends_after_a_few_tries(client, user):
    answers = [log_in(client, password=f"{WRONG}{n}") for n in range(12)]
    assert "Too many" in str(answers[-1].context["form"].errors) or answers[-1].status_code == 429
    assert log_in(client).status_code != 302


def test_an_exempt_network_logs_in_as_often_as_it_likes(client, user, settings):
    settings.LIMITS_EXEMPT = [ipaddress.ip_network("127.0.0.0/8")]
    for _ in range(40):
        assert log_in(client).status_code == 302
        client.post("/accounts/logout/")
