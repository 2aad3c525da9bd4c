"""The peer that can be had from PyPI, in an environment that is thrown away afterwards."""

import json
import subprocess
import sys
from pathlib import Path

from bench._rounds import Race, shown, verdict

PEER = "django-appointment"
SCRIPT = Path(__file__).parent / "references" / "peer.py"
ROUNDS = 9


def install(directory: str) -> Path | None:
    """The Python of a fresh environment with the peer in it, None where there is no way to get it."""
    python = Path(directory) / "peer" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", python.parent.parent], check=True)
    command = [python, "-m", "pip", "install", "--quiet", PEER, "tzdata"]
    return python if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0 else None


def measure(python: Path, busy: list[tuple[str, str]], first: str, days: int) -> dict:
    asked = json.dumps({"busy": busy, "first": first, "days": days, "rounds": ROUNDS})
    run = subprocess.run([python, SCRIPT], input=asked, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


def version(python: Path) -> str:
    code = f"from importlib.metadata import version; print(version({PEER!r}))"
    return subprocess.run([python, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def report(directory: str, busy: list[tuple[str, str]], first: str, days: int, month: Race) -> None:
    python = install(directory)
    if python is None:
        print(f"\n{PEER}: left out, it could not be installed.")
        return
    seen = measure(python, busy, first, days)
    ratio = seen["seconds"] / month.of("month")
    print(f"\n{PEER} {version(python)}, the first of the months by its own functions on SQLite in memory:")
    print(
        f"{shown(seen['seconds'])}, {seen['queries']} queries, {seen['slots']} slots (it reads a database, the"
    )
    print("function above does not).\n\n| ratio | measured | goal | |\n| --- | --- | --- | --- |")
    print(f"| {PEER} / month | {ratio:.3g} | >= 300 | {verdict(ratio, 300, at_least=True)} |")
