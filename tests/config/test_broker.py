"""A broker or a cache that is away costs nobody anything."""

import socket
import threading
import time

import pytest
from django.db import transaction

from config import celery
from config.cache import ForgivingRedisCache


@pytest.fixture
def sent(monkeypatch):
    tasks = []
    # What an earlier test asked for may leave only now.
    monkeypatch.setattr(celery, "send", lambda task: tasks.append(task) if task == "a.task" else None)
    return tasks


def soon(true) -> bool:
    until = time.monotonic() + 60
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
    tasks, answers = [], threading.Event()
    monkeypatch.setattr(celery, "send", lambda task: (answers.wait(60), tasks.append(task)))
    for _ in range(50):
        celery.kick("a.task")
    assert tasks == []  # and yet we are here
    answers.set()
    assert soon(lambda: "a.task" in tasks)
    time.sleep(0.3)
    assert tasks.count("a.task") <= 2


@pytest.mark.django_db(transaction=True)
def test_a_burst_is_a_few_messages_and_the_last_of_it_is_not_forgotten(sent):
    began = time.monotonic()
    for _ in range(20):
        celery.kick("a.task")
        time.sleep(0.01)
    seen = len(sent)
    celery.kick("a.task")
    assert soon(lambda: len(sent) > seen)
    assert len(sent) <= 2 + (time.monotonic() - began) / celery.BREATH


def test_an_unreachable_cache_is_an_empty_one_and_asked_once(monkeypatch):
    cache = ForgivingRedisCache("redis://127.0.0.1:1/0", {})
    monkeypatch.setattr(ForgivingRedisCache, "away_until", 0.0)
    monkeypatch.setattr("config.cache.PAUSE", 600)
    assert cache.get("a", 7) == 7
    monkeypatch.setattr(socket, "socket", None)  # who asks again falls over it
    assert cache.get_many(["a"]) == {}
    assert cache.add("a", 1) is True
    assert cache.incr("a", 2) == 2
    assert cache.set("a", 1) is None
    assert cache.delete("a") is False


def test_a_cache_that_answers_keeps_what_it_is_given(redis_url, monkeypatch):
    monkeypatch.setattr(ForgivingRedisCache, "away_until", 0.0)
    cache = ForgivingRedisCache(redis_url, {})
    cache.set("a", {"b": 1})
    assert cache.get("a") == {"b": 1}
    assert cache.incr("n") if cache.add("n", 1) else True
    assert cache.get("n") == 2
