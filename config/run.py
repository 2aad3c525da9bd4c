"""`make run`: web, worker and beat as children of one command, on one terminal.

    python -m config.run

A child that dies is started again. Ctrl-C or SIGTERM ends all of them, and they die with this process even where
it is killed with -9. PORT, HOST and the settings of `config.env` may be set; DEMO=false starts without the demo.
"""

import contextlib
import fcntl
import hashlib
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from config import env
from config.children import Child, Signals, die_with_parent, supervise

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    os.chdir(ROOT)
    said = env.lines_of(ROOT / ".env") | dict(os.environ)
    try:
        found = env.read(said, root=ROOT)
        host, port = address(said)
    except env.WrongSetting as wrong:
        sys.exit(f"kept cannot start: {wrong}")
    signals = Signals()
    environment = dict(os.environ) | for_children(found, host=host)
    demo = demo_words(found)
    if not prepare(
        environment,
        demo=demo if wants_demo(said) and found.debug else None,
        stopped=lambda: signals.asked > 0,
    ):
        return 0 if signals.asked else 1
    children = [Child(name, command) for name, command in commands(host=host, port=port).items()]
    greeting = Greeting(f"http://{reachable(host)}:{port}", base_url=found.base_url, demo=demo)
    supervise(children, environment=environment, signals=signals, each_round=greeting.when_ready)
    return 0


def address(said: dict[str, str]) -> tuple[str, int]:
    """HOST and PORT, where nobody else listens. Raises WrongSetting."""
    host, port = said.get("HOST") or "127.0.0.1", said.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise env.WrongSetting(f"PORT is {port!r}: set it to a number, as PORT=8001")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, int(port)))
        except OSError as taken:
            raise env.WrongSetting(
                f"{host}:{port} cannot be used ({taken.strerror}): set PORT=8001, say"
            ) from None
    return host, int(port)


def reachable(host: str) -> str:
    """Where this machine itself finds what listens on `host`."""
    own = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104, compared only
    return f"[{own}]" if ":" in own and not own.startswith("[") else own


def for_children(found: env.Environment, *, host: str) -> dict[str, str]:
    """What children are told beside our own environment.

    On a development machine the product runs as in production, short of TLS: error pages are those that clients
    see, and files are served by the names that they have there.
    """
    if not found.debug:
        return {}
    anywhere = [] if host in ("127.0.0.1", "::1", "localhost") else ["*"]
    return {
        "DEBUG": "false",
        "SECRET_KEY": found.secret_key,
        "ALLOWED_HOSTS": ",".join(dict.fromkeys([*found.allowed_hosts, *env.LOCAL_HOSTS, *anywhere])),
        "BASE_URL": found.base_url,
        "EMAIL_URL": found.email_url,
        "SIGN_UP": found.sign_up,
    }


def commands(*, host: str, port: int) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--app=config.celery", "--quiet"]
    return {
        "web": [
            *python,
            "gunicorn",
            "config.wsgi",
            f"--bind=[{host}]:{port}" if ":" in host else f"--bind={host}:{port}",
            "--worker-class=gthread",
            f"--threads={os.environ.get('WEB_THREADS') or 8}",
            "--no-control-socket",
            "--graceful-timeout=10",
            "--log-level=warning",
        ],
        # Threads: a sweep mostly waits, and the filesystem broker is shared most simply within one process.
        "worker": [
            *celery,
            "worker",
            "--pool=threads",
            "--concurrency=4",
            "--without-gossip",
            "--without-mingle",
        ],
        "beat": [*celery, "beat", "--pidfile="],
    }


def wants_demo(said: dict[str, str]) -> bool:
    return said.get("DEMO", "").strip().lower() not in ("false", "no", "0", "off")


def demo_words(found: env.Environment) -> Path:
    """Where the demo's log-ins are kept: its being there says that this database has the demo."""
    mark = hashlib.sha256(found.database_url.encode()).hexdigest()[:8]
    words = found.var_dir / f"demo-{mark}.txt"
    if found.database["ENGINE"].endswith("sqlite3") and not Path(found.database["NAME"]).exists():
        words.unlink(missing_ok=True)
    return words


def prepare(environment: dict[str, str], *, demo: Path | None, stopped: Callable[[], bool]) -> bool:
    """Static files, migrations, and the demo once. False where one failed or somebody stopped us."""
    migrating = _manage("migrate", "--no-input", "--verbosity=0", environment=environment)
    with _one_at_a_time():
        collected = not static_is_stale() or _collect_static(environment)
    if migrating.wait() or not collected or stopped():
        return False
    if demo is None or demo.exists():
        return True
    print("loading the demo: half a year of a studio's life, once", flush=True)  # noqa: T201
    # Its passwords are known to everyone: the command itself refuses anywhere but on a development machine.
    seeding = _manage("seed_demo", environment=environment | {"DEBUG": "true"}, stdout=subprocess.PIPE)
    words, _ = seeding.communicate()
    if seeding.returncode:
        return False
    demo.write_bytes(words)
    return not stopped()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Whoever starts from this folder meanwhile waits: static files are collected for all of them, and a file that
    two write at once is nobody's."""
    folder = os.open(ROOT / "static", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _collect_static(environment: dict[str, str]) -> bool:
    return _manage("collectstatic", "--no-input", "--verbosity=0", environment=environment).wait() == 0


def static_is_stale() -> bool:
    """Whether a file of ours, or what packages bring, is younger than what was collected."""
    made = ROOT / "staticfiles" / "staticfiles.json"
    if not made.exists():
        return True
    brought = [
        ROOT / "requirements" / "base.lock",
        ROOT / "node_modules" / ".ready",
        ROOT / "config" / "settings.py",
    ]
    ours = [*brought, *(ROOT / "static").rglob("*")]
    return any(one.stat().st_mtime >= made.stat().st_mtime for one in ours if one.exists())


def _manage(
    *arguments: str, environment: dict[str, str], stdout: int | None = None
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        preexec_fn=die_with_parent,
    )


class Greeting:
    """Says once where everything is, as soon as it answers."""

    def __init__(self, url: str, *, base_url: str, demo: Path) -> None:
        self.url, self.base_url, self.demo = url, base_url, demo
        self.said = False

    def when_ready(self) -> None:
        if not self.said and self._answers():
            self.said = True
            words = self.demo.read_text().strip() if self.demo.exists() else ""
            print(  # noqa: T201, this is what the command is for
                f"\n{words}\n\n"
                f"  Kept          {self.base_url}/\n"
                f"  dashboard     {self.base_url}/dashboard/\n"
                f"  API schema    {self.base_url}/api/v1/schema/\n\n"
                "  Ctrl-C stops all of it.\n",
                flush=True,
            )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=1):  # noqa: S310, our own address
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


if __name__ == "__main__":
    sys.exit(main())
