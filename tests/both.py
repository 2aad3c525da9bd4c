"""`make test`: the whole suite on SQLite and on PostgreSQL, side by side where memory allows. What starts
the whole product or a browser mostly waits for it, so it runs beside the rest, which two processes share."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests import machine

ROOT = Path(__file__).parent.parent
LOGS = ROOT / "var" / "tests"
ROOM = 5 * 1024 * 1024  # kB that all of them at once need
NO_TEST_CHOSEN = 5
# What uses no database is run once, and so is what any database tells alike (a browser, a long way).
DATABASES = {
    "sqlite": ["--database=sqlite", "--skip-once"],
    "postgres": ["--database=postgres", "--skip-pure"],
}
SHARED = ["-n", "2", "--dist=loadfile", "--no-loadscope-reorder"]


def main(arguments: list[str]) -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    parts = {"live": ["--part=live"], "rest": ["--part=rest", *([] if arguments else SHARED)]}
    lacking = not os.environ.get("TEST_POSTGRES_URL") and not machine.has_postgres()
    databases = {"sqlite": ["--database=sqlite"]} if lacking else DATABASES
    runs = {
        f"{database}-{part}": [*options, *narrowed]
        for database, options in databases.items()
        for part, narrowed in parts.items()
    }
    started = time.monotonic()
    codes = _side_by_side(runs, arguments) if _memory() > ROOM else _one_by_one(runs, arguments)
    print(f"\nboth databases in {time.monotonic() - started:.0f} s: {codes}")
    if lacking:
        print("left out, for this machine lacks PostgreSQL: the whole suite on it")
    forgiven = (0,) if arguments == [] else (0, NO_TEST_CHOSEN)
    failed = any(code not in forgiven for code in codes.values())
    return int(failed or (lacking and os.environ.get("REQUIRE_ALL") == "1"))


def _side_by_side(runs: dict[str, list[str]], arguments: list[str]) -> dict[str, int]:
    going = {name: _start(name, [*options, *arguments]) for name, options in runs.items()}
    codes = {name: run.wait() for name, run in going.items()}
    for name in runs:
        _show(name)
    return codes


def _one_by_one(runs: dict[str, list[str]], arguments: list[str]) -> dict[str, int]:
    codes = {}
    for name, options in runs.items():
        codes[name] = _start(name, [*options, *arguments]).wait()
        _show(name)
    return codes


def _start(name: str, options: list[str]) -> "subprocess.Popen[bytes]":
    print(f"testing on {name} (as it goes: var/tests/{name}.log)", flush=True)
    with (LOGS / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _show(name: str) -> None:
    print(f"\n===== {name} =====", flush=True)
    print((LOGS / f"{name}.log").read_text(errors="replace"), flush=True)


def _memory() -> int:
    """What is free, in kB; enough where the machine does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return ROOM + 1
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
