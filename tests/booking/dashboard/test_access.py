"""Who may sit at a desk, and that nothing of another's is there."""

import ast
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, get_resolver

from booking import free_starts, lifecycle
from booking.models import Membership, Provider, TimelineEntry, User
from payments.models import Deposit
from reminders.models import Message
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, missed, owner, show_factor, text

ROOT = Path(__file__).parents[3]
ROOMS = ("booking", "payments", "policies", "reminders")
SALT = "Zyzzyva"
FREE = ("self", "link")  # about the user alone, at a desk or not; for whoever holds a link
RIGHTS = ("look", "act", "refund", "own", *FREE)


def views() -> Iterator[URLPattern]:
    """Every address of the dashboard."""
    for app in ROOMS:
        yield from get_resolver(f"{app}.dashboard.urls").url_patterns


def address(pattern: URLPattern, uid: UUID | None = None, name: str = "approve") -> str:
    said = {
        "<uuid:uid>": str(uid),
        "<uuid:note>": str(uid),
        "<slug:name>": name,
        "<slug:kind>": "reminder",
        "<slug:what>": "look",
        "<int:number>": "1",
        "<str:token>": "none",
    }
    path = str(pattern.pattern)
    for part, value in said.items():
        path = path.replace(part, value)
    return f"/dashboard/{path}"


def test_no_dashboard_module_asks_a_model_but_those_that_make_desks() -> None:
    managers = ("objects", "_default_manager", "_base_manager")
    found = {
        f"{app}/{path.name}"
        for app in ROOMS
        for path in (ROOT / app / "dashboard").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in managers
    }
    assert found == {"booking/access.py", "booking/desk.py"}


@pytest.mark.parametrize("pattern", list(views()), ids=lambda pattern: str(pattern.name))
def test_every_address_asks_for_a_right(pattern: URLPattern) -> None:
    assert getattr(pattern.callback, "desk_right", None) in RIGHTS


@pytest.mark.django_db
@pytest.mark.parametrize(
    "pattern",
    [one for one in views() if getattr(one.callback, "desk_right", "") != "link"],
    ids=lambda pattern: str(pattern.name),
)
def test_a_stranger_is_sent_to_the_log_in(pattern: URLPattern) -> None:
    path = address(pattern, UUID(int=0))
    answer = Browser().get(path) if "POST" not in str(pattern.name) else Browser().post(path)
    assert answer.status_code in (302, 405)
    assert answer.status_code == 405 or answer["Location"].startswith("/accounts/login/?next=")


@pytest.mark.once
def test_who_is_a_member_of_nothing_sees_nothing_superuser_or_not(studio: Provider) -> None:
    stories.confirmed(studio)
    for user in (
        User.objects.create_user("nobody@example.org", "a long password 1"),
        User.objects.create_superuser("root@example.org", "a long password 1"),
    ):
        for pattern in views():
            answer = browser(user).get(address(pattern, UUID(int=0)))
            by_oneself = getattr(pattern.callback, "desk_right", "") in FREE
            assert answer.status_code in ((200, 302, 404, 405, 410) if by_oneself else (403, 405))
            assert "Ada Moss" not in text(answer)


def test_a_log_in_without_a_desk_is_told_what_to_do(studio: Provider) -> None:
    user = User.objects.create_user("nobody@example.org", "a long password 1")
    assert "no provider has made you a member" in text(browser(user).get("/dashboard/"))


@pytest.fixture
def neighbour(clock: object, db: None) -> Provider:
    """Another provider, with her name on everything."""
    school = stories.school()
    school.name = f"{SALT} School"
    school.email = f"{SALT.lower()}@school.example"
    school.save()
    for policy in school.policies.all():
        policy.name, policy.note = f"{SALT} {policy.name}", {"en": SALT}
        policy.save()
    for service in school.services.all():
        service.name = {"en": f"{SALT} lesson", "th": f"{SALT} lesson"}
        service.save()
    return school


def salted(school: Provider) -> list[UUID]:
    """Something of the neighbour's of every kind; the ids of all of it."""
    service = school.services.filter(approval=False).order_by("-price").first()
    assert service is not None
    appointment = stories.confirmed(
        school,
        slug=service.slug,
        mode=service.modes[0],
        start=free_starts.offers(service=service, near=stories.MONDAY, at=stories.EARLY)[0],
        client=lifecycle.ClientDetails(name=f"{SALT} Client", email=f"{SALT.lower()}@example.com"),
    )
    Message.objects.update(subject=SALT, text=SALT, html=f"<p>{SALT}</p>")
    TimelineEntry.objects.create(
        appointment=appointment, kind="declined", at=stories.EARLY, by="provider", facts={"note": SALT}
    )
    found = [appointment.uid, appointment.client.uid, school.uid, service.uid]
    found += Deposit.objects.filter(appointment=appointment).values_list("uid", flat=True)
    found += Message.objects.filter(appointment=appointment).values_list("uid", flat=True)
    return found


LOOKS = [
    "",
    "more/",
    "calendar/",
    "calendar/?view=month&date=2027-03-01",
    "calendar/?view=list&date=2027-02-20",
    "calendar/feed/?start=2027-02-20T00:00:00&end=2027-04-10T00:00:00",
    "appointments/",
    "appointments/?period=all",
    "appointments/?period=all&status=confirmed",
    "appointments/?q=example.com",
    "clients/",
    "clients/?q=example.com",
    "money/",
    "money/?state=held",
    "money/?q=example.com",
    "messages/",
    "messages/?state=sent",
    "messages/?q=example.com",
    "rules/",
    "rules/?language=th",
]


def test_not_a_word_of_anothers_is_in_any_page(studio: Provider, desk: Browser, neighbour: Provider) -> None:
    stories.confirmed(studio)
    salted(neighbour)
    Message.objects.filter(provider=studio).update(subject="", text="", html="")
    for look in LOOKS:
        answer = desk.get(f"/dashboard/{look}")
        assert answer.status_code == 200
        assert SALT.lower() not in text(answer).lower(), look


def test_the_same_pages_do_say_it_at_the_neighbours_own_desk(studio: Provider, neighbour: Provider) -> None:
    salted(neighbour)
    desk = browser(owner(neighbour))
    silent = [look for look in LOOKS if SALT.lower() not in text(desk.get(f"/dashboard/{look}")).lower()]
    assert silent == []


def test_who_sits_at_two_desks_changes_between_them(studio: Provider, neighbour: Provider) -> None:
    user = owner(studio)
    Membership.objects.create(provider=neighbour, user=user, role="read_only")
    desk = browser(user)
    assert "Studio Bianchi" in text(desk.get("/dashboard/rules/"))
    desk.post("/dashboard/switch/", {"desk": str(neighbour.uid)})
    assert f"{SALT} lesson" in text(desk.get("/dashboard/rules/"))
    assert desk.post(f"/dashboard/appointments/{UUID(int=0)}/approve/").status_code == 403


def test_nobody_sits_down_at_a_desk_that_is_not_theirs(
    studio: Provider, desk: Browser, neighbour: Provider
) -> None:
    assert desk.post("/dashboard/switch/", {"desk": str(neighbour.uid)}).status_code == 404
    assert SALT not in text(desk.get("/dashboard/rules/"))


def test_who_leaves_has_no_desk_in_the_very_next_request(studio: Provider) -> None:
    user = member(studio, "member")
    desk = browser(user)
    assert desk.get("/dashboard/").status_code == 200
    user.memberships.all().delete()
    assert desk.get("/dashboard/").status_code == 403


@pytest.mark.parametrize(
    "role, acts, refunds",
    [
        pytest.param("owner", True, True, id="owner"),
        pytest.param("refunds", True, True, id="refund_desk"),
        pytest.param("member", True, False, id="member"),
        pytest.param("read_only", False, False, id="read_only"),
    ],
)
def test_each_role_may_do_what_it_may(studio: Provider, role: str, acts: bool, refunds: bool) -> None:
    appointment = stories.confirmed(studio)
    deposit = appointment.deposits.get()
    desk = browser(owner(studio) if role == "owner" else member(studio, role, f"{role}@another.example"))
    assert desk.get(f"/dashboard/appointments/{appointment.uid}/").status_code == 200
    assert desk.get(f"/dashboard/money/{deposit.uid}/").status_code == 200
    refund = desk.post(f"/dashboard/money/{deposit.uid}/refund/", {})
    assert refund.status_code == (400 if refunds else 403)
    act = desk.post(
        f"/dashboard/appointments/{appointment.uid}/cancel/", {"reason": "other", "back": "refund"}
    )
    assert act.status_code == (302 if acts else 403)
    assert stories.fresh(appointment).status == ("cancelled" if acts else "confirmed")


def test_a_form_from_elsewhere_is_refused(studio: Provider) -> None:
    appointment = stories.confirmed(studio)
    desk = Browser(enforce_csrf_checks=True)
    desk.force_login(owner(studio))
    show_factor(desk, owner(studio))
    answer = desk.post(f"/dashboard/appointments/{appointment.uid}/cancel/", {"reason": "other"})
    assert answer.status_code == 403
    assert stories.fresh(appointment).status == "confirmed"


def test_pages_are_kept_by_no_cache_and_no_search_engine(studio: Provider, desk: Browser) -> None:
    answer = desk.get("/dashboard/")
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_what_a_client_typed_is_shown_as_text(studio: Provider, desk: Browser) -> None:
    evil = "<svg onload=alert(1)>"
    appointment = missed(studio, client=lifecycle.ClientDetails(name=evil, email="x@example.com"))
    lifecycle.explain(appointment=appointment, reason="other", note=evil, at=appointment.no_show_at)
    for look in (*LOOKS, f"appointments/{appointment.uid}/", f"clients/{appointment.client.uid}/"):
        assert evil not in text(desk.get(f"/dashboard/{look}")) or "feed" in look
