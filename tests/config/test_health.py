"""Alive, ready, how much."""

from datetime import timedelta
from importlib import metadata
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from config import guards, heartbeat
from payments.models import Difference, Round


@pytest.mark.django_db
def test_a_migrated_and_guarded_database_is_ready(client):
    heartbeat.record(at=timezone.now())
    answer = client.get("/readyz")
    said = answer.json()
    assert answer.status_code == 200
    assert (said["status"], said["database"], said["migrations"], said["guards"]) == (
        "ready",
        "ok",
        "ok",
        "ok",
    )
    assert said["broker"] == "ok"
    assert said["beat_age_seconds"] < 10
    assert said["oldest_due_message_seconds"] is None


@pytest.mark.django_db(transaction=True)
def test_a_missing_guard_is_not_ready_and_named(client):
    lost = guards.declared(connection.vendor)[0]
    with connection.cursor() as cursor:
        cursor.execute(lost.drop(connection.vendor))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert lost.name in answer.json()["guards"]


@pytest.mark.django_db
def test_a_late_beat_is_told_and_takes_nothing_down(client):
    heartbeat.record(at=timezone.now() - timedelta(minutes=5))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["beat_age_seconds"] >= 300


@pytest.mark.django_db
def test_a_broker_away_is_told_and_takes_nothing_down(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["broker"]) == ("degraded", "away")


def test_alive_asks_nothing_and_tells_the_zone_rules(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "alive", "tzdata": metadata.version("tzdata")}


@pytest.mark.django_db
def test_metrics_are_for_our_own_network(client):
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="8.8.8.8").status_code == 404
    assert (
        client.get("/metrics", REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": "8.8.8.8"}).status_code
        == 404
    )


@pytest.mark.django_db
def test_a_difference_that_nobody_settled_is_counted(client):
    at = timezone.now()
    Difference.objects.create(kind="payment_over", thing="payment 1", found_at=at, seen_at=at)
    Round.objects.create(started_at=at, finished_at=at)
    assert "kept_differences_open 1.0" in client.get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    said = client.get("/readyz").json()["differences"]
    assert said["open"] == 1
    assert said["looked_seconds_ago"] < 60


def test_zones_come_from_the_pinned_package():
    """British Columbia stays on summer time from 2026; older machines do not know."""
    from datetime import datetime

    assert datetime(2026, 12, 15, tzinfo=ZoneInfo("America/Vancouver")).utcoffset() == timedelta(hours=-7)


def test_every_page_carries_the_headers(client):
    answer = client.get("/healthz")
    policy = answer["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in policy
    assert "form-action 'self' https://checkout.stripe.com" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in answer["Permissions-Policy"]
