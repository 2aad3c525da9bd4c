"""Runs every measurement and writes what it saw: python -m bench [--only slots] [arguments of theirs]."""

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent


def measurements() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.py") if not path.name.startswith("_"))


def machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=measurements(), help="one of them, printed and not written down")
    asked, theirs = parser.parse_known_args()
    # One source of zone rules, as in the product; what is measured must not depend on the machine's own.
    environment = os.environ | {"PYTHONTZPATH": ""}
    if asked.only:
        theirs = [sys.executable, "-m", f"bench.{asked.only}", *theirs]
        return subprocess.run(theirs, cwd=HERE.parent, env=environment, check=False).returncode
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    parts = [f"# Results\n\n{day}; {machine()}. Written by `python -m bench`; read the ratios.\n"]
    failed = []
    for name in measurements():
        print(f"measuring {name}", file=sys.stderr)
        command = [sys.executable, "-m", f"bench.{name}", *theirs]
        run = subprocess.run(
            command, cwd=HERE.parent, env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
        failed += [name] * bool(run.returncode)
        parts.append(run.stdout if not run.returncode else f"## {name}\n\nFailed; nothing was measured.\n")
    (HERE / "RESULTS.md").write_text("\n".join(parts))
    print("\n".join(parts))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
