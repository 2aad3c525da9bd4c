"""Reports: exact figures on a small story, the edges of a time, money to the minor unit, and always as many questions."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from booking import insights, lifecycle
from booking.insights import Cause, Counts, Report, Span
from booking.insights.span import step_of
from booking.models import Appointment, Provider, Service
from payments.models import BUCKETS, Deposit
from reminders.models import Message
from tests.booking import stories, world
from tests.booking.dashboard.people import missed
from tests.booking.stories import EARLY, HOUR, MINUTE, MONDAY

DAY = timedelta(days=1)
WEEK = 7 * DAY
ROME = "Europe/Rome"
MARCH = Span(date(2027, 3, 1), date(2027, 3, 31), ROME)


def who(name: str) -> lifecycle.ClientDetails:
    return lifecycle.ClientDetails(name=name, email=f"{name.lower()}@example.com")


def of(provider: Provider, span: Span = MARCH, service: Service | None = None) -> Report:
    return insights.of(provider=provider, span=span, service=service)


@pytest.fixture
def told(db: None) -> Provider:
    """One of each ending: six on the first Monday, three on the second, one that is late moved to the third."""
    studio = stories.studio()
    boss = stories.owner(studio)
    kept = stories.confirmed(studio, client=who("Kept"))
    late = stories.confirmed(studio, start=MONDAY + HOUR, client=who("Late"))
    stories.cancel(late, at=MONDAY - HOUR, reason="cost")
    lifecycle.complete(appointment=kept, by=boss, at=MONDAY + HOUR)
    gone = missed(studio, start=MONDAY + 2 * HOUR, client=who("Gone"))
    lifecycle.explain(appointment=gone, reason="transport", note="No bus.", at=gone.no_show_at)
    ill = missed(studio, start=MONDAY + 5 * HOUR, client=who("Ill"))
    lifecycle.excuse(appointment=ill, reason="illness", note="", by=boss, at=ill.no_show_at + HOUR)
    came = missed(studio, start=MONDAY + 6 * HOUR, client=who("Came"))
    lifecycle.undo_no_show(appointment=came, by=boss, at=came.no_show_at + MINUTE)
    lifecycle.complete(appointment=came, by=boss, at=came.ends_at)
    early = stories.confirmed(studio, start=MONDAY + WEEK, client=who("Early"))
    stories.cancel(early, at=EARLY + HOUR / 2)
    ours = stories.confirmed(studio, start=MONDAY + WEEK + HOUR, client=who("Ours"))
    lifecycle.cancel(appointment=ours, reason="illness", note="", by=boss, at=EARLY + HOUR)
    stories.confirmed(studio, start=MONDAY + WEEK + 2 * HOUR, client=who("Open"))
    stories.book(studio, start=MONDAY + WEEK + 5 * HOUR, client=who("Unpaid"))
    lifecycle.settle(at=MONDAY + 2 * DAY)
    return studio


def test_each_appointment_counts_once_by_how_it_ended(told: Provider) -> None:
    report = of(told)
    assert report.attendance.total == Counts(
        kept=2, no_show=1, late_cancel=1, excused=1, in_time=1, by_provider=1, open=1
    )
    assert (report.attendance.total.booked, report.attendance.total.due) == (8, 4)
    assert report.attendance.total.show_rate == 0.5
    assert report.before == Counts()
    assert report.attendance.causes == [
        Cause("late_cancel", "cost", 1, 0),
        Cause("no_show", "transport", 1, 0),
        Cause("no_show", "", 0, 1),
    ]
    monday = report.attendance.by_weekday[0]
    assert monday == report.attendance.total
    assert all(report.attendance.by_weekday[day] == Counts() for day in range(1, 7))
    assert list(report.attendance.over_time) == [date(2027, 3, day) for day in (1, 8, 15, 22, 29)]
    assert report.attendance.over_time[date(2027, 3, 8)] == Counts(in_time=1, by_provider=1, open=1)
    assert {one.slug: counts.due for one, counts in report.attendance.by_service.items()} == {"session": 4}


def test_money_is_what_became_of_these_deposits_to_the_minor_unit(told: Provider) -> None:
    (money,) = of(told).money
    assert (money.currency, money.paid, money.from_credit) == ("EUR", 8 * 2700, 0)
    assert (money.applied, money.kept, money.returned) == (2 * 2700, 2 * 2700, 3 * 2700)
    assert (money.held, money.carried, money.disputed) == (2700, 0, 0)
    assert money.paid == sum(getattr(money, name) for name in ("applied", "kept", "returned", "held"))
    assert sum(money.returned_for.values()) == money.returned
    assert dict(money.returned_for) == {"cancel": 2 * 2700, "excused": 2700}
    assert (money.forgiven, money.exceptions, dict(money.forgiven_for)) == (2700, 1, {"illness": 2700})
    buckets = Deposit.objects.aggregate(**{name: Sum(name) for name in BUCKETS})
    assert (buckets["forfeited"], buckets["refunded"]) == (money.kept, money.returned)
    assert of(told).attendance.worth == {"EUR": 2 * 9000}


def test_what_is_given_back_after_it_was_kept_is_not_kept(told: Provider) -> None:
    gone = Appointment.objects.get(client__name="Gone")
    boss = stories.owner(told)
    lifecycle.excuse(appointment=gone, reason="goodwill", note="", by=boss, at=MONDAY + 40 * DAY)
    report = of(told)
    (money,) = report.money
    assert (money.kept, money.returned, money.forgiven) == (2700, 4 * 2700, 2 * 2700)
    assert (report.attendance.total.no_show, report.attendance.total.excused) == (0, 2)


def test_currencies_are_never_added(told: Provider) -> None:
    service = Service.objects.get(provider=told, slug="session")
    start = MONDAY + 2 * WEEK
    other = world.appointment(service, world.client(told), start, confirmed_at=EARLY, currency="CHF")
    deposit = Deposit.objects.create(appointment=other, currency="CHF", asked=1000, created_at=EARLY)
    world.post(deposit, "outside", "held", 1000)
    assert [(one.currency, one.paid, one.held) for one in of(told).money] == [
        ("CHF", 1000, 1000),
        ("EUR", 8 * 2700, 2700),
    ]


def test_a_late_move_stands_among_the_causes_and_the_appointment_by_its_end(db: None) -> None:
    studio = stories.studio()
    moved = stories.confirmed(studio)
    stories.move(moved, start=MONDAY + DAY, at=MONDAY - 2 * HOUR)
    waiting = stories.fresh(moved)
    if waiting.starts_at == MONDAY:  # the new time asks its own deposit
        waiting = stories.pay(waiting, at=MONDAY - HOUR)
    lifecycle.complete(appointment=waiting, by=stories.owner(studio), at=MONDAY + DAY + HOUR)
    found = of(studio).attendance
    assert found.total == Counts(kept=1)
    assert found.by_weekday[1] == Counts(kept=1)
    assert [(one.kind, one.counting) for one in found.causes] == [("late_move", 1)]


def at(*, start: datetime, booked: datetime = EARLY, **over: object) -> Appointment:
    """A row of its own, whatever the hours are."""
    service = Service.objects.get(slug="session")
    made = {"status": "completed", "completed_at": start + DAY, "confirmed_at": booked, "created_at": booked}
    client = service.provider.clients.first() or world.client(service.provider)
    return world.appointment(service, client, start, **made | over)


@pytest.mark.parametrize(
    ("start", "inside"),
    [
        (datetime(2027, 2, 28, 22, 59, 59, tzinfo=UTC), False),
        (datetime(2027, 2, 28, 23, 0, tzinfo=UTC), True),
        (datetime(2027, 3, 31, 21, 59, 59, tzinfo=UTC), True),
        (datetime(2027, 3, 31, 22, 0, tzinfo=UTC), False),
    ],
    ids=["a_second_before", "the_first_instant", "the_last_second_in_summer_time", "the_day_after"],
)
def test_days_are_those_on_the_clocks_of_the_provider(db: None, start: datetime, inside: bool) -> None:
    studio = stories.studio()
    at(start=start)
    assert of(studio).attendance.total.kept == inside


def test_weekdays_and_steps_are_the_providers_too_on_both_sides_of_a_clock_change(db: None) -> None:
    studio = stories.studio()
    at(start=datetime(2027, 3, 27, 22, 30, tzinfo=UTC))  # Saturday 23:30, UTC+1
    at(start=datetime(2027, 3, 27, 23, 30, tzinfo=UTC))  # Sunday 00:30
    at(start=datetime(2027, 3, 28, 21, 30, tzinfo=UTC))  # Sunday 23:30, UTC+2
    at(start=datetime(2027, 3, 28, 22, 30, tzinfo=UTC))  # Monday 00:30
    found = of(studio).attendance
    assert [found.by_weekday[day].kept for day in range(7)] == [1, 0, 0, 0, 0, 1, 2]
    assert [counts.kept for counts in found.over_time.values()] == [0, 0, 0, 3, 1]


@pytest.mark.parametrize(
    ("ahead", "lead"),
    [
        (DAY - timedelta(seconds=1), "under_1_day"),
        (DAY, "1_to_3_days"),
        (3 * DAY, "3_to_7_days"),
        (14 * DAY - timedelta(seconds=1), "1_to_2_weeks"),
        (28 * DAY, "over_4_weeks"),
    ],
    ids=["under_a_day", "exactly_a_day", "exactly_three", "a_second_under_two_weeks", "exactly_four_weeks"],
)
def test_the_lead_time_is_exact(db: None, ahead: timedelta, lead: str) -> None:
    studio = stories.studio()
    at(start=MONDAY, booked=MONDAY - ahead)
    assert [name for name, one in of(studio).attendance.by_lead.items() if one.kept] == [lead]


def test_reminders_are_compared_only_where_there_are_enough(db: None) -> None:
    studio = stories.studio()
    for number in range(40):
        start = MONDAY + number * 6 * HOUR
        reminded, came = number % 2 == 0, number % 10 != 0
        ending = {} if came else {"status": "cancelled", "completed_at": None, "cancelled_by": "client"}
        ending |= {} if came else {"cancelled_at": start - 60 * HOUR}
        yes = {"will_come_at": start - 30 * HOUR} if number % 4 == 0 and came else {}
        made = at(start=start, **ending, **yes)
        if reminded:
            remind(made, sent_at=start - 70 * HOUR)
    found = of(studio).reminding
    assert (found.reminded, found.not_reminded) == (Counts(kept=16, in_time=4), Counts(kept=20))
    assert (found.said_yes, found.freed, found.enough) == (Counts(kept=8), 4, False)
    for number in range(4):
        remind(at(start=MONDAY + 12 * DAY + number * HOUR), sent_at=MONDAY)
    assert of(studio).reminding.enough


def remind(about: Appointment, *, sent_at: datetime) -> None:
    Message.objects.create(
        provider=about.provider,
        appointment=about,
        kind="reminder",
        to="client",
        start_at=about.starts_at,
        state="sent",
        due_at=sent_at,
        planned_for=sent_at,
        sent_at=sent_at,
        created_at=EARLY,
    )


def test_another_providers_appointments_and_another_service_are_not_in_it(told: Provider) -> None:
    neighbour = stories.school()
    empty = of(neighbour, Span(MARCH.first, MARCH.last, neighbour.timezone))
    assert (empty.attendance.total, empty.money, empty.attendance.causes) == (Counts(), [], [])
    couple = Service.objects.get(provider=told, slug="couple")
    other = of(told, service=couple)
    assert (other.attendance.total, other.money, other.reminding.not_reminded) == (Counts(), [], Counts())


def test_it_asks_as_many_questions_for_many_as_for_few_and_for_any_time(told: Provider) -> None:
    def asked(span: Span) -> int:
        with CaptureQueriesContext(connection) as queries:
            of(told, span)
        return len(queries)

    few = asked(MARCH)
    for number in range(60):
        at(start=MONDAY + 14 * DAY + number * HOUR)
    assert asked(MARCH) == asked(Span(date(2020, 1, 1), date(2029, 12, 31), ROME)) == few
    assert few <= 9


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ((2027, 3, 1), (2027, 3, 31), ((2027, 2, 1), (2027, 2, 28))),
        ((2027, 1, 1), (2027, 3, 31), ((2026, 10, 1), (2026, 12, 31))),
        ((2027, 1, 1), (2027, 12, 31), ((2026, 1, 1), (2026, 12, 31))),
        ((2027, 3, 2), (2027, 3, 31), ((2027, 1, 31), (2027, 3, 1))),
        ((2027, 3, 5), (2027, 3, 5), ((2027, 3, 4), (2027, 3, 4))),
    ],
    ids=["a_month", "a_quarter", "a_year", "thirty_days", "one_day"],
)
def test_the_time_before_is_as_long(first: tuple, last: tuple, before: tuple) -> None:
    found = Span(date(*first), date(*last), ROME).before
    assert (found.first, found.last) == tuple(date(*one) for one in before)


@pytest.mark.parametrize(("days", "step"), [(1, "week"), (100, "week"), (101, "month"), (1201, "year")])
def test_a_time_is_shown_in_steps_that_an_eye_can_take_in(days: int, step: str) -> None:
    span = Span(date(2025, 1, 15), date(2025, 1, 15) + (days - 1) * DAY, ROME)
    steps = span.steps()
    assert span.step == step
    assert steps[0] <= span.first < step_of(steps[0] + timedelta(days=366), step)
    assert steps == sorted(set(steps))
    assert steps[-1] <= span.last


def test_every_ending_has_its_field() -> None:
    assert Counts(*range(1, 8)).booked == sum(range(1, 8)) == 28
    assert len(fields(Counts)) == 7
