"""`make soak`: the long runs that a verdict on every change has no time for.

`--changes all` tries the slots around every clock change of every zone (some ten minutes);
`--rounds N` runs every race N times on each database, each round with threads and examples of its own;
`--kills N` kills sweepers under load N times on each database (see `tests.soak.kills`)."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
RACES = ["tests/races", "tests/payments/test_races.py", "tests/reminders/test_races.py"]


def main() -> int:
    asked = argparse.ArgumentParser(prog="make soak", description=__doc__)
    asked.add_argument("--rounds", type=int, default=20, help="how often each race is run")
    asked.add_argument("--changes", choices=["all", "sample"], default="all", help="which clock changes")
    asked.add_argument("--kills", type=int, default=1_000, help="how often a sweeper is killed")
    sizes = asked.parse_args()
    failed = run(["tests/booking/test_slots_reference.py"], SLOTS_CHANGES=sizes.changes)
    for number in range(sizes.rounds):
        for database in ("sqlite", "postgres"):
            print(f"races, round {number + 1} of {sizes.rounds} on {database}", flush=True)
            failed += run([*RACES, f"--database={database}"])
    for database in ("sqlite", "postgres"):
        failed += kills(database, sizes.kills)
    print(f"{failed} of {3 + 2 * sizes.rounds} runs failed")
    return int(failed > 0)


def run(arguments: list[str], **environment: str) -> int:
    """1 when it failed, 0 when all passed."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return int(subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False).returncode != 0)


def kills(database: str, number: int) -> int:
    command = [sys.executable, "-m", "tests.soak.kills", f"--database={database}", f"--kills={number}"]
    return int(subprocess.run(command, cwd=ROOT, check=False).returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
