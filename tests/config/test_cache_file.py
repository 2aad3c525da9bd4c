"""The cache beside SQLite: processes count together, and a file that cannot be asked is an empty cache."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.cache.backends.locmem import LocMemCache

from config.cache_file import FileCache

pytestmark = pytest.mark.pure
EACH = 300
COUNTER = f"""
import sys
from django.conf import settings
settings.configure()
from config.cache_file import FileCache
cache = FileCache(sys.argv[1], {{}})
print("ready", flush=True)
sys.stdin.readline()
print(sum(cache.add(str(n), 1, 60) for n in range(50)))
for _ in range({EACH}):
    cache.incr("tries")
"""


@pytest.fixture
def cache(tmp_path: Path) -> FileCache:
    return FileCache(str(tmp_path / "var" / "cache.sqlite3"), {})


def test_two_processes_and_the_threads_of_one_count_together(cache: FileCache) -> None:
    cache.set("tries", 0, 60)
    others = [
        subprocess.Popen(
            [sys.executable, "-c", COUNTER, cache.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for one in others:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    for one in others:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _n: cache.incr("tries"), range(EACH)))
    told = [int(one.communicate(timeout=60)[0]) for one in others]
    assert cache.get("tries") == 3 * EACH
    assert sum(told) == 50  # of two who add the same, one is first


def let_through(caches: list[FileCache] | list[LocMemCache], *, most: int) -> int:
    """How many tries pass a limit whose requests go to these in turn."""
    for cache in caches:
        cache.add("tries", 0, 60)
    return sum(cache.incr("tries") <= most for cache in caches * (2 * most))


def test_a_limit_is_as_high_for_two_as_for_one(cache: FileCache) -> None:
    assert let_through([cache, FileCache(cache.path, {})], most=5) == 5


def test_control_of_counters_in_each_process_s_memory_twice_as_many_pass() -> None:
    assert let_through([LocMemCache("one", {}), LocMemCache("other", {})], most=5) == 10


def test_what_ended_is_not_there_and_may_be_added_again(cache: FileCache) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=2)):
        assert cache.add("a", 1, 60)
        assert not cache.add("a", 2, 60)
        assert cache.get("a") == 1
    assert cache.get("a", "gone") == "gone"
    assert not cache.has_key("a")
    assert not cache.touch("a", 60)
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    assert cache.add("a", 2, 60)
    assert cache.incr("a", 3) == 5


@pytest.mark.parametrize("value", [0, -7, 2**70, True, None, "é", b"\x00", [1.5, {"a": None}]], ids=repr)
def test_a_value_comes_back_as_it_was(cache: FileCache, value: object) -> None:
    cache.set("a", value, None)
    assert cache.get("a", "nothing") == value
    assert type(cache.get("a")) is type(value)
    assert cache.get_many(["a", "b"]) == {"a": value}
    assert cache.delete("a")
    assert not cache.delete("a")


def test_of_too_many_those_that_end_first_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = FileCache(str(tmp_path / "c"), {"OPTIONS": {"MAX_ENTRIES": 3}})
    for n in range(6):
        cache.set(f"k{n}", n, 60 + n)
    cache.set("over", 1, -1)
    monkeypatch.setattr("config.cache_file.TIDIES_EVERY", 1)
    cache.set("k9", 9, None)
    cache.set("k9", 9, None)
    assert cache.get_many([f"k{n}" for n in range(10)]) == {"k4": 4, "k5": 5, "k9": 9}


def test_a_file_that_is_no_database_is_an_empty_cache_and_then_a_new_one(cache: FileCache) -> None:
    path = Path(cache.path)
    path.parent.mkdir()
    path.write_bytes(b"not a database, " * 100)
    assert cache.get("a", 7) == 7
    cache.set("a", 1)
    assert cache.get("a") == 1
    assert path.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = FileCache(str(tmp_path / "file" / "cache.sqlite3"), {})
    assert cache.get("a", 7) == 7
    assert cache.add("a", 1)
    assert cache.incr("a") == 1
    cache.clear()


def test_who_waits_for_another_is_served_and_not_turned_away(cache: FileCache) -> None:
    import sqlite3

    cache.set("a", 1, 60)
    other = sqlite3.connect(cache.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, lambda: other.execute("COMMIT")).start()
    assert cache.incr("a") == 2
    other.close()
