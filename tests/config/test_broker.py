"""A broker or a cache that is away costs nobody anything."""

import time

import pytest
from django.db import transaction

from config import celery
from config.cache import ForgivingRedisCache


@pytest.fixture
def sent(monkeypatch):
    tasks = []
    monkeypatch.setattr(celery, "send", tasks.append)
    return tasks


def soon(true) -> bool:
    until = time.monotonic() + 5
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()


@pytest.mark.django_db(transaction=True)
def test_a_kick_leaves_after_the_commit_and_not_before(sent):
    with transaction.atomic():
        celery.kick("a.task")
        time.sleep(0.1)
        assert sent == []
    assert soon(lambda: sent == ["a.task"])


@pytest.mark.django_db(transaction=True)
def test_a_kick_of_what_was_rolled_back_never_leaves(sent):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        celery.kick("a.task")
        raise ZeroDivisionError
    time.sleep(0.1)
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_slow_broker_and_asking_often_is_asking_once(monkeypatch):
    tasks = []
    monkeypatch.setattr(celery, "send", lambda task: (time.sleep(0.3), tasks.append(task)))
    started = time.monotonic()
    for _ in range(50):
        celery.kick("a.task")
    assert time.monotonic() - started < 0.25
    time.sleep(1)
    assert 1 <= len(tasks) <= 2


@pytest.mark.django_db(transaction=True)
def test_a_burst_is_a_few_messages_and_the_last_of_it_is_not_forgotten(sent):
    for _ in range(20):
        celery.kick("a.task")
        time.sleep(0.01)
    seen = len(sent)
    celery.kick("a.task")
    assert soon(lambda: len(sent) > seen)
    assert len(sent) < 15


def test_an_unreachable_cache_is_an_empty_one_and_asked_once(monkeypatch):
    cache = ForgivingRedisCache("redis://127.0.0.1:1/0", {})
    monkeypatch.setattr(ForgivingRedisCache, "away_until", 0.0)
    assert cache.get("a", 7) == 7
    started = time.monotonic()
    assert cache.get_many(["a"]) == {}
    assert cache.add("a", 1) is True
    assert cache.incr("a", 2) == 2
    assert cache.set("a", 1) is None
    assert cache.delete("a") is False
    assert time.monotonic() - started < 0.1


def test_a_cache_that_answers_keeps_what_it_is_given(redis_url, monkeypatch):
    monkeypatch.setattr(ForgivingRedisCache, "away_until", 0.0)
    cache = ForgivingRedisCache(redis_url, {})
    cache.set("a", {"b": 1})
    assert cache.get("a") == {"b": 1}
    assert cache.incr("n") if cache.add("n", 1) else True
    assert cache.get("n") == 2
