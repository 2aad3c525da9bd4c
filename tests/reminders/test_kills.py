"""Sweepers killed with -9 under load, small: `make soak` does it a thousand times on each database."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def kill(empty_database: Callable[[Path], str], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def run(*more: str, kills: int) -> dict[str, Any]:
        url = empty_database(tmp_path)
        sizes = [f"--kills={kills}", "--low=30", f"--database-url={url}"]
        done = subprocess.run(
            [sys.executable, "-m", "tests.soak.kills", *sizes, *more],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_stale_when_sweepers_are_killed(kill: Callable[..., dict]) -> None:
    found = kill(kills=10)

    assert found["rows"] >= 100
    assert found["cancelled"]
    assert [found[wrong] for wrong in ("lost", "doubled_rows", "unlike", "stale")] == [0] * 4
    assert found["duplicates"] <= found["kills"]


def test_sweepers_that_mark_before_they_send_lose_mails(kill: Callable[..., dict]) -> None:
    """The negative control of the test above."""
    assert kill("--marks-first", kills=8)["lost"]
