"""`make test`: the whole suite on SQLite and on PostgreSQL, side by side where memory allows. What starts
the whole product or a browser mostly waits for it, so it runs beside the rest, which two processes share. A run
that hangs is ended and shown, so that there is always a verdict; what failed or hung with the whole product or a
browser is tried once more, and told as unsteady where it passes then (docs/decisions/42-tried-twice-told-aloud.md)."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests import machine, telling

ROOT = Path(__file__).parent.parent
LOGS = ROOT / "var" / "tests"
ROOM = 5 * 1024 * 1024  # kB that all of them at once need
FAILED = 1  # pytest's own code where tests failed
NO_TEST_CHOSEN = 5
SILENT = 330  # seconds; longer than the longest limit of anything that a test waits for
HUNG = 124  # as timeout(1) says it: we ended it; what ended by itself has a code of its own
MOST_AGAIN = 3  # where more than so many fail, something is broken and nothing unsteady
AGAIN = "-again"
_ONE_SPEAKS = threading.Lock()
# What uses no database is run once, and so is what any database tells alike (a browser, a long way).
DATABASES = {
    "sqlite": ["--database=sqlite", "--skip-once"],
    "postgres": ["--database=postgres", "--skip-pure"],
}
LIVE = [
    "--part=live",
    "-o",
    "faulthandler_timeout=0",
]  # it is one process, which says where it stood when it is ended
SHARED = ["-n", "2", "--dist=loadfile", "--no-loadscope-reorder"]


@dataclass
class Verdict:
    """The exit code of a part of the suite, and the tests that passed only when they were tried again."""

    code: int
    unsteady: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    parts = {"live": LIVE, "rest": ["--part=rest", *([] if arguments else SHARED)]}
    lacking = not os.environ.get("TEST_POSTGRES_URL") and not machine.has_postgres()
    databases = {"sqlite": ["--database=sqlite"]} if lacking else DATABASES
    runs = {
        f"{database}-{part}": [*options, *narrowed]
        for database, options in databases.items()
        for part, narrowed in parts.items()
    }
    started = time.monotonic()
    with ThreadPoolExecutor(len(runs) if _memory() > ROOM else 1) as pool:
        found = pool.map(_run, runs, runs.values(), [arguments] * len(runs))
        verdicts = dict(zip(runs, found, strict=True))
    codes = {name: verdict.code for name, verdict in verdicts.items()}
    print(f"\nboth databases in {time.monotonic() - started:.0f} s: {codes}")
    if lacking:
        print("left out, for this machine lacks PostgreSQL: the whole suite on it")
    _tell_unsteady(verdicts)
    forgiven = (0,) if arguments == [] else (0, NO_TEST_CHOSEN)
    failed = any(code not in forgiven for code in codes.values())
    return int(failed or (lacking and os.environ.get("REQUIRE_ALL") == "1"))


def _tell_unsteady(verdicts: dict[str, Verdict]) -> None:
    unsteady = [f"  {name}: {test}" for name, verdict in verdicts.items() for test in verdict.unsteady]
    if unsteady:
        print("\nUNSTEADY: failed, and passed when tried again. Each is a fault of the product or of its")
        print("test, to be found and mended; the first failure is shown in full above.")
        print("\n".join(unsteady))


def _run(name: str, options: list[str], arguments: list[str]) -> Verdict:
    """What came of a part, once its log was shown. What failed or hung of the live part is tried once more, with all
    that a run that hung did not come to: in a process of its own, with a product, a database and a browser of its
    own. Rules, races and money are judged at once, and so is a process that crashed."""
    if "--part=live" not in options:
        return Verdict(_try(name, [*options, *arguments]))
    told = LOGS / f"{name}.tests"
    telling_it = [*options, "-p", "tests.telling", f"--tell={told}"]
    told.unlink(missing_ok=True)
    code = _try(name, [*telling_it, *arguments])
    became = telling.read(told)
    again = [test for test, word in became.items() if word in ("failed", "began")]
    left = [test for test, word in became.items() if word == "chosen" and code == HUNG]
    if not (code == HUNG or (code == FAILED and again)) or len(again) > MOST_AGAIN:
        return Verdict(code)
    if became and not again + left:
        return Verdict(0, ["its end: it hung when every test had passed"])
    print(f"\ntrying again, with a fresh product and browser: {name}: {', '.join(again)}", flush=True)
    second = _try(f"{name}{AGAIN}", [*telling_it, *(again + left or arguments)])
    became = telling.read(told)
    passed = [test for test in again if became.get(test) == "passed"]
    if passed != again:
        return Verdict(second or FAILED, passed)
    if not again and not second:
        return Verdict(0, ["before its first test, or between two: it hung there"])
    return Verdict(second, passed)


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
    code = _wait(run, log, LOGS / f"{name.removesuffix(AGAIN)}.tests")
    told = f"{name} hung: it said nothing for {SILENT} s and was ended" if code == HUNG else ""
    with _ONE_SPEAKS:
        print(f"\n===== {name} =====\n{log.read_text(errors='replace')}\n{told}", flush=True)
    return code


def _wait(run: "subprocess.Popen[bytes]", *files: Path) -> int:
    """The run's code; one that writes into none of its files any more is ended, and tells there where it stood."""
    size, grown_at = -1, time.monotonic()
    while True:
        try:
            return run.wait(min(1, SILENT))
        except subprocess.TimeoutExpired:
            if (now := sum(file.stat().st_size for file in files if file.exists())) != size:
                size, grown_at = now, time.monotonic()
            elif time.monotonic() - grown_at > SILENT:
                run.send_signal(signal.SIGABRT)
                run.wait()
                return HUNG


def _memory() -> int:
    """What is free, in kB; enough where the machine does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return ROOM + 1
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
