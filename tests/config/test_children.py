"""Children are kept alive, and none outlives its parent."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARENT = """
import os, sys
from config.children import Child, Signals, supervise
signals = Signals()
folder = sys.argv[1]
obedient = f"import os, time; open('{folder}/a', 'a').write(f'{os.getpid()}\\\\n'); time.sleep(60)"
obedient = obedient.replace(str(os.getpid()), "{os.getpid()}")
stubborn = f"import os, signal, time; signal.signal(15, signal.SIG_IGN); " \\
    f"open('{folder}/b', 'a').write(str(os.getpid()) + chr(10)); time.sleep(60)"
children = [Child("obedient", [sys.executable, "-c", obedient])]
if "stubborn" in sys.argv:
    children.append(Child("stubborn", [sys.executable, "-c", stubborn]))
supervise(children, environment=dict(os.environ), signals=signals, each_round=lambda: None)
"""


def lives(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def soon(true, seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False


class Family:
    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.parent = subprocess.Popen([sys.executable, "-c", PARENT, str(folder), *words], cwd=ROOT)

    def pids(self, name: str = "a") -> list[int]:
        path = self.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.fixture
def family(tmp_path):
    families = []

    def start(*words: str) -> Family:
        families.append(Family(tmp_path, *words))
        assert soon(lambda: families[-1].pids())
        return families[-1]

    yield start
    for one in families:
        one.parent.kill()
        one.parent.wait()
        for pid in one.pids("a") + one.pids("b"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_a_killed_child_is_started_again(family):
    ours = family()
    os.kill(ours.pids()[0], signal.SIGKILL)
    assert soon(lambda: len(ours.pids()) == 2)
    assert lives(ours.pids()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_and_leaves_nothing(family, number):
    ours = family()
    ours.parent.send_signal(number)
    assert ours.parent.wait(timeout=60) == 0
    assert not lives(ours.pids()[0])


def test_a_second_signal_ends_those_that_will_not(family):
    ours = family("stubborn")
    assert soon(lambda: ours.pids("b"))
    ours.parent.send_signal(signal.SIGINT)
    time.sleep(1)
    assert lives(ours.pids("b")[0])
    ours.parent.send_signal(signal.SIGINT)
    assert ours.parent.wait(timeout=10) == 0
    assert not lives(ours.pids("b")[0])


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
def test_children_die_with_a_parent_that_was_killed(family):
    ours = family()
    ours.parent.kill()
    assert soon(lambda: not lives(ours.pids()[0]))
