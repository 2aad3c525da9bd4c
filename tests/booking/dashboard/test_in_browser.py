"""The dashboard in a real browser: the grid on the provider's clocks, a clock that runs, nothing for axe to
complain of, by light and by dark, and no page wider than a phone."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from booking import lifecycle
from booking.models import Appointment, Client, Proposal, Provider, TimeOff
from reminders import notices, routes
from reminders.models import Route
from tests import looking
from tests.booking import stories
from tests.booking.dashboard.people import HOUR, MINUTE, MONDAY, missed, owner, show_factor
from tests.reminders.test_channels import TWILIO

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = MONDAY + 6 * MINUTE


@pytest.fixture
def full(clock: time_machine.Traveller, transactional_db: None) -> Provider:
    """A studio on a day with somebody late, somebody who explained and somebody who asks."""
    studio = stories.studio()
    late = stories.confirmed(studio)
    again = stories.confirmed(
        studio,
        start=MONDAY + 2 * HOUR,
        client=lifecycle.ClientDetails(name="<svg onload=alert(1)>", email="grace@example.com"),
    )
    assert again.status == "confirmed"
    before = missed(
        studio,
        start=MONDAY - timedelta(days=7),
        at=stories.EARLY,
        client=lifecycle.ClientDetails(name="สมหญิง ใจดี", email="somying@example.com"),
    )
    lifecycle.explain(appointment=before, reason="transport", note="No bus came.", at=MONDAY - HOUR)
    by = stories.owner(studio)
    said = {"appointment": before, "by": by, "at": MONDAY - HOUR}
    lifecycle.share_note(text="What to bring: https://example.com/" + "long" * 30, tell=False, **said)
    lifecycle.note(client=before.client, text="Needs a ramp.", **said)
    stories.book(
        studio,
        "first-meeting",
        start=MONDAY + timedelta(days=3),
        at=MONDAY - HOUR,
        client=lifecycle.ClientDetails(name="Nora", email="nora@example.com"),
        answers={"reason": "sleep"},
    )
    lifecycle.late(appointment=late, minutes=10, at=MONDAY + MINUTE)
    channels(studio)
    clients_with_wishes(studio)
    clock.move_to(NOW)
    return studio


def channels(studio: Provider) -> None:
    """One that works, one whose last test failed, one that was never tried; and news by one of them."""
    for name, address in (
        ("Texts", TWILIO),
        ("Chat", "tgram://123456789:abcdefg_hijklmnop/12315544/"),
        ("WhatsApp of the studio", f"whatsapp://{'T' * 20}@123456789012345"),
    ):
        made = Route(
            provider=studio, name=name, for_clients=True, for_provider=True, enabled_at=stories.EARLY
        )
        routes.set_up(route=made, address=address, at=stories.EARLY)
    works, failing, _untried = Route.objects.order_by("pk")
    routes.went_well(works, at=MONDAY)
    routes.went_wrong(failing, why="Telegram: error=403, bot was blocked", final=False, at=MONDAY)
    notices.choose(provider=studio, group="money", how="daily", channels=["email"])
    notices.choose(provider=studio, group="bookings", how="at_once", channels=[works.channel])


def clients_with_wishes(studio: Provider) -> None:
    """One whom the hours suit and one whom they do not, with mails that come back."""
    Client.objects.filter(email="ada@example.com").update(preferences={"days": ["sun"], "parts": ["evening"]})
    Client.objects.filter(email="grace@example.com").update(preferences={"days": ["mon"]})
    Client.objects.filter(email="nora@example.com").update(
        mail_bounced_at=MONDAY - HOUR, mail_trouble="550 5.1.1 no such mailbox"
    )


@pytest.fixture
def complaints(page: Any) -> list[str]:
    """What the browser itself says is wrong: scripts that fail, addresses that the policy refuses."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: found.append("a dialog") or dialog.dismiss())  # type: ignore[func-returns-value]
    return found


@pytest.fixture
def at_desk(full: Provider, page: Any, live_server: Any, client: Any) -> Any:
    """The owner's page, logged in, its clock where the server's is."""
    client.force_login(owner(full))
    show_factor(client, owner(full))
    cookie = client.cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
    page.clock.install(time=NOW)
    page.live = live_server.url
    return page


PAGES = [
    "",
    "calendar/",
    "calendar/?view=month",
    "calendar/?view=list",
    "calendar/?view=day",
    "calendar/book/",
    "calendar/time-off/",
    "appointments/",
    "clients/",
    "money/",
    "reports/",
    "reports/?range=own",
    "rules/",
    "share/",
    "more/",
]
MESSAGES = [
    "messages/",
    "messages/wording/",
    "messages/wording/reminder/",
    "messages/reminders/",
    "messages/channels/",
    "messages/channels/add/",
    "messages/notices/",
    "clients/wishes/",
    "clients/cost/",
    "set-up/",
    "set-up/hours/",
    "set-up/days/",
    "set-up/profile/",
    "set-up/brand/",
    "set-up/legal/",
    "set-up/services/",
    "set-up/services/add/",
    "set-up/policies/",
    "set-up/policies/add/?preset=Firm",
    "set-up/calendars/",
    "set-up/webhooks/",
    "set-up/limits/",
    "set-up/holidays/",
]


def details() -> list[str]:
    appointment = Appointment.objects.filter(status="no_show").get()
    deposit = appointment.deposits.get()
    return [
        f"appointments/{appointment.uid}/",
        f"appointments/{Appointment.objects.filter(status='requested').get().uid}/",
        f"appointments/{Appointment.objects.filter(status='confirmed').latest('starts_at').uid}/move/?start=2027-03-09T10:00",
        f"clients/{appointment.client.uid}/",
        f"clients/{appointment.client.uid}/doubles/",
        f"clients/{appointment.client.uid}/merge/?with={Client.objects.get(email='ada@example.com').uid}",
        f"money/{deposit.uid}/",
        f"money/{deposit.uid}/refund/",
        f"messages/{appointment.messages.latest('pk').uid}/",
    ]


def of_messages() -> list[str]:
    """A channel that failed, and a client to whom mails come back."""
    failing = Route.objects.exclude(last_failure="").get()
    nora = Client.objects.get(email="nora@example.com")
    return [*MESSAGES, f"messages/channels/{failing.uid}/", f"clients/{nora.uid}/"]


@pytest.mark.slow
def test_every_page_is_clean_for_axe_by_light_and_by_dark_and_fits_a_phone(
    at_desk: Any, complaints: list[str]
) -> None:
    page, wrong = at_desk, []
    for path in PAGES + details():
        wrong += looking.complaints_about(page, f"{page.live}/dashboard/{path}")
    for path in of_messages():
        wrong += looking.complaints_about(
            page,
            f"{page.live}/dashboard/{path}",
            languages=looking.LANGUAGES if looking.PICTURES else ("en", "it"),
        )
    assert wrong == []
    # axe looks into every frame; the one of a letter lets nothing run, and says so. A page of errors answers 400.
    expected = ("frame is sandboxed", "400 (Bad Request)")
    assert [one for one in complaints if not any(words in one for words in expected)] == []


def test_the_grid_shows_the_providers_hours_in_a_browser_anywhere(
    browser: Any, full: Provider, live_server: Any, client: Any
) -> None:
    client.force_login(owner(full))
    show_factor(client, owner(full))
    context = browser.new_context(timezone_id="Pacific/Auckland", locale="en-GB")
    context.add_cookies(
        [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.clock.install(time=NOW)
    page.goto(f"{live_server.url}/dashboard/calendar/?date=2027-03-01")
    event = page.locator("#calendar a", has_text="Ada Moss")
    event.wait_for()
    assert "10:00" in event.inner_text()
    assert page.locator("#calendar .ec-today time").first.get_attribute("datetime") == "2027-03-01"
    event.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard/appointments/**")
    assert page.locator("h1").inner_text() == "Ada Moss"

    Provider.objects.update(hour_cycle="h12")  # as the provider reads them, again not as the browser is set
    page.goto(f"{live_server.url}/dashboard/calendar/?date=2027-03-01")
    event.wait_for()
    assert event.locator("time").inner_text().replace("\u202f", " ") == "10–10:50 am"
    page.goto(f"{live_server.url}/dashboard/")
    assert page.locator("[data-now]").inner_text().replace("\u202f", " ") == "10:06 am"
    context.close()


def test_the_calendar_is_dragged_on_and_follows_what_happens_elsewhere(
    at_desk: Any, full: Provider, complaints: list[str]
) -> None:
    """Drag an appointment: the page that says what it would do. Over free time: a block, or a booking."""
    page = at_desk
    page.set_viewport_size({"width": 1280, "height": 1100})
    week = f"{page.live}/dashboard/calendar/?date=2027-03-01"
    page.goto(week)
    grace = page.locator("#calendar .ec-event", has_text="12:00")
    grace.wait_for()
    hour = resting(page, grace)["height"] * 60 / 50
    drag(page, grace, hours=3 * hour, days=4)
    page.wait_for_url("**/move/?start=2027-03-05T15*")
    assert page.get_by_role("button", name="Propose this time").is_visible()
    assert not Proposal.objects.exists()

    page.goto(week)
    grace.wait_for()
    free = page.locator("#free")
    drag(page, grace, hours=hour, begin=3 * hour)
    free.locator("h2", has_text="1 March").wait_for()
    free.get_by_label("Keep it free: what for?").fill("Dentist")
    free.get_by_role("button", name="Keep it free").click()
    page.get_by_text("Nobody can book this time.").wait_for()
    assert TimeOff.objects.get().title == "Dentist"
    page.locator("#calendar a", has_text="Dentist").click()
    page.get_by_role("button", name="Give this time back").click()
    page.get_by_text("This time can be booked again.").wait_for()
    assert not TimeOff.objects.exists()

    page.goto(week)
    grace.wait_for()
    box = resting(page, grace)
    page.mouse.click(box["x"] + 20, box["y"] + 4 * hour)
    free.get_by_role("link", name="Book for a client").click()
    page.get_by_label("Name").fill("Zoe Elsewhere")
    page.get_by_label("E-mail").fill("zoe@example.com")
    page.get_by_role("button", name="See what happens").click()
    page.get_by_role("button", name="Book it").click()
    page.get_by_text("Booked. The client gets the confirmation.").wait_for()

    page.goto(week)
    page.locator("#calendar a", has_text="Zoe Elsewhere").wait_for()
    at = Appointment.objects.latest("pk").starts_at
    stories.confirmed(
        full,
        start=at.replace(hour=9, minute=0) + timedelta(days=1),
        at=NOW,
        client=lifecycle.ClientDetails(name="Iris Newcome", email="iris@example.com"),
    )
    page.clock.fast_forward(6000)
    page.locator("#calendar a", has_text="Iris Newcome").wait_for()
    page.locator("#agenda a.whole", has_text="Iris Newcome").wait_for()
    assert complaints == []


def drag(page: Any, event: Any, *, hours: float, begin: float = 0, days: int = 0) -> None:
    """From within an event, or so far below it, downwards."""
    box = resting(page, event)
    left, top = box["x"] + 20, box["y"] + 10 + begin
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left, top + hours / 2, steps=4)
    page.mouse.move(left + days * box["width"] * 1.06, top + hours, steps=4)
    page.mouse.up()


def resting(page: Any, event: Any) -> Any:
    """Where an event of the calendar is, once the calendar does not move any more."""
    seen: list[Any] = [None]

    def still() -> bool:
        seen.append(event.bounding_box())
        return seen[-1] is not None and seen[-1] == seen[-2]

    looking.until(page, still)
    return seen[-1]


def test_the_grace_clock_runs(at_desk: Any) -> None:
    at_desk.goto(f"{at_desk.live}/dashboard/")
    clock = at_desk.locator("[data-until]").first
    assert re.fullmatch(r"9:00|8:\d\d", clock.inner_text())  # it runs while the page is on its way
    at_desk.clock.fast_forward(10 * 60 * 1000)
    assert clock.inner_text() == "over"


def test_a_refund_goes_through_by_keyboard_alone(at_desk: Any, full: Provider) -> None:
    appointment = Appointment.objects.filter(client__email="ada@example.com").get()
    at_desk.goto(f"{at_desk.live}/dashboard/money/{appointment.deposits.get().uid}/")
    at_desk.get_by_role("link", name="Give money back").focus()
    at_desk.keyboard.press("Enter")
    at_desk.get_by_label("How much goes back, in EUR?").fill("12,50")
    at_desk.get_by_label("Why?").fill("We ended early")
    at_desk.keyboard.press("Enter")
    at_desk.get_by_role("button", name="Give back €12.50").focus()
    at_desk.keyboard.press("Enter")
    at_desk.get_by_text("€12.50 is on its way back. The client gets a mail.").wait_for()
    assert appointment.deposits.get().refunded == 1250


def test_the_week_is_painted_by_mouse_and_keyboard_and_is_what_the_form_posts(
    at_desk: Any, full: Provider, complaints: list[str]
) -> None:
    at_desk.goto(f"{at_desk.live}/dashboard/set-up/hours/")

    def cell(day: str, time: str) -> Any:
        return at_desk.locator(f".paint [role=gridcell][aria-label^='{day} {time}']")

    for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        at_desk.locator(f"[data-day={key}] input").evaluate_all("all => all.forEach(one => one.value = '')")
    at_desk.fill("[name=sun-0-from]", "09:15")
    at_desk.fill("[name=sun-0-to]", "10:00")
    assert cell("Sunday", "09:00").get_attribute("data-state") == "partly"
    cell("Monday", "09:00").hover()
    at_desk.mouse.down()
    cell("Tuesday", "11:30").hover()
    at_desk.mouse.up()
    assert at_desk.input_value("[name=mon-0-from]") + at_desk.input_value("[name=mon-0-to]") == "09:0012:00"
    cell("Tuesday", "10:00").focus()
    at_desk.keyboard.press("Space")  # a break is cut out
    at_desk.keyboard.press("Shift+ArrowDown")
    assert at_desk.input_value("[name=tue-1-from]") == "11:00"
    assert at_desk.locator("[data-total]").inner_text() == "5 h 45 min"
    at_desk.get_by_role("button", name="Save the hours").click()
    at_desk.get_by_text("Your weekly hours are saved.").wait_for()
    kept = full.weekly_hours.order_by("weekday", "opens_minute")
    assert list(kept.values_list("weekday", "opens_minute", "closes_minute")) == [
        (0, 540, 720),
        (1, 540, 600),
        (1, 660, 720),
        (6, 555, 600),
    ]
    assert complaints == []


def test_the_set_up_answers_while_it_is_typed(at_desk: Any, full: Provider, complaints: list[str]) -> None:
    """The card of a service, and what a policy would cost at the notice of the slider; by keyboard as well."""
    page = at_desk
    page.goto(f"{page.live}/dashboard/set-up/services/")
    page.get_by_role("link", name="Individual session", exact=True).click()
    page.get_by_label("Price, in EUR").fill("120")
    page.locator("#preview").get_by_text("€36.00 is paid ahead").wait_for()
    page.get_by_text("Questions before booking").click()
    page.get_by_role("button", name="Add a question").click()
    page.get_by_label("Question, in Italian").fill("Perché?")
    assert page.get_by_label("Choices").is_hidden()
    page.get_by_label("Answer", exact=True).select_option("choice")
    page.get_by_label("Choices").fill("Uno\nDue")
    page.get_by_label("Price, in EUR").press("Enter")
    page.get_by_text("Saved. Clients see it from now on.").wait_for()
    assert full.services.get(slug="session").price == 12000

    page.goto(f"{page.live}/dashboard/set-up/policies/")
    page.get_by_role("link", name="Balanced").first.click()
    here = page.locator("#panel .here th")
    assert here.inner_text() == "Less than 48 hours before"
    slider = page.get_by_role("slider", name="Hours before the start")
    looking.settle(page)
    slider.focus()
    for _press in range(24):
        page.keyboard.press("ArrowRight")
    assert page.locator("#show_notice").input_value() == "48"
    page.get_by_role("heading", name="48 hours before the start").wait_for()
    assert here.inner_text() == "48 hours or more before"
    page.get_by_label("Percent of the price", exact=True).fill("50")
    page.locator("#panel").get_by_text("deposit of €60.00").first.wait_for()
    page.get_by_label("Language of the text").select_option("it")
    page.locator("#panel [lang=it]").first.wait_for()
    assert complaints == []
