"""A run of the suite that hangs is ended, one that works, however long, is not; what failed with a browser is tried
once more, and told where it was unsteady."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import both

HANGS = "import faulthandler, threading; faulthandler.enable(); threading.Event().wait()"
WORKS = "import itertools, time; [print('.', end='', flush=True) or time.sleep(0.05) for _ in range(60)]"
TELLS = "import time; [open('{told}', 'a').write('.') and time.sleep(0.05) for _ in range(60)]"
# Tests of another project: what they do is told by how often they were tried.
SUITE = """
import os, pathlib, pytest, signal

def tries(name):
    path = pathlib.Path(name)
    path.write_text(path.read_text() + "." if path.exists() else ".")
    return len(path.read_text())

def pytest_addoption(parser):
    parser.addoption("--part")
"""
STEADY = "def test_steady(): assert tries('steady') == 1"
UNSTEADY = "def test_unsteady(): assert tries('unsteady') == 2, 'the first failure'"
BROKEN = "def test_broken(): assert not tries('broken')"
STUCK = (
    "def test_stuck(): tries('stuck') == 2 or os.kill(os.getpid(), signal.SIGABRT)"  # as what hung is ended
)
LATER = "def test_what_comes_later(): assert tries('later') == 1"
CRASHING = "def test_crashing(): tries('crashing') == 2 or os.kill(os.getpid(), signal.SIGSEGV)"
SHY = "def test_shy(): assert tries('shy') == 2 or pytest.fail('first'); pytest.skip('this machine lacks it')"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(both, "SILENT", 1)
    monkeypatch.setattr(both, "LOGS", tmp_path)


def start(code: str, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-c", code], stdout=out, stderr=out)


def test_a_silent_run_is_ended_and_says_where_it_stood(tmp_path: Path) -> None:
    log = tmp_path / "log"

    assert both._wait(start(HANGS, log), log) == both.HUNG

    assert "threading.py" in log.read_text()


def test_a_run_that_ends_itself_did_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(both, "SILENT", 60)
    log = tmp_path / "log"

    code = both._wait(start("import os; os.abort()", log), log)

    assert code < 0
    assert code != both.HUNG


def test_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"

    assert both._wait(start(WORKS, log), log) == 0


def test_a_test_that_says_how_far_it_is_is_not_silent(tmp_path: Path) -> None:
    log, told = tmp_path / "log", tmp_path / "told"
    told.write_text("")

    assert both._wait(start(TELLS.format(told=told), log), log, told) == 0


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., both.Verdict]:
    """`run(tests, part=…)` is the verdict on a suite of these, by a pytest of its own."""
    monkeypatch.setattr(both, "SILENT", 60)
    monkeypatch.setenv("PYTHONPATH", str(both.ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setattr(both, "ROOT", tmp_path)

    def run(*tests: str, part: str = "live") -> both.Verdict:
        (tmp_path / "conftest.py").write_text(SUITE)
        (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
        (tmp_path / "test_it.py").write_text("\n".join([SUITE, *tests]))
        return both._run(f"sqlite-{part}", [f"--part={part}"], [])

    return run


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who ends itself by the signal for a run that hangs is taken for one."""
    wait = both._wait

    def waited(*what: Any) -> int:
        code = wait(*what)
        return both.HUNG if code == -signal.SIGABRT else code

    monkeypatch.setattr(both, "_wait", waited)


def tried(tmp_path: Path, name: str) -> int:
    return len((tmp_path / name).read_text())


def test_what_failed_is_tried_again_alone_and_told(run, tmp_path, capsys) -> None:
    verdict = run(STEADY, UNSTEADY)
    assert verdict == both.Verdict(0, ["test_it.py::test_unsteady"])
    assert (tried(tmp_path, "steady"), tried(tmp_path, "unsteady")) == (1, 2)
    assert "AssertionError: the first failure" in capsys.readouterr().out
    both._tell_unsteady({"sqlite-live": verdict})
    assert "UNSTEADY" in (said := capsys.readouterr().out)
    assert "sqlite-live: test_it.py::test_unsteady" in said


def test_what_fails_twice_has_failed(run, tmp_path) -> None:
    assert run(BROKEN, UNSTEADY) == both.Verdict(1, ["test_it.py::test_unsteady"])
    assert tried(tmp_path, "broken") == 2


def test_a_process_that_crashes_has_failed_and_is_not_tried_again(run, tmp_path) -> None:
    assert run(STEADY, CRASHING, LATER).code == -signal.SIGSEGV
    assert tried(tmp_path, "crashing") == 1


def test_who_crashes_when_every_test_has_passed_has_failed(run) -> None:
    crashes = "import atexit; atexit.register(os.kill, os.getpid(), signal.SIGSEGV)"
    assert run(crashes, STEADY) == both.Verdict(-signal.SIGSEGV)


def test_what_failed_and_is_left_out_when_tried_again_has_failed(run) -> None:
    assert run(STEADY, SHY) == both.Verdict(both.FAILED)


def test_after_a_test_that_was_ended_the_rest_is_run_as_well(run, ended, tmp_path) -> None:
    assert run(STEADY, STUCK, LATER) == both.Verdict(0, ["test_it.py::test_stuck"])
    assert [tried(tmp_path, name) for name in ("steady", "stuck", "later")] == [1, 2, 1]


def test_what_ends_after_its_last_test_has_a_verdict(run, ended) -> None:
    ends = "import atexit; atexit.register(os.kill, os.getpid(), signal.SIGABRT)"
    verdict = run(ends, STEADY)
    assert (verdict.code, len(verdict.unsteady)) == (0, 1)


def test_what_ends_before_its_first_test_is_run_again_and_told(run, ended, tmp_path) -> None:
    early = "tries('early') == 2 or os.kill(os.getpid(), signal.SIGABRT)"
    verdict = run(early, STEADY)
    assert (verdict.code, len(verdict.unsteady)) == (0, 1)
    assert [tried(tmp_path, name) for name in ("early", "steady")] == [2, 1]


def test_rules_races_and_money_are_tried_once(run, tmp_path) -> None:
    assert run(UNSTEADY, part="rest") == both.Verdict(1)
    assert tried(tmp_path, "unsteady") == 1


def test_where_many_fail_something_is_broken_and_nothing_unsteady(run, tmp_path) -> None:
    many = [BROKEN.replace("broken", f"broken_{n}") for n in range(both.MOST_AGAIN + 1)]
    assert run(*many) == both.Verdict(1)
    assert tried(tmp_path, "broken_0") == 1
