"""`make soak`: the long runs that a verdict on every change has no time for.

`--changes all` tries the slots around every clock change of every zone (some ten minutes);
`--rounds N` runs every race N times on each database, each round with threads and examples of its own;
`--kills N` kills sweepers under load N times on each database (see `tests.soak.kills`);
`--refunds N` refunds race on each database, `--orders N` orders of seven events of Stripe's (all are 5,040), each
event twice at once, `--forged N` webhooks are forged or malformed, `--histories N` lives of money are written into
the ledger (every tenth with its papers) and balanced by a reckoning of the test's own, `--lives N` are lived
through the crafts themselves at the fake Stripe, and a process is killed at each step of every way that money goes."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
RACES = [
    "tests/races",
    "tests/payments/test_races.py",
    "tests/payments/test_locks.py",
    "tests/reminders/test_races.py",
]

MONEY = ["tests/payments/test_proofs.py", "tests/payments/test_histories.py", "tests/payments/test_kills.py"]


def main() -> int:
    asked = argparse.ArgumentParser(prog="make soak", description=__doc__)
    asked.add_argument("--rounds", type=int, default=20, help="how often each race is run")
    asked.add_argument("--changes", choices=["all", "sample"], default="all", help="which clock changes")
    asked.add_argument("--kills", type=int, default=1_000, help="how often a sweeper is killed")
    asked.add_argument("--refunds", type=int, default=10_000, help="how many refunds race")
    asked.add_argument("--orders", type=int, default=5_040, help="how many orders of seven events")
    asked.add_argument("--forged", type=int, default=1_000, help="how many webhooks are forged")
    asked.add_argument("--histories", type=int, default=100_000, help="how many histories of the ledger")
    asked.add_argument("--lives", type=int, default=500, help="how many histories through the crafts")
    asked.add_argument("--money", action="store_true", help="the proofs of money alone")
    sizes = asked.parse_args()
    if sizes.money:
        return int(money(sizes) > 0)
    failed = run(["tests/booking/test_slots_reference.py"], SLOTS_CHANGES=sizes.changes)
    for number in range(sizes.rounds):
        for database in ("sqlite", "postgres"):
            print(f"races, round {number + 1} of {sizes.rounds} on {database}", flush=True)
            failed += run([*RACES, f"--database={database}"])
    for database in ("sqlite", "postgres"):
        failed += kills(database, sizes.kills)
    failed += money(sizes)
    print(f"{failed} of {5 + 2 * sizes.rounds} runs failed")
    return int(failed > 0)


def run(arguments: list[str], **environment: str) -> int:
    """1 when it failed, 0 when all passed."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return int(subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False).returncode != 0)


def money(sizes: argparse.Namespace) -> int:
    """The proofs of money on each database. Returns how many runs failed."""
    told = {
        "SOAK_REFUNDS": sizes.refunds,
        "SOAK_ORDERS": sizes.orders,
        "SOAK_FORGED": sizes.forged,
        "SOAK_HISTORIES": sizes.histories,
        "SOAK_LIVES": sizes.lives,
        "SOAK_PAPERS": 10,
    }
    environment = {name: str(value) for name, value in told.items()}
    return sum(run([*MONEY, f"--database={one}"], **environment) for one in ("sqlite", "postgres"))


def kills(database: str, number: int) -> int:
    command = [sys.executable, "-m", "tests.soak.kills", f"--database={database}", f"--kills={number}"]
    return int(subprocess.run(command, cwd=ROOT, check=False).returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
