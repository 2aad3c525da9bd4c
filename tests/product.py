"""The whole product as processes, with a clock that can be moved from outside."""

import json
import os
import signal
import struct
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.children import die_with_parent
from tests import machine, telling
from tests.standing import Answer, Standing

ROOT = Path(__file__).parent.parent
PATIENCE = 150  # the demo is made meanwhile, on a machine with other tests to run
# Said by nobody unless a test says it, whatever a `.env` file on this machine holds.
SILENT = (
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_API_BASE",
    "SENTRY_DSN",
    "TRUSTED_PROXIES",
)


class Product:
    """Web, worker and beat of one installation in `folder`, under the product's own supervisor."""

    def __init__(self, *, folder: Path, clock: datetime | None = None, **environment: str) -> None:
        self.folder = folder
        self.port = machine.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._offset = folder / "clock"
        self._clock = clock
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._standing: Standing | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are told; nothing of the test run's own settings gets through."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        said = kept | {
            "DEBUG": "true",
            "SECRET_KEY": "live-product-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "BASE_URL": self.url,
            "VAR_DIR": str(self.folder / "var"),
            "LIMITS_EXEMPT": "127.0.0.0/8",
            "DEMO": "false",
        }
        said |= dict.fromkeys(SILENT, "")
        if self._clock:
            said |= {"LD_PRELOAD": machine.clock_library() or "", "KEPT_CLOCK": str(self._offset)}
        return said | self._environment

    def set_clock(self, at: datetime) -> None:
        """At once the product's machine has this time, and it goes on from there."""
        nanoseconds = round((at - datetime.now(UTC)).total_seconds() * 1e9)
        with self._offset.open("r+b" if self._offset.exists() else "wb") as file:
            file.write(struct.pack("=q", nanoseconds))

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._clock:
            self.set_clock(self._clock)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # a run that is ended leaves no product behind that loads the machine
            )
        self.wait_for(lambda: self.get("/readyz").get("status") == "ready")

    def stop(self, *, with_signal: int = signal.SIGTERM) -> int:
        """Ends all of it; answers with the supervisor's exit code."""
        if self._standing:
            self._standing.end()
            self._standing = None
        if self._process is None:
            return 0
        self._process.send_signal(with_signal)
        try:
            return self._process.wait(timeout=60)  # the supervisor itself gives its children 15
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """What `manage.py` prints, at this product's clock and on its database. While the product runs, a process
        that stands by does it."""
        telling.going_on(" ".join(arguments))
        done = self._by_hand(arguments, stdin)
        if done["code"]:
            raise AssertionError(
                f"manage.py {arguments} ended with {done['code']}:\n{done['stdout']}{done['stderr']}"
            )
        return str(done["stdout"])

    def _by_hand(self, arguments: tuple[str, ...], stdin: str) -> Answer:
        if self._process:
            self._standing = self._standing or Standing(self.environment, log=self.folder / "log")
            return self._standing.do(arguments, stdin)
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return {"code": done.returncode, "stdout": done.stdout, "stderr": done.stderr}

    def get(self, path: str) -> Any:
        """The JSON at `path`, `{}` while nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return {}

    def wait_for(self, true: Any, *, seconds: float = PATIENCE) -> None:
        """Waits until `true()`; says what the product logged where it does not come true in time."""
        until = time.monotonic() + seconds
        while not true():
            if self._process and self._process.poll() is not None:
                raise AssertionError(f"the product ended:\n{self.log[-4000:]}")
            if time.monotonic() > until:
                raise AssertionError(f"not true within {seconds} s:\n{self.log[-4000:]}")
            time.sleep(0.1)
