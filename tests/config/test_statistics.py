"""What SQLite's planner knows: renewed by the sweeps, once a day and at the start of each worker."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from booking import sweeping
from config import statistics
from tests.booking import world

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def known() -> set[str]:
    """The tables that the planner knows something of."""
    with connection.cursor() as cursor:
        if "sqlite_stat1" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1")
        return {row[0] for row in cursor.fetchall()}


def forgotten() -> None:
    if known():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")


@pytest.mark.django_db
def test_a_round_of_sweeps_leaves_statistics_on_sqlite_and_nothing_on_postgresql() -> None:
    world.provider()
    forgotten()
    sqlite = connection.vendor == "sqlite"
    fresh = sweeping.Daily(lambda at: statistics.renew(at=at))
    counts = sweeping.run(at=NOON, sweeps=(("statistics_renewed", fresh),))
    assert counts == {"statistics_renewed": int(sqlite), "failed": 0}
    assert ("booking_provider" in known()) is sqlite
    assert "statistics_renewed" in dict(sweeping.SWEEPS)


@pytest.mark.pure
def test_what_is_daily_runs_at_the_start_and_once_a_day() -> None:
    asked: list[datetime] = []
    daily = sweeping.Daily(lambda at: len(asked.append(at) or asked))
    later = [NOON, NOON + timedelta(hours=11), NOON + timedelta(hours=13), NOON + timedelta(hours=14)]
    assert [daily(at) for at in later] == [1, 0, 2, 0]
    assert asked == [later[0], later[2]]
