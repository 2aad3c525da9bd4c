"""Which times suit what a client said, and where open hours miss it."""

from datetime import UTC, date, datetime

import pytest

from policies.rules import wishes
from policies.rules.wishes import Wishes, cells, match, read

pytestmark = pytest.mark.pure

MONDAY = date(2027, 3, 1)
OFFICE = [(day, 9 * 60, 17 * 60) for day in range(5)]


def at(hour: int, *, day: int = 1, minute: int = 0) -> datetime:
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "parts", "start", "missed"),
    [
        pytest.param({"mon"}, {"morning"}, at(10), 0, id="day_and_part"),
        pytest.param({"mon"}, {"morning"}, at(15), 1, id="the_day_alone"),
        pytest.param({"mon"}, {"morning"}, at(10, day=2), 1, id="the_part_alone"),
        pytest.param({"mon"}, {"morning"}, at(15, day=2), 2, id="neither"),
        pytest.param({"mon"}, set(), at(20), 0, id="any_part_of_the_day"),
        pytest.param({"mon"}, set(), at(20, day=2), 2, id="another_day_and_no_part_was_said"),
        pytest.param(set(), {"evening"}, at(17), 0, id="evening_begins_at_five"),
        pytest.param(set(), {"evening"}, at(16, minute=59), 2, id="a_minute_before"),
        pytest.param(set(), set(), at(3), 0, id="nothing_said"),
    ],
)
def test_how_far_a_start_is_from_the_wish(
    days: set[str], parts: set[str], start: datetime, missed: int
) -> None:
    assert Wishes(zone="UTC", days=frozenset(days), parts=frozenset(parts)).miss(start) == missed


def test_days_and_parts_are_those_of_the_clients_clocks() -> None:
    """23:00 on Monday in London is Tuesday morning in Auckland."""
    wish = Wishes(zone="Pacific/Auckland", days=frozenset({"tue"}), parts=frozenset({"afternoon"}))
    assert wish.miss(at(23)) == 0


@pytest.mark.parametrize("said", [None, [], "mon", {"days": "mon"}, {"days": ["someday", 1]}, {"days": None}])
def test_what_is_no_wish_is_passed_over(said: object) -> None:
    assert not read(said, zone="UTC")


def test_a_wish_from_far_away_falls_on_the_providers_clocks() -> None:
    """Evenings in New York are the provider's night in Rome, and so none of its parts of the day."""
    evening = Wishes(zone="America/New_York", days=frozenset({"mon"}), parts=frozenset({"evening"}))
    assert cells(evening, zone="Europe/Rome", monday=MONDAY) == set()
    morning = Wishes(zone="America/New_York", days=frozenset({"mon"}), parts=frozenset({"morning"}))
    assert cells(morning, zone="Europe/Rome", monday=MONDAY) == {(0, "afternoon")}


def test_where_hours_and_wishes_miss_each_other() -> None:
    said = [
        read({"days": ["sat"]}, zone="Europe/Rome"),
        read({"days": ["sat", "sun"], "parts": ["morning"]}, zone="Europe/Rome"),
        read({"days": ["mon"], "parts": ["morning"]}, zone="Europe/Rome"),
        read({}, zone="Europe/Rome"),
    ]
    found = match(said, OFFICE, zone="Europe/Rome", monday=MONDAY)
    assert (found.asked, found.missed) == (3, 2)
    assert found.would_help[0] == ((5, "morning"), 2)
    assert found.wished[0, "morning"] == 1
    assert found.minutes[0, "morning"] == 180


def test_where_everybody_finds_something_nothing_is_missing() -> None:
    found = match(
        [read({"parts": ["morning"]}, zone="Europe/Rome")], OFFICE, zone="Europe/Rome", monday=MONDAY
    )
    assert (found.missed, found.would_help) == (0, [])


def test_half_an_hour_is_not_open() -> None:
    found = match([read({"days": ["sat"]}, zone="UTC")], [(5, 600, 630)], zone="UTC", monday=MONDAY)
    assert found.missed == 1


def test_how_many_suit() -> None:
    assert wishes.suiting([at(10), at(15), at(10, day=2)], Wishes(zone="UTC", days=frozenset({"mon"}))) == 2
