"""A plugin of pytest for `tests.both`: `--tell=FILE` writes down which tests there are and what became of each, as it
goes, so that a run that is ended leaves behind where it stood.

A line each: `chosen ID`, `began ID`, and `failed ID`, `skipped ID` or `passed ID` once it was tried whole; `at` and a
word where a long test says how far it is, so that work is not taken for a hang.
"""

from pathlib import Path
from typing import TextIO

import pytest

_tellers: "list[Teller]" = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tell", type=Path, help="write what becomes of each test into this file, as it goes")


def pytest_configure(config: pytest.Config) -> None:
    if path := config.getoption("--tell"):
        _tellers.append(Teller(path.open("w", buffering=1)))
        config.pluginmanager.register(_tellers[0])


def going_on(where: str) -> None:
    """A long test has come so far."""
    for teller in _tellers:
        teller.out.write(f"at {where}\n")


class Teller:
    def __init__(self, out: TextIO) -> None:
        self.out = out
        self._became = "passed"

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.out.write(f"chosen {item.nodeid}\n")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._became = "passed"
        self.out.write(f"began {nodeid}\n")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed" and self._became != "failed":
            self._became = report.outcome

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.out.write(f"{self._became} {nodeid}\n")


def read(path: Path) -> dict[str, str]:
    """By test the last that was told of it: `chosen` where its turn did not come, `began` where it did not end."""
    if not path.exists():
        return {}
    told = (line.partition(" ") for line in path.read_text().splitlines())
    return {test: word for word, _blank, test in told if word != "at"}
