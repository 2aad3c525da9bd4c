"""Who works for a provider: invited, changed, removed; and the tokens of programs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from booking import tokens
from booking.models import ApiToken, Invitation, Membership, Provider, User
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, owner, show_factor, text

pytestmark = pytest.mark.django_db
PATH = "/dashboard/set-up/members/"
TOKENS = "/dashboard/set-up/tokens/"
PASSWORD = "correct horse battery"


def invite(desk: Browser, mailoutbox: Any, email: str = "sam@example.org", role: str = "member") -> str:
    answer = desk.post(PATH, {"act": "invite", "email": email, "role": role})
    assert answer.status_code == 302, text(answer)
    return link_in(mailoutbox[-1])


def link_in(mail: Any) -> str:
    found = re.search(r"https?://[^/\s]+(/dashboard/invitation/\S+)", mail.body)
    assert found is not None
    return found[1]


def roles(provider: Provider) -> dict[str, str]:
    return dict(Membership.objects.filter(provider=provider).values_list("user__email", "role"))


def test_whoever_is_invited_joins_with_a_password_of_their_own(
    studio: Provider, desk: Browser, mailoutbox: Any
) -> None:
    link = invite(desk, mailoutbox, "Sam@Example.org", "refunds")
    assert mailoutbox[-1].to == ["sam@example.org"]
    assert link.split("/")[-2] not in str(list(Invitation.objects.values()))
    sam = Browser()
    page = sam.get(link)
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert not User.objects.filter(
        email="sam@example.org"
    ).exists()  # a scanner that opens links joins nothing
    assert sam.post(link, {"name": "Sam", "password": "short"}).status_code == 400
    assert sam.post(link, {"name": "Sam", "password": PASSWORD})["Location"] == "/dashboard/"
    assert sam.get("/dashboard/").status_code == 200
    assert roles(studio)["sam@example.org"] == "refunds"
    assert Browser().get(link).status_code == 410
    assert Browser().post(link, {"name": "Eve", "password": PASSWORD}).status_code == 410


def test_who_has_a_log_in_joins_with_it_and_works_for_both(
    studio: Provider, desk: Browser, mailoutbox: Any
) -> None:
    school = stories.school()
    theirs = owner(school)
    link = invite(desk, mailoutbox, theirs.email)
    assert "Log in and join" in text(Browser().get(link))
    assert Browser().post(link, {"name": "Eve", "password": PASSWORD}).status_code == 400
    there = browser(theirs)
    for said in (
        {"name": "Sam", "password": PASSWORD},
        {"as": "sam@example.org"},
    ):  # of a page from before the log-in
        assert there.post(link, said).status_code == 409
    assert f'name="as" value="{theirs.email}"' in text(there.get(link))
    assert there.post(link, {"as": theirs.email})["Location"] == "/dashboard/"
    assert studio.name in text(there.get("/dashboard/more/"))
    assert Membership.objects.filter(user=theirs).count() == 2


def test_a_link_ends_after_a_week_and_when_it_is_withdrawn_or_sent_again(
    studio: Provider, desk: Browser, mailoutbox: Any, clock: Any
) -> None:
    first = invite(desk, mailoutbox)
    number = Invitation.objects.get().pk
    desk.post(PATH, {"act": "again", "invitation": number})
    second = link_in(mailoutbox[-1])
    assert (Browser().get(first).status_code, Browser().get(second).status_code) == (410, 200)
    clock.shift(timedelta(days=7))
    assert Browser().get(second).status_code == 410
    assert "the link has ended" in text(desk.get(PATH))
    desk.post(PATH, {"act": "again", "invitation": number})
    third = link_in(mailoutbox[-1])
    desk.post(PATH, {"act": "withdraw", "invitation": number})
    assert Browser().get(third).status_code == 410
    assert desk.post(PATH, {"act": "again", "invitation": number}).status_code == 404


def test_a_member_is_not_invited_and_a_wrong_address_keeps_what_was_typed(
    studio: Provider, desk: Browser, mailoutbox: Any
) -> None:
    member(studio, "member", "sam@example.org")
    answer = desk.post(PATH, {"act": "invite", "email": "sam@example.org", "role": "member"})
    assert (answer.status_code, mailoutbox) == (409, [])
    answer = desk.post(PATH, {"act": "invite", "email": "no address", "role": "refunds"})
    assert answer.status_code == 400
    assert 'value="no address"' in text(answer)
    assert desk.post(PATH, {"act": "invite", "email": "a@example.org", "role": "king"}).status_code == 400
    assert desk.post(PATH, {"act": "nonsense"}).status_code == 400


def test_a_mail_server_that_is_away_is_said_and_the_mail_can_go_later(
    studio: Provider, desk: Browser, monkeypatch: Any
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    answer = desk.post(PATH, {"act": "invite", "email": "a@example.org", "role": "member"}, follow=True)
    assert "did not leave" in text(answer)


def test_who_is_removed_is_out_at_once_with_token_and_calendar(studio: Provider, desk: Browser) -> None:
    user = member(studio, "member", "sam@example.org")
    sam, membership = browser(user), Membership.objects.get(user=user)
    tokens.open_calendar(membership=membership, names=True)
    calendar = f"/calendar/{tokens.calendar_token(membership)}.ics"
    said = text(sam.post(TOKENS, {"name": "site", "scopes": ["read"]}))
    token = re.search(r"kept_[\w-]+", said)
    assert token is not None
    api = {"Authorization": f"Bearer {token[0]}"}
    assert Browser().get("/api/v1/appointments/", headers=api).status_code == 200
    assert Browser().get(calendar).status_code == 200
    desk.post(PATH, {"act": "remove", "member": membership.pk})
    assert sam.get("/dashboard/").status_code == 403
    assert Browser().get("/api/v1/appointments/", headers=api).status_code == 401
    assert Browser().get(calendar).status_code == 404


def test_the_last_owner_stays(studio: Provider, desk: Browser) -> None:
    mine = Membership.objects.get(user=owner(studio))
    for said in ({"act": "remove"}, {"act": "change", "role": "member", "limit": ""}):
        answer = desk.post(PATH, {"member": mine.pk, **said})
        assert answer.status_code == 409
        assert "Make somebody else one first" in text(answer)
    second = Membership.objects.get(user=member(studio, "member", "sam@example.org"))
    desk.post(PATH, {"act": "change", "member": second.pk, "role": "owner", "limit": ""})
    assert desk.post(PATH, {"act": "remove", "member": mine.pk}).status_code == 302
    assert "sam@example.org" in roles(studio)
    assert owner(studio).email == "sam@example.org"


def test_role_and_limit_are_changed_by_owners_alone_and_at_ones_own_desk(
    studio: Provider, desk: Browser
) -> None:
    sam = Membership.objects.get(user=member(studio, "member", "sam@example.org"))
    said = {"act": "change", "member": sam.pk, "role": "refunds", "limit": "80.00"}
    assert browser(sam.user).post(PATH, said).status_code == 403
    assert desk.post(PATH, said | {"limit": "much"}).status_code == 400
    assert desk.post(PATH, said).status_code == 302
    sam.refresh_from_db()
    assert (sam.role, sam.refund_limit) == ("refunds", 8000)
    foreign = Membership.objects.get(user=owner(stories.school()))
    for act in ("change", "remove"):
        assert desk.post(PATH, said | {"act": act, "member": foreign.pk}).status_code == 404


def test_a_token_is_shown_once_and_does_what_it_was_made_for(studio: Provider, desk: Browser) -> None:
    token = re.search(
        r"kept_[\w-]+", text(desk.post(TOKENS, {"name": "site", "scopes": ["read", "refunds"]}))
    )
    assert token is not None
    row = ApiToken.objects.get()
    assert (row.name, row.scopes) == ("site", ["read", "refunds"])
    shown = text(desk.get(TOKENS))
    assert token[0] not in shown
    assert "site" in shown
    api = {"Authorization": f"Bearer {token[0]}"}
    assert Browser().get("/api/v1/clients/", headers=api).status_code == 200
    desk.post(TOKENS, {"revoke": row.pk})
    assert Browser().get("/api/v1/clients/", headers=api).status_code == 401


def test_a_token_does_no_more_than_its_member_and_refunds_need_the_second_factor(studio: Provider) -> None:
    sam = member(studio, "member", "sam@example.org")
    assert browser(sam).post(TOKENS, {"name": "x", "scopes": ["refunds"]}).status_code == 400
    alone = browser(owner(studio), second_factor=False)
    answer = alone.post(TOKENS, {"name": "books", "scopes": ["read", "refunds"]})
    assert (answer.status_code, ApiToken.objects.count()) == (400, 0)
    assert 'value="books"' in text(answer)
    show_factor(alone, owner(studio))
    assert alone.post(TOKENS, {"name": "books", "scopes": ["read", "refunds"]}).status_code == 200
    assert browser(sam).post(TOKENS, {"revoke": ApiToken.objects.get().pk}).status_code == 404


def test_a_file_that_is_imported_again_leaves_limits_and_calendars_as_they_are(studio: Provider) -> None:
    from booking import transfer

    mine = Membership.objects.get(user=owner(studio))
    Membership.objects.filter(pk=mine.pk).update(refund_limit=500, calendar_hash="a" * 64)
    content = transfer.dump(provider=studio)
    content["members"].append({"email": "new@example.org", "name": "New", "role": "member"})
    transfer.load(file=transfer.read(transfer.dumps(content).encode()), at=stories.EARLY)
    assert Membership.objects.get(pk=mine.pk).refund_limit == 500
    content["members"].reverse()
    transfer.load(file=transfer.read(transfer.dumps(content).encode()), at=stories.EARLY)
    same = Membership.objects.get(user=mine.user)
    assert (same.pk, same.refund_limit, same.calendar_hash) == (mine.pk, 500, "a" * 64)
