from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.rules.reminder_times import (
    awake,
    day_ahead,
    main_reminder,
    reminders,
    send_at_after_outage,
    two_hours_ahead,
)
from policies.rules.windows import free_until
from tests.policies.standings import FORFEIT, MICROSECOND, REFUND, hours, terms, window

pytestmark = pytest.mark.pure

ROME = "Europe/Rome"


def rome(day, hour, minute=0, month=6):
    return datetime(2027, month, day, hour, minute, tzinfo=ZoneInfo(ROME)).astimezone(UTC)


LONG_AGO = rome(1, 10)
START = rome(24, 17)


def free_for(number):
    return terms(windows=(window(number, REFUND), window(0, FORFEIT)))


@pytest.mark.parametrize(
    ("some", "start", "due"),
    [
        pytest.param(free_for(24), START, rome(22, 17), id="two_days_ahead"),
        pytest.param(free_for(42), START, rome(22, 17), id="both_fall_together"),
        pytest.param(free_for(43), START, rome(22, 16), id="six_hours_before_free_notice_ends"),
        pytest.param(terms("Balanced"), START, rome(22, 11), id="balanced"),
        pytest.param(terms("Firm"), START, rome(21, 11), id="firm"),
        pytest.param(terms("Gentle"), START, rome(22, 17), id="gentle"),
        pytest.param(free_for(24), rome(24, 8), rome(22, 8), id="exactly_08_00"),
        pytest.param(free_for(24), rome(24, 7, 59), rome(21, 20), id="before_08_00"),
        pytest.param(free_for(24), rome(24, 20), rome(22, 20), id="exactly_20_00"),
        pytest.param(free_for(24), rome(24, 20, 1), rome(22, 20), id="after_20_00"),
        pytest.param(terms("Balanced"), rome(24, 9), rome(21, 20), id="balanced_in_the_morning"),
    ],
)
def test_the_main_reminder(some, start, due):
    assert main_reminder(start=start, at=LONG_AGO, terms=some, zone_of_client=ROME) == due


def test_two_days_are_48_hours_across_a_clock_change():
    start = rome(29, 17, month=3)
    due = main_reminder(start=start, at=rome(1, 9, month=3), terms=free_for(24), zone_of_client=ROME)
    assert due == rome(27, 16, month=3)


def test_quiet_hours_are_those_of_the_client():
    in_new_york = main_reminder(
        start=rome(24, 9), at=LONG_AGO, terms=free_for(24), zone_of_client="America/New_York"
    )
    assert in_new_york == rome(22, 2)  # 20:00 of the evening before, over there


@pytest.mark.parametrize(
    ("ahead", "sent"),
    [
        pytest.param(hours(2) + MICROSECOND, True, id="just_more_than_two_hours"),
        pytest.param(hours(2), False, id="exactly_two_hours"),
        pytest.param(hours(0), False, id="at_once"),
        pytest.param(-hours(10), False, id="past"),
    ],
)
def test_it_is_left_out_close_to_the_confirmation(ahead, sent):
    due = rome(22, 17)
    planned = main_reminder(start=START, at=due - ahead, terms=free_for(24), zone_of_client=ROME)
    assert planned == (due if sent else None)


@pytest.mark.parametrize(
    ("ahead", "sent"),
    [
        pytest.param(hours(12), True, id="exactly_twelve_hours"),
        pytest.param(hours(12) - MICROSECOND, False, id="a_microsecond_under"),
    ],
)
def test_a_day_ahead_needs_twelve_hours(ahead, sent):
    due = rome(23, 17)
    assert day_ahead(start=START, at=due - ahead, zone_of_client=ROME) == (due if sent else None)


def test_a_day_ahead_takes_the_place_of_a_main_one_left_out():
    at = START - hours(49)
    assert reminders(start=START, at=at, terms=free_for(24), zone=ROME) == {"reminder_day": rome(23, 17)}


def test_otherwise_the_others_are_options():
    def planned(**wanted):
        return reminders(start=START, at=LONG_AGO, terms=free_for(24), zone=ROME, **wanted)

    main, day, late = rome(22, 17), rome(23, 17), rome(24, 15)
    assert planned() == {"reminder": main}
    assert planned(want_day_ahead=True) == {"reminder": main, "reminder_day": day}
    assert planned(want_two_hours=True) == {"reminder": main, "reminder_hours": late}


def test_very_short_bookings_get_none():
    assert reminders(start=START, at=START - hours(20), terms=free_for(24), zone=ROME) == {}


def test_two_hours_ahead_of_an_early_start_is_the_evening_before():
    assert two_hours_ahead(start=rome(24, 9), at=LONG_AGO, zone_of_client=ROME) == rome(23, 20)
    assert two_hours_ahead(start=rome(24, 9), at=rome(23, 20), zone_of_client=ROME) is None


def test_a_move_on_short_notice_has_lost_the_free_notice_before():
    due = main_reminder(
        start=START, at=LONG_AGO, terms=terms("Firm"), zone_of_client=ROME, smallest_notice=hours(30)
    )
    assert due == rome(22, 17)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(rome(22, 16), rome(22, 17), id="not_due_yet"),
        pytest.param(rome(22, 18), rome(22, 18), id="late_by_day"),
        pytest.param(rome(22, 20), rome(22, 20), id="exactly_20_00"),
        pytest.param(rome(22, 20, 1), rome(23, 8), id="late_at_night_waits_for_the_morning"),
        pytest.param(rome(23, 7, 59), rome(23, 8), id="just_before_it"),
        pytest.param(rome(23, 8), rome(23, 8), id="exactly_08_00"),
        pytest.param(START, None, id="never_from_the_start_on"),
    ],
)
def test_after_an_outage(now, expected):
    assert send_at_after_outage(rome(22, 17), now, START, ROME) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param(rome(24, 10), rome(24, 2), id="the_morning_is_not_before_start_less_2h"),
        pytest.param(rome(24, 10) + MICROSECOND, rome(24, 8), id="the_morning_is_just_before_it"),
        pytest.param(rome(24, 7), rome(24, 2), id="an_early_start"),
    ],
)
def test_a_late_one_goes_out_at_night_where_the_morning_is_too_late(start, expected):
    assert send_at_after_outage(rome(22, 17), rome(24, 2), start, ROME) == expected


zones = st.sampled_from(
    [ROME, "America/New_York", "Asia/Bangkok", "America/Santiago", "Asia/Kathmandu", "Pacific/Kiritimati"]
)
instants = st.datetimes(datetime(2027, 1, 1), datetime(2028, 1, 1)).map(lambda wall: wall.replace(tzinfo=UTC))


@given(instants, zones)
def test_nobody_is_woken_and_nothing_is_put_off(due, zone):
    moved = awake(due, zone)
    assert time(8) <= moved.astimezone(ZoneInfo(zone)).time() <= time(20)
    assert timedelta(0) <= due - moved < hours(14)


@given(instants, zones, st.sampled_from(["Gentle", "Balanced", "Firm"]), st.floats(80, 2000))
def test_planned_early_the_main_reminder_comes_in_time_and_while_a_change_is_free(start, zone, preset, ahead):
    at = start - hours(ahead)
    some = terms(preset)
    free = free_until(some, start=start, at=at)
    due = main_reminder(start=start, at=at, terms=some, zone_of_client=zone)
    if due is None:
        assert awake(min(start - hours(48), free - hours(6)), zone) - at <= hours(2)
        return
    assert due <= start - hours(48)
    assert due <= free - hours(6)
    assert time(8) <= due.astimezone(ZoneInfo(zone)).time() <= time(20)
    assert due > at + hours(2)


@given(instants, zones, instants)
def test_whatever_is_planned_lies_between_now_and_the_start(start, zone, at):
    planned = reminders(
        start=start, at=at, terms=terms(), zone=zone, want_day_ahead=True, want_two_hours=True
    )
    assert all(at < due < start for due in planned.values())
