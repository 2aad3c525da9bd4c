"""Every sentence of the rule about slots, as tables; the reference and all zones are next door."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking import slots
from booking.slots import Agenda, Hours, Offer, Override

pytestmark = pytest.mark.pure

EVERY_DAY = range(7)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FOR_EVER = 36_500


def minutes(text: str) -> int:
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def periods(*texts: str) -> list[tuple[int, int]]:
    """ "09:00-17:00" as minutes after midnight."""
    return [(minutes(text[:5]), minutes(text[6:])) for text in texts]


def daily(*texts: str) -> Hours:
    return Hours([(weekday, *period) for weekday in EVERY_DAY for period in periods(*texts)])


def agenda(*texts: str, zone: str = "Europe/Rome", overrides=(), busy=()) -> Agenda:
    return Agenda(daily(*texts), zone, overrides, busy)


def offer(duration: int = 60, interval: int = 60, **more) -> Offer:
    return Offer(duration, interval, **{"horizon_days": FOR_EVER, **more})


def at(text: str, zone: str = "Europe/Rome") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def taken(*texts: str, on: str = "2027-03-01", zone: str = "Europe/Rome") -> list[tuple[int, int]]:
    """ "10:00-11:00" of a day as busy epochs."""
    return [tuple(slots.epoch(at(f"{on}T{part}", zone)) for part in text.split("-")) for text in texts]


def day(agenda: Agenda, offer: Offer, on: str = "2027-03-01", **asked) -> list[str]:
    """The times offered on one day, without the date."""
    asked = {"at": LONG_AGO, **asked}
    found = slots.month(offer, agenda, first=date.fromisoformat(on), last=date.fromisoformat(on), **asked)
    assert set(found) <= {on}
    return [text.removeprefix(f"{on}T") for text in found.get(on, [])]


def times(agenda: Agenda, offer: Offer, on: str = "2027-03-01", **asked) -> list[str]:
    return [text[:5] for text in day(agenda, offer, on, **asked)]


# --- Weekly hours and overrides are local times of the provider's zone ---


def test_a_day_is_offered_as_local_times_with_their_offset():
    assert day(agenda("09:00-11:00"), offer(30, 30)) == [
        "09:00:00+01:00",
        "09:30:00+01:00",
        "10:00:00+01:00",
        "10:30:00+01:00",
    ]


def test_a_weekday_has_its_own_hours_and_a_day_without_any_is_left_out():
    week = Agenda(Hours([(0, 540, 600), (2, 600, 660)]), "Europe/Rome")
    found = slots.month(offer(), week, first=date(2027, 3, 1), last=date(2027, 3, 7), at=LONG_AGO)
    assert found == {
        "2027-03-01": ["2027-03-01T09:00:00+01:00"],
        "2027-03-03": ["2027-03-03T10:00:00+01:00"],
    }


def test_the_wall_time_stays_when_the_clock_changes():
    new_york = agenda("09:00-10:00", zone="America/New_York")
    found = slots.month(offer(), new_york, first=date(2027, 2, 12), last=date(2027, 4, 13), at=LONG_AGO)
    assert len(found) == 61
    assert {text[10:19] for texts in found.values() for text in texts} == {"T09:00:00"}
    assert {text[19:] for texts in found.values() for text in texts} == {"-05:00", "-04:00"}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        pytest.param([], ["09:00", "10:00"], id="none"),
        pytest.param([Override(date(2027, 3, 1))], [], id="closed"),
        pytest.param([Override(date(2027, 3, 1), periods("14:00-16:00"))], ["14:00", "15:00"], id="replaces"),
        pytest.param(
            [Override(date(2027, 3, 1), periods("14:00-15:00", "07:00-08:00"))],
            ["07:00", "14:00"],
            id="two_periods",
        ),
        pytest.param(
            [
                Override(date(2027, 3, 1), periods("14:00-15:00")),
                Override(date(2027, 3, 1), periods("07:00-08:00")),
            ],
            ["07:00", "14:00"],
            id="two_overrides_add_up",
        ),
        pytest.param([Override(date(2027, 3, 2))], ["09:00", "10:00"], id="of_another_day"),
    ],
)
def test_an_override_replaces_the_weekly_hours_of_its_day(overrides, expected):
    assert times(agenda("09:00-11:00", overrides=overrides), offer()) == expected


@pytest.mark.parametrize(
    ("zone", "on", "hours", "expected"),
    [
        pytest.param("Europe/Rome", "2027-03-28", "01:00-05:00", ["01:00+01", "03:00+02", "04:00+02"], id="rome_gap_inside"),
        pytest.param("Europe/Rome", "2027-03-28", "02:30-05:00", ["03:00+02", "04:00+02"], id="opens_in_the_gap"),
        pytest.param("Europe/Rome", "2027-03-28", "00:00-02:30", ["00:00+01", "01:00+01"], id="closes_in_the_gap"),
        pytest.param("Europe/Rome", "2027-03-28", "02:00-03:00", [], id="swallowed_by_the_gap"),
        pytest.param("Europe/Rome", "2027-03-28", "02:10-03:10", [], id="ten_minutes_left"),
        pytest.param("Europe/Rome", "2027-10-31", "02:00-03:00", ["02:00+02", "02:00+01"], id="repeated_hour_is_two"),
        pytest.param("Europe/Rome", "2027-10-31", "01:00-02:00", ["01:00+02", "02:00+02"], id="closes_at_its_second_two"),
        pytest.param("Europe/Rome", "2027-10-31", "02:30-03:00", ["02:30+02"], id="opens_at_its_first_half_past"),
        pytest.param("Europe/Rome", "2027-10-31", "02:30-02:45", ["02:30+02"], id="a_quarter_lasts_an_hour_more"),
        pytest.param("America/New_York", "2027-03-14", "01:00-04:00", ["01:00-05", "03:00-04"], id="new_york_gap"),
        pytest.param("America/New_York", "2027-11-07", "01:00-02:00", ["01:00-04", "01:00-05"], id="new_york_repeat"),
        pytest.param("Australia/Lord_Howe", "2027-10-03", "01:00-04:00", ["01:00+10:30", "02:30+11"], id="half_hour_gap"),
        pytest.param("Australia/Lord_Howe", "2027-04-04", "01:00-03:00", ["01:00+11", "01:30+10:30"], id="half_hour_repeat"),
        pytest.param("America/Havana", "2025-03-09", "00:00-02:00", ["01:00-04"], id="no_midnight_havana"),
        pytest.param("Africa/Cairo", "2027-04-30", "00:00-02:00", ["01:00+03"], id="no_midnight_cairo"),
        pytest.param("Asia/Beirut", "2027-03-28", "00:00-02:00", ["01:00+03"], id="no_midnight_beirut"),
        pytest.param("Antarctica/Troll", "2027-03-28", "00:00-04:00", ["00:00+00", "03:00+02"], id="two_hours_skipped"),
    ],
)  # fmt: skip
def test_skipped_and_repeated_times(zone, on, hours, expected):
    override = Override(date.fromisoformat(on), periods(hours))
    found = day(Agenda(Hours(), zone, [override]), offer(), on)
    assert [text[:5] + text[8:].removesuffix(":00") for text in found] == expected


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [
        pytest.param("Europe/Rome", "2027-03-01", 24, id="plain"),
        pytest.param("Europe/Rome", "2027-03-28", 23, id="rome_spring"),
        pytest.param("Europe/Rome", "2027-10-31", 25, id="rome_autumn"),
        pytest.param("Australia/Lord_Howe", "2027-10-03", 23.5, id="lord_howe_spring"),
        pytest.param("Australia/Lord_Howe", "2027-04-04", 24.5, id="lord_howe_autumn"),
        pytest.param("Antarctica/Troll", "2027-03-28", 22, id="troll_spring"),
        pytest.param("America/Havana", "2025-03-09", 23, id="day_without_midnight"),
        pytest.param("Africa/Cairo", "2027-10-28", 25, id="repeats_its_last_hour"),
        pytest.param("Pacific/Apia", "2011-12-30", 0, id="day_that_never_was"),
    ],
)
def test_a_whole_day_is_as_long_as_it_is(zone, on, hours):
    whole = Override(date.fromisoformat(on), periods("00:00-24:00"))
    asked = date.fromisoformat(on)
    found = slots.open_periods(Hours(), [whole], zone=zone, first=asked, last=asked)
    assert sum(end - start for start, end in found) == hours * 3600


def test_24_00_is_the_next_midnight():
    assert times(agenda("22:00-24:00"), offer()) == ["22:00", "23:00"]


def test_24_00_is_a_local_time_too_and_closes_at_its_second_occurrence():
    """Havana goes back from 01:00 to 00:00 on the Sunday, so the Saturday closes an hour later."""
    saturday = Override(date(2025, 11, 1), periods("23:00-24:00"))
    havana = Agenda(Hours(), "America/Havana", [saturday])
    assert day(havana, offer(), "2025-11-01") == ["23:00:00-04:00"]
    assert day(havana, offer(), "2025-11-02") == ["00:00:00-04:00"]


@pytest.mark.parametrize("period", [(600, 600), (660, 600), (-1, 60), (0, 1441)])
def test_a_period_that_does_not_close_after_it_opens_is_an_error(period):
    with pytest.raises(ValueError, match="must close after it opens"):
        Hours([(0, *period)])
    with pytest.raises(ValueError, match="must close after it opens"):
        Override(date(2027, 3, 1), [period])


# --- Starts are from + k x interval in elapsed time, each period with its own grid ---


@pytest.mark.parametrize(
    ("hours", "duration", "interval", "expected"),
    [
        pytest.param(["09:00-11:00"], 60, 30, ["09:00", "09:30", "10:00"], id="the_last_ends_at_closing"),
        pytest.param(["09:00-10:59"], 60, 30, ["09:00", "09:30"], id="a_minute_short"),
        pytest.param(["09:00-12:00"], 30, 50, ["09:00", "09:50", "10:40", "11:30"], id="interval_over_duration"),
        pytest.param(["09:10-10:30", "14:05-15:00"], 30, 30, ["09:10", "09:40", "14:05"], id="own_grids"),
        pytest.param(["09:00-09:50", "09:50-11:00"], 30, 30, ["09:00", "09:30", "09:50", "10:20"], id="touching_keep_grids"),
        pytest.param(["09:00-10:00", "10:00-11:00"], 90, 60, ["09:00"], id="touching_count_as_one"),
        pytest.param(["09:00-10:00", "10:01-11:00"], 61, 60, [], id="a_minute_between"),
        pytest.param(["09:00-11:00", "09:20-11:20"], 60, 60, ["09:00", "09:20", "10:00", "10:20"], id="overlapping_add_up"),
        pytest.param(["09:00-11:00", "10:00-12:00"], 60, 60, ["09:00", "10:00", "11:00"], id="each_start_once"),
        pytest.param(["09:00-12:00", "10:00-11:00"], 60, 60, ["09:00", "10:00", "11:00"], id="one_within_another"),
        pytest.param(["09:00-12:00", "10:10-10:20"], 60, 60, ["09:00", "10:00", "10:10", "11:00"], id="short_one_within"),
        pytest.param(["14:00-15:00", "09:00-10:00"], 60, 60, ["09:00", "14:00"], id="out_of_order"),
    ],
)  # fmt: skip
def test_grids(hours, duration, interval, expected):
    assert times(agenda(*hours), offer(duration, interval)) == expected


def test_the_grid_counts_elapsed_time_over_a_change_of_the_clock():
    assert times(agenda("00:30-05:00"), offer(30, 90), "2027-03-28") == ["00:30", "03:00", "04:30"]


def test_open_time_goes_on_over_midnight():
    night = agenda("22:00-24:00", "00:00-01:00")
    assert times(night, offer(120, 60)) == ["22:00", "23:00"]


def test_without_the_morning_after_it_does_not():
    evening = Agenda(Hours([(0, 1320, 1440)]), "Europe/Rome")
    assert times(evening, offer(120, 60)) == ["22:00"]


def test_a_long_one_may_take_several_days():
    assert times(agenda("00:00-24:00"), offer(60 * 24 * 3, 60 * 12)) == ["00:00", "12:00"]


# --- Notice and horizon: now + minutes <= start <= now + days x 24 h ---

NINE = at("2027-03-01T09:00")
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        pytest.param(NINE - timedelta(hours=2), True, id="exactly"),
        pytest.param(NINE - timedelta(hours=2) - MOMENT, True, id="a_microsecond_over"),
        pytest.param(NINE - timedelta(hours=2) + MOMENT, False, id="a_microsecond_under"),
    ],
)
def test_notice_holds(now, offered):
    asked = offer(min_notice_minutes=120)
    assert times(agenda("09:00-10:00"), asked, at=now) == ["09:00"] * offered
    assert slots.why_not(NINE, asked, agenda("09:00-10:00"), at=now) == ("" if offered else "too_soon")


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        pytest.param(NINE - timedelta(days=7), True, id="exactly"),
        pytest.param(NINE - timedelta(days=7) + MOMENT, True, id="a_microsecond_under"),
        pytest.param(NINE - timedelta(days=7) - MOMENT, False, id="a_microsecond_over"),
    ],
)
def test_horizon_holds(now, offered):
    asked = offer(horizon_days=7)
    assert times(agenda("09:00-10:00"), asked, at=now) == ["09:00"] * offered
    assert slots.why_not(NINE, asked, agenda("09:00-10:00"), at=now) == ("" if offered else "too_far")


def test_the_horizon_is_elapsed_time_not_wall_time():
    asked, now = offer(horizon_days=1), at("2027-03-27T09:00")
    assert times(agenda("09:00-12:00"), asked, "2027-03-28", at=now) == ["09:00", "10:00"]


def test_without_notice_the_very_second_is_offered():
    assert times(agenda("09:00-10:00"), offer(), at=NINE) == ["09:00"]


# --- The mode is offered ---


@pytest.mark.parametrize(
    ("mode", "count"), [pytest.param(None, 1, id="any"), ("video", 1), ("phone", 1), ("in_person", 0)]
)
def test_only_its_modes_are_offered(mode, count):
    asked = offer(modes=("video", "phone"))
    assert len(times(agenda("09:00-10:00"), asked, mode=mode)) == count


# --- Padded ranges do not overlap ---


@pytest.mark.parametrize(
    ("busy", "before", "after", "expected"),
    [
        pytest.param(["10:00-11:00"], 0, 0, ["09:00", "11:00", "11:30", "12:00"], id="touching_is_free"),
        pytest.param(["10:00-10:01"], 0, 0, ["09:00", "10:30", "11:00", "11:30", "12:00"], id="a_minute_blocks"),
        pytest.param(["09:45-11:15"], 0, 0, ["11:30", "12:00"], id="their_buffers_are_in_it"),
        pytest.param(["10:00-11:00"], 0, 15, ["11:00", "11:30", "12:00"], id="own_buffer_after"),
        pytest.param(["10:00-11:00"], 15, 0, ["09:00", "11:30", "12:00"], id="own_buffer_before"),
        pytest.param(["10:00-11:00"], 30, 0, ["09:00", "11:30", "12:00"], id="exactly_the_buffer"),
        pytest.param(["10:00-11:00"], 31, 0, ["09:00", "12:00"], id="a_minute_over_the_buffer"),
        pytest.param(["09:45-11:15"], 30, 30, ["12:00"], id="buffers_add_up"),
        pytest.param(["08:00-09:00"], 15, 0, ["09:30", "10:00", "10:30", "11:00", "11:30", "12:00"], id="before_opening"),
        pytest.param(["13:00-14:00"], 0, 15, ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"], id="after_closing"),
        pytest.param(["09:00-13:00", "10:00-10:30"], 0, 0, [], id="one_within_another"),
        pytest.param(["09:00-10:30", "10:00-11:00"], 0, 0, ["11:00", "11:30", "12:00"], id="overlapping_busy"),
        pytest.param(["00:00-12:00"], 0, 0, ["12:00"], id="since_long_before"),
        pytest.param(["10:00-11:00", "11:00-11:30"], 0, 0, ["09:00", "11:30", "12:00"], id="back_to_back"),
    ],
)  # fmt: skip
def test_busy_times_with_buffers(busy, before, after, expected):
    asked = offer(60, 30, buffer_before=before, buffer_after=after)
    assert times(agenda("09:00-13:00", busy=taken(*busy)), asked) == expected


def test_buffers_need_not_lie_in_open_time():
    assert times(agenda("09:00-10:00"), offer(buffer_before=300, buffer_after=300)) == ["09:00"]


def test_a_busy_time_over_two_periods_holds_in_both():
    assert times(agenda("09:00-11:00", "11:30-13:30", busy=taken("10:00-12:30")), offer(60, 30)) == [
        "09:00",
        "12:30",
    ]


def test_a_busy_time_holds_in_overlapping_grids_too():
    two = agenda("09:00-12:00", "09:20-12:20", busy=taken("10:00-11:00"))
    assert times(two, offer()) == ["09:00", "11:00", "11:20"]


def test_a_period_without_room_does_not_hide_a_busy_time_from_the_next():
    two = agenda("09:00-09:10", "09:10-12:00", busy=taken("09:20-09:50"))
    assert times(two, offer(30, 60), at=at("2027-03-01T09:05")) == ["10:10", "11:10"]


# --- Days in the answer are days of the asked zone ---


def test_the_day_is_that_of_who_asks():
    los_angeles = agenda("16:00-17:00", zone="America/Los_Angeles")
    assert day(los_angeles, offer(), tz="Pacific/Auckland") == ["13:00:00+13:00"]


@pytest.mark.parametrize("tz", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "UTC"])
def test_a_month_in_another_zone_has_the_same_instants_but_at_its_ends(tz):
    asked, open_always = offer(60, 60), agenda("00:00-24:00", zone="Pacific/Marquesas")
    found = slots.month(
        asked, open_always, first=date(2027, 3, 1), last=date(2027, 3, 30), at=LONG_AGO, tz=tz
    )
    assert list(found) == [f"2027-03-{day:02}" for day in range(1, 31)]
    assert {len(texts) for texts in found.values()} == {24}


def test_a_day_that_has_an_hour_twice_says_so_by_its_offset():
    assert day(agenda("01:00-04:00"), offer(), "2027-10-31") == [
        "01:00:00+02:00",
        "02:00:00+02:00",
        "02:00:00+01:00",
        "03:00:00+01:00",
    ]


def test_days_outside_are_left_out():
    epochs = [slots.epoch(at(f"2027-03-0{day}T12:00")) for day in (1, 2, 3)]
    found = slots.by_day(epochs, zone="Europe/Rome", first=date(2027, 3, 2), last=date(2027, 3, 2))
    assert found == {"2027-03-02": ["2027-03-02T12:00:00+01:00"]}


def test_no_starts_are_no_days():
    assert slots.by_day([], zone="Europe/Rome", first=date(2027, 3, 2), last=date(2027, 3, 2)) == {}


def test_old_offsets_with_seconds_are_told_as_python_tells_them():
    noon = datetime(1940, 6, 1, 12, tzinfo=ZoneInfo("Europe/Amsterdam")) - timedelta(days=1000)
    on = noon.date()
    found = slots.by_day([slots.epoch(noon)], zone="Europe/Amsterdam", first=on, last=on)
    assert found == {on.isoformat(): [noon.isoformat()]}


# --- One start ---


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        pytest.param(at("2027-03-02T09:00"), "", id="offered"),
        pytest.param(at("2027-02-28T23:59"), "past", id="before_now"),
        pytest.param(at("2027-03-01T09:00"), "too_soon", id="under_the_notice"),
        pytest.param(at("2027-03-31T10:00"), "too_far", id="over_the_horizon"),
        pytest.param(at("2027-03-02T08:00"), "not_open", id="before_opening"),
        pytest.param(at("2027-03-02T12:30"), "not_open", id="runs_over_closing"),
        pytest.param(at("2027-03-02T09:07"), "off_grid", id="beside_the_grid"),
        pytest.param(at("2027-03-02T09:00") + MOMENT, "off_grid", id="a_microsecond_beside"),
        pytest.param(at("2027-03-02T12:00") + MOMENT, "not_open", id="a_microsecond_over_closing"),
        pytest.param(at("2027-03-02T10:30"), "taken", id="overlaps_another"),
        pytest.param(at("2027-03-01T09:07"), "too_soon", id="the_first_reason_counts"),
        pytest.param(at("2027-03-02T10:07"), "off_grid", id="the_grid_before_the_taken"),
    ],
)
def test_why_a_start_is_not_offered(start, reason):
    busy = taken("10:00-11:00", on="2027-03-02")
    asked = offer(60, 30, min_notice_minutes=1440, horizon_days=30)
    now = at("2027-03-01T00:00")
    assert slots.why_not(start, asked, agenda("09:00-13:00", busy=busy), at=now) == reason


def test_a_start_in_the_repeated_hour_is_past_by_its_instant_not_its_wall():
    rome = ZoneInfo("Europe/Rome")
    first = datetime(2027, 10, 31, 2, 30, tzinfo=rome)
    now = first.replace(minute=10, fold=1)
    assert slots.why_not(first, offer(), agenda("00:00-24:00"), at=now) == "past"


def test_a_start_given_in_another_zone_is_the_same_start():
    start = NINE.astimezone(ZoneInfo("Asia/Tokyo"))
    assert slots.why_not(start, offer(), agenda("09:00-10:00"), at=LONG_AGO) == ""


def test_starts_lie_from_since_until_just_before_until():
    found = slots.starts(
        offer(), agenda("09:00-12:00"), since=NINE, until=NINE + timedelta(hours=2), at=LONG_AGO
    )
    assert found == [slots.epoch(NINE), slots.epoch(NINE) + 3600]


# --- Others near a wanted one ---


@pytest.mark.parametrize(
    ("starts", "wanted", "expected"),
    [
        pytest.param([], 5, [], id="none"),
        pytest.param([5], 5, [], id="itself_is_none"),
        pytest.param([1, 4, 6, 9], 5, [1, 4, 6], id="the_nearest_three_in_order"),
        pytest.param([6, 7, 8, 9], 5, [6, 7, 8], id="all_after"),
        pytest.param([1, 2, 3, 4], 5, [2, 3, 4], id="all_before"),
        pytest.param([4, 5, 6], 5, [4, 6], id="fewer_than_three"),
        pytest.param([1, 2, 3, 5, 90], 5, [1, 2, 3], id="near_counts_not_the_side"),
    ],
)
def test_nearest(starts, wanted, expected):
    assert slots.nearest(starts, wanted) == expected


def test_nearest_gives_as_many_as_asked():
    assert slots.nearest([1, 4, 6, 9], 5, count=1) == [4]


# --- Edges ---


def test_reach_covers_the_buffers_of_the_first_and_of_the_last_start():
    asked = offer(60, 60, buffer_before=15, buffer_after=30)
    since, until = slots.reach(asked, tz="Europe/Rome", first=date(2027, 3, 1), last=date(2027, 3, 1))
    assert (since, until) == (at("2027-02-28T23:45"), at("2027-03-02T01:30"))


def test_fractions_are_rounded_so_that_the_range_is_covered():
    assert slots.covering(NINE + MOMENT, NINE + MOMENT * 2) == (slots.epoch(NINE), slots.epoch(NINE) + 1)
    assert slots.covering(NINE, NINE) == (slots.epoch(NINE), slots.epoch(NINE))


def test_an_epoch_and_its_moment_are_each_other():
    assert slots.moment(slots.epoch(NINE)) == NINE


def test_a_naive_time_is_a_mistake():
    with pytest.raises(TypeError):
        slots.epoch(datetime(2027, 3, 1))


def test_a_service_takes_time():
    with pytest.raises(ValueError, match="at least a minute"):
        Offer(0, 15)
    with pytest.raises(ValueError, match="at least a minute"):
        Offer(15, 0)
    with pytest.raises(ValueError, match="negative"):
        Offer(15, 15, buffer_before=-1)
