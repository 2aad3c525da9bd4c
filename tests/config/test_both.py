"""A run of the suite that hangs is ended and tried once more; one that works, however long, is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import both

HANGS = "import faulthandler, threading; faulthandler.enable(); threading.Event().wait()"
WORKS = "import itertools, time; [print('.', end='', flush=True) or time.sleep(0.05) for _ in range(40)]"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(both, "SILENT", 0.5)
    monkeypatch.setattr(both, "LOGS", tmp_path)


def start(code: str, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-c", code], stdout=out, stderr=out)


def test_a_silent_run_is_ended_and_says_where_it_stood(tmp_path: Path) -> None:
    log = tmp_path / "log"

    assert both._wait(start(HANGS, log), log) == both.HUNG

    assert "threading.py" in log.read_text()


def test_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"

    assert both._wait(start(WORKS, log), log) == 0


@pytest.mark.parametrize(
    ("codes", "tried", "said"),
    [([both.HUNG, 0], 2, 0), ([both.HUNG, both.HUNG], 2, both.HUNG), ([1, 0], 1, 1), ([0], 1, 0)],
)
def test_only_a_run_that_hung_is_tried_again_and_only_once(
    monkeypatch: pytest.MonkeyPatch, codes: list[int], tried: int, said: int
) -> None:
    left = list(codes)
    monkeypatch.setattr(both, "_try", lambda _name, _options: left.pop(0))

    assert both._run("sqlite-live", []) == said

    assert len(codes) - len(left) == tried
