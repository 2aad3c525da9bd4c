"""`make test`: the whole suite on SQLite and on PostgreSQL, side by side where memory allows. What starts
the whole product or a browser mostly waits for it, so it runs beside the rest, which two processes share. A run
that hangs is ended and shown, so that there is always a verdict."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import machine

ROOT = Path(__file__).parent.parent
LOGS = ROOT / "var" / "tests"
ROOM = 5 * 1024 * 1024  # kB that all of them at once need
NO_TEST_CHOSEN = 5
SILENT = 240  # seconds; no test takes twice as long
HUNG = -signal.SIGABRT
_ONE_SPEAKS = threading.Lock()
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
    with ThreadPoolExecutor(len(runs) if _memory() > ROOM else 1) as pool:
        codes = dict(zip(runs, pool.map(_run, runs, [[*o, *arguments] for o in runs.values()]), strict=True))
    print(f"\nboth databases in {time.monotonic() - started:.0f} s: {codes}")
    if lacking:
        print("left out, for this machine lacks PostgreSQL: the whole suite on it")
    forgiven = (0,) if arguments == [] else (0, NO_TEST_CHOSEN)
    failed = any(code not in forgiven for code in codes.values())
    return int(failed or (lacking and os.environ.get("REQUIRE_ALL") == "1"))


def _run(name: str, options: list[str]) -> int:
    """The run's code, once its log was shown. One that hung is tried once more, for a browser may: the product
    would hang again."""
    code = _try(name, options)
    return _try(name, options) if code == HUNG else code


def _try(name: str, options: list[str]) -> int:
    log = LOGS / f"{name}.log"
    print(f"testing on {name} (as it goes: var/tests/{name}.log)", flush=True)
    with log.open("wb") as out:
        run = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    code = _wait(run, log)
    told = f"{name} hung: it said nothing for {SILENT} s and was ended" if code == HUNG else ""
    with _ONE_SPEAKS:
        print(f"\n===== {name} =====\n{log.read_text(errors='replace')}\n{told}", flush=True)
    return code


def _wait(run: "subprocess.Popen[bytes]", log: Path) -> int:
    """The run's code; one whose log does not grow any more is ended, and writes there where it stood."""
    size = -1
    while True:
        try:
            return run.wait(SILENT)
        except subprocess.TimeoutExpired:
            if (grown := log.stat().st_size) == size:
                run.send_signal(signal.SIGABRT)
                return run.wait()
            size = grown


def _memory() -> int:
    """What is free, in kB; enough where the machine does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return ROOM + 1
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
