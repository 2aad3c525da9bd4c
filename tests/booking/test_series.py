"""An appointment that comes again: all that was agreed to or nothing, one payment, then a life of its own for each."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from booking import lifecycle, quotes, sweeping, tokens
from booking.lifecycle import SeriesNotFree
from booking.models import Appointment, Client, Service
from booking.pages import sheet
from config import invariants
from payments.models import Deposit, Payment, Refund
from policies.rules import weeks
from tests.booking import stories
from tests.booking.stories import EARLY, HOUR, MINUTE, MONDAY
from tests.mail import Sink
from tests.reminders.conftest import post

__all__ = ["post"]
WEEK = timedelta(weeks=1)
ADA = lifecycle.ClientDetails(name="Ada Moss", email="ada@example.com", language="en")


@pytest.fixture
def session(db: None) -> Service:
    studio = stories.studio()
    Service.objects.filter(provider=studio).update(series_most=10, horizon_days=200, approval=False)
    return Service.objects.select_related("provider", "policy").get(provider=studio, slug="session")


def series(
    service: Service, *, times: int = 10, every: int = 1, at: datetime = EARLY, **over: Any
) -> list[Appointment]:
    asked: dict[str, Any] = {
        "service": service,
        "start": MONDAY,
        "every": every,
        "times": times,
        "instead": {},
        "mode": "video",
        "zone": "America/New_York",
        "client": ADA,
        "answers": {},
        "agreed_version": quotes.offer(service).version,
        "ip": None,
        "user_agent": "a test",
        "by": stories.CLIENT,
        "at": at,
    }
    return lifecycle.hold_series(**asked | over)


def paid(made: list[Appointment], *, at: datetime = EARLY + MINUTE) -> list[Appointment]:
    stories.pay(made[0], at=at)
    return [stories.fresh(one) for one in made]


def sound() -> None:
    assert [one.invariant for one in invariants.verify(connection) if one.rows] == []


# --- Weeks on the clock ------------------------------------------------------------------------


def test_weeks_keep_the_local_time_over_a_clock_change() -> None:
    found = weeks.weekly(MONDAY, zone="Europe/Rome", every=1, times=6)
    assert [one.start.hour for one in found] == [9, 9, 9, 9, 8, 8]  # summer time from 28 March
    assert not any(one.skipped or one.repeated for one in found)
    two = weeks.weekly(MONDAY, zone="Europe/Rome", every=2, times=3)
    assert [one.start for one in two] == [found[0].start, found[2].start, found[4].start]


def test_an_hour_that_is_skipped_or_repeated_is_said() -> None:
    before = datetime(2027, 3, 21, 1, 30, tzinfo=UTC)  # 02:30 in Rome; a week later there is none
    skipped = weeks.weekly(before, zone="Europe/Rome", every=1, times=3)
    assert [one.skipped for one in skipped] == [False, True, False]
    assert skipped[1].start == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    autumn = datetime(2027, 10, 24, 0, 30, tzinfo=UTC)
    repeated = weeks.weekly(autumn, zone="Europe/Rome", every=1, times=2)
    assert repeated[1] == weeks.Week(datetime(2027, 10, 31, 0, 30, tzinfo=UTC), repeated=True)


# --- All or nothing --------------------------------------------------------------------------------


def test_with_the_seventh_taken_there_is_nothing_and_it_is_said_which(session: Service) -> None:
    seventh = weeks.weekly(MONDAY, zone="Europe/Rome", every=1, times=10)[6].start
    stories.confirmed(session.provider, start=seventh, email="eva@example.com")
    with pytest.raises(SeriesNotFree) as no:
        series(session)
    assert Appointment.objects.filter(client__email=ADA.email).count() == 0
    assert not Client.objects.filter(email=ADA.email).exists()
    found = no.value.facts["occurrences"]
    assert [n for n, one in enumerate(found) if one["code"]] == [6]
    assert found[6]["code"] == "slot_taken"
    assert len(found[6]["alternatives"]) == 3

    made = series(session, instead={seventh: None})
    assert len(made) == 9
    assert seventh not in [one.starts_at for one in made]


def test_another_time_may_take_its_place(session: Service) -> None:
    stories.confirmed(session.provider, start=MONDAY + WEEK, email="eva@example.com")
    other = MONDAY + WEEK + 2 * HOUR
    made = series(session, times=3, instead={MONDAY + WEEK: other})
    assert [one.starts_at for one in made] == [MONDAY, other, MONDAY + 2 * WEEK]
    with pytest.raises(SeriesNotFree):
        series(session, times=3, start=MONDAY + 5 * HOUR, instead={MONDAY + 5 * HOUR + WEEK: other})


@pytest.mark.parametrize(
    ("asked", "code"),
    [({"times": 11}, "out_of_range"), ({"times": 1}, "out_of_range"), ({"every": 3}, "invalid")],
)
def test_only_what_the_service_allows(session: Service, asked: dict[str, int], code: str) -> None:
    with pytest.raises(lifecycle.NoSeries) as no:
        series(session, **asked)  # type: ignore[arg-type]
    assert code in str(no.value.facts["errors"])
    Service.objects.update(series_most=0)
    session.refresh_from_db()
    with pytest.raises(lifecycle.NoSeries):
        series(session, times=2)


def test_limits_hold_for_each(session: Service) -> None:
    Service.objects.filter(pk=session.pk).update(horizon_days=30)
    session.refresh_from_db()
    with pytest.raises(SeriesNotFree) as no:
        series(session, times=4)
    assert [one["code"] for one in no.value.facts["occurrences"]] == [None, None, None, "too_far"]


def test_fewer_than_two_or_two_at_one_time_is_no_series(session: Service) -> None:
    later = MONDAY + WEEK
    for instead in ({later: None}, {later: MONDAY}):
        with pytest.raises(SeriesNotFree):
            series(session, times=2, instead=instead)


# --- One payment ---------------------------------------------------------------------------------------


def test_one_payment_is_shared_out_and_each_has_its_own_deposit(session: Service) -> None:
    made = series(session, times=3)
    assert [one.status for one in made] == ["held"] * 3
    assert Payment.objects.get().amount == 3 * made[0].deposit_amount

    made = paid(made)
    assert [one.status for one in made] == ["confirmed"] * 3
    assert [quotes.current_deposit(one).held for one in made] == [made[0].deposit_amount] * 3
    assert [one.agreement.sha256 for one in made] == [made[0].agreement.sha256] * 3
    assert {one.kind for one in made[0].messages.filter(to="client", state="waiting")} >= {"series_confirmed"}
    assert "confirmed" not in stories.kinds(made[1])
    assert "reminder" in stories.kinds(made[1])
    said = {row.name: row.amount for row in sheet.sums(made[0])}
    assert said["Deposits of the others in the series"] == 2 * made[0].deposit_amount
    assert "Waits as your credit" not in said
    sound()


def test_each_is_cancelled_by_its_own_terms_and_its_part_goes_back(session: Service) -> None:
    made = paid(series(session, times=3))
    regretted = stories.cancel(made[1], at=EARLY + 5 * MINUTE)  # all back within the hour
    assert regretted.outcome.refund == made[1].deposit_amount
    assert regretted.outcome.carry == 0
    assert Refund.objects.get().amount == made[1].deposit_amount
    late = stories.cancel(made[2], at=made[2].starts_at - 3 * HOUR)
    assert late.outcome.forfeit == made[2].deposit_amount
    assert stories.fresh(made[0]).status == "confirmed"
    sound()


def test_unpaid_all_lapse_and_nothing_is_left(session: Service) -> None:
    made = series(session, times=3)
    sweeping.run(at=EARLY + 16 * MINUTE)
    assert {stories.fresh(one).status for one in made} == {"expired"}
    assert len(series(session, times=3, at=EARLY + 17 * MINUTE)) == 3


def test_paid_too_late_what_is_still_free_stands_and_the_rest_goes_back(session: Service) -> None:
    made = series(session, times=3)
    sweeping.run(at=EARLY + 16 * MINUTE)
    stories.confirmed(
        session.provider, start=made[1].starts_at, email="eva@example.com", at=EARLY + 17 * MINUTE
    )
    made = paid(made, at=EARLY + 20 * MINUTE)
    assert [one.status for one in made] == ["confirmed", "expired", "confirmed"]
    assert Refund.objects.get().amount == made[1].deposit_amount
    assert "paid_too_late" in stories.kinds(made[1])
    sound()


def test_paid_too_late_for_the_first_the_others_stand_and_say_so_themselves(session: Service) -> None:
    made = series(session, times=3)
    sweeping.run(at=EARLY + 16 * MINUTE)
    stories.confirmed(session.provider, start=MONDAY, email="eva@example.com", at=EARLY + 17 * MINUTE)
    made = paid(made, at=EARLY + 20 * MINUTE)
    assert [one.status for one in made] == ["expired", "confirmed", "confirmed"]
    assert Refund.objects.get().amount == made[0].deposit_amount
    assert "confirmed" in stories.kinds(made[1])
    assert Deposit.objects.get(appointment=made[0]).held == 0
    sound()


def test_one_that_was_cancelled_before_the_payment_costs_nothing(session: Service) -> None:
    made = series(session, times=3)
    stories.cancel(made[2], at=EARLY + MINUTE)
    made = paid(made, at=EARLY + 2 * MINUTE)
    assert [one.status for one in made] == ["confirmed", "confirmed", "cancelled"]
    assert Refund.objects.get().amount == made[2].deposit_amount
    sound()


def test_one_mail_has_all_dates_each_with_its_link_and_one_file(session: Service, post: Sink) -> None:
    made = paid(series(session, times=3))
    sweeping.run(at=EARLY + 2 * MINUTE)
    mine = [mail for mail in post if mail["To"] == ADA.email]
    (mail,) = [one for one in mine if one["X-Kept-Kind"] == "series_confirmed"]
    assert not [one for one in mine if one["X-Kept-Kind"] == "confirmed"]
    body = mail.get_body(("plain",)).get_content()
    for one in made:
        assert tokens.manage_path(one) in body
    (file,) = [part for part in mail.iter_attachments() if part.get_filename() == "appointments.ics"]
    assert file.get_payload(decode=True).count(b"BEGIN:VEVENT") == 3
    (news,) = [one for one in post if one["X-Kept-Kind"] == "series_booked"]
    assert "Ada Moss ha prenotato 3 appuntamenti." in news.get_body(("plain",)).get_content()


def test_a_free_series_is_confirmed_at_once(session: Service) -> None:
    Service.objects.filter(pk=session.pk).update(price=0)
    session.refresh_from_db()
    made = series(session, times=2, agreed_version=quotes.offer(session).version)
    assert [one.status for one in made] == ["confirmed"] * 2
    assert "series_confirmed" in stories.kinds(made[0])
    assert "confirmed" not in stories.kinds(made[1])


# --- The rest is cancelled in one go ---------------------------------------------------------------


def test_the_rest_is_cancelled_as_quoted_with_one_mail(session: Service, post: Sink) -> None:
    made = paid(series(session, times=4))
    sweeping.run(at=EARLY + 2 * MINUTE)
    late = made[1].starts_at - HOUR  # in the last window of the second, in time for the others
    asked = lifecycle.rest_quote(stories.fresh(made[1]), at=late)
    assert asked is not None
    assert [one.appointment for one in asked.quotes] == made[1:]
    assert [one.outcome.forfeit > 0 for one in asked.quotes] == [True, False, False]
    assert asked.sums["forfeit"] + asked.sums["carry"] + asked.sums["refund"] == 3 * 2700

    done = lifecycle.cancel_rest(appointment=made[1], quote=asked.token, reason="cost", at=late)
    assert [one.appointment.status for one in done] == ["cancelled"] * 3
    assert stories.fresh(made[0]).status == "confirmed"
    sweeping.run(at=late)
    told = [mail for mail in post if mail["X-Kept-Kind"] in ("cancelled", "series_cancelled")]
    assert [mail["X-Kept-Kind"] for mail in told] == ["series_cancelled"] * 2
    [mine] = [mail for mail in told if ADA.email in mail["To"]]
    words = mine.get_body(("plain",)).get_content()
    assert "Your 3 appointments" in words
    assert "as your credit" in words
    sound()


def test_a_quote_of_the_rest_that_changed_leaves_all_as_it_was(session: Service) -> None:
    made = paid(series(session, times=3))
    asked = lifecycle.rest_quote(made[0], at=EARLY + HOUR)
    assert asked is not None
    stories.cancel(made[1], at=EARLY + 2 * HOUR)
    for wrong in (asked.token, "x"):
        with pytest.raises(lifecycle.QuoteChanged) as no:
            lifecycle.cancel_rest(appointment=made[0], quote=wrong, reason="", at=EARLY + 2 * HOUR)
        assert len(no.value.facts["quote"]["appointments"]) == 2
    with pytest.raises(lifecycle.QuoteNeeded):
        lifecycle.cancel_rest(appointment=made[0], quote="", reason="", at=EARLY + 2 * HOUR)
    assert [stories.fresh(one).status for one in made] == ["confirmed", "cancelled", "confirmed"]
    assert lifecycle.rest_quote(made[2], at=EARLY + 2 * HOUR) is None  # nothing comes after it
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.cancel_rest(appointment=made[2], quote="x", reason="", at=EARLY + 2 * HOUR)


def test_a_forgiveness_is_used_by_one_of_them_alone(session: Service) -> None:
    made = paid(series(session, times=3))
    for one in made:
        assert quotes.forgivable(one, at=EARLY) == quotes.forgivable(one, at=EARLY, forgiven_now=0)
    terms = quotes.terms(made[0])
    assert not quotes.forgivable(made[0], at=EARLY, forgiven_now=terms.forgive_lapses)


def test_an_unpaid_series_is_given_back_whole(session: Service) -> None:
    made = series(session, times=3)
    asked = lifecycle.rest_quote(made[0], at=EARLY)
    assert asked is not None
    assert asked.cost == 0
    lifecycle.cancel_rest(appointment=made[0], quote=asked.token, reason="", at=EARLY)
    assert {stories.fresh(one).status for one in made} == {"cancelled"}
    sound()
