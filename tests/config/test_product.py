"""The whole product under its supervisor, on either database and broker."""

import os
import signal
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytestmark = pytest.mark.live
SHOWN = "Kept          http://"


def family(parent: int) -> dict[str, int]:
    """The children of `parent` by what they run."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(status.read_text().rsplit(")", 1)[1].split()[1]) != parent:
                continue
            words = (status.parent / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        name = next((one for one in ("gunicorn", " worker ", " beat ") if one in words), words)
        found[name.strip()] = int(status.parent.name)
    return found


def of_this_product(folder: Path) -> list[str]:
    """Every process that was told of `folder`, wherever it hangs in the tree."""
    found = []
    for said in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"VAR_DIR={folder}/var".encode() in said.read_bytes().split(b"\0"):
                found.append((said.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def test_it_starts_says_where_it_is_and_ends_without_a_trace(live_product):
    product = live_product()
    product.wait_for(lambda: SHOWN in product.log)
    assert sorted(family(product.pid)) == ["beat", "gunicorn", "worker"]
    ready = product.get("/readyz")
    assert (ready["status"], ready["guards"], ready["broker"]) == ("ready", "ok", "ok")
    assert product.stop(with_signal=signal.SIGINT) == 0
    assert of_this_product(product.folder) == []
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(product.url, timeout=2)


@pytest.mark.parametrize("which", ["gunicorn", "worker", "beat"])
def test_a_killed_child_is_started_again_and_works(live_product, which):
    product = live_product()
    before = family(product.pid)[which]
    os.kill(before, signal.SIGKILL)
    product.wait_for(lambda: family(product.pid).get(which, before) != before)
    killed = datetime.now(UTC)

    def beaten_since() -> bool:
        age = product.get("/readyz").get("beat_age_seconds")
        return age is not None and age < (datetime.now(UTC) - killed).total_seconds()

    product.wait_for(beaten_since)


def test_nothing_outlives_a_supervisor_that_was_killed(live_product):
    product = live_product()
    os.kill(product.pid, signal.SIGKILL)
    product.stop()
    until = time.monotonic() + 60
    while of_this_product(product.folder) and time.monotonic() < until:
        time.sleep(0.1)
    assert of_this_product(product.folder) == []


def test_its_clock_moves_from_outside_and_the_beat_goes_on(live_product):
    product = live_product(clock=datetime(2027, 3, 1, 9, tzinfo=UTC))
    for at in (datetime(2027, 3, 8, 9, tzinfo=UTC), datetime(2027, 3, 2, tzinfo=UTC)):
        product.set_clock(at)
        product.wait_for(lambda: 0 <= (product.get("/readyz").get("beat_age_seconds") or -1) < 15)
        with urllib.request.urlopen(f"{product.url}/healthz", timeout=30) as answer:
            assert at.strftime("%d %b %Y") in answer.headers["Date"]


def test_a_taken_port_is_said_in_one_line(live_product):
    first = live_product()
    with pytest.raises(AssertionError, match="Address already in use"):
        live_product(PORT=str(first.port))
