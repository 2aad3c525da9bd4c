"""Webhook intake: how many a second are accepted, and how slow the slowest, while the worker is busy.

    python -m bench.webhooks [--seconds 5] [--rounds 3] [--clients 8] [--workers 2] [--databases sqlite,postgres]

One gunicorn serves the product and, beside it, an empty Django view behind the same middleware. Each round
measures the empty view, the webhook door, and the door again while a worker applies what came in, one after
the other. Every webhook is signed, checked, and stored before it is answered."""

import argparse
import hmac
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from statistics import median, quantiles

from bench._rounds import shown

ROOT = Path(__file__).parent.parent
SECRET = "whsec_of_the_bench"
PATIENCE = 60
DOORS = ("empty view", "webhooks", "webhooks, worker busy")
RATE, _HALF, SLOW = range(3)

# Answers per second, and the median and the 99th percentile of their seconds, once a round.
Found = dict[str, list[tuple[float, float, float]]]


class Server:
    """The product on a free port, with a database of its own, and a worker when asked for."""

    def __init__(self, folder: Path, url: str, workers: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environment = kept | {
            "DATABASE_URL": url,
            "DEBUG": "true",
            "SECRET_KEY": "bench-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM",
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            "VAR_DIR": str(folder),
            "STRIPE_SECRET_KEY": "sk_test_of_the_bench",
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "LIMITS_EXEMPT": "127.0.0.0/8",
            "DJANGO_SETTINGS_MODULE": "bench._settings",
            "PYTHONTZPATH": "",
        }
        self.run("manage.py", "migrate", "--verbosity=0").wait()
        gunicorn = ["-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{self.port}", f"--workers={workers}"]
        more = ["--worker-class=gthread", "--threads=8", "--no-control-socket", "--log-level=error"]
        self.web = self.run(*gunicorn, *more)
        self._wait()

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=quiet, stderr=quiet
        )

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                if self.ask(http.client.HTTPConnection("127.0.0.1", self.port), "GET", "/empty/") == 200:
                    return
            time.sleep(0.1)
        raise TimeoutError("the server did not start")

    @staticmethod
    def ask(
        line: http.client.HTTPConnection, method: str, path: str, body: bytes = b"", signature: str = ""
    ) -> int:
        line.request(method, path, body or None, {"Stripe-Signature": signature})
        answer = line.getresponse()
        answer.read()
        return answer.status

    def empty(self, line: http.client.HTTPConnection, _number: str) -> int:
        return self.ask(line, "POST", "/empty/", BODY.encode())

    def webhook(self, line: http.client.HTTPConnection, number: str) -> int:
        body = BODY.replace("evt_0", f"evt_{number}").encode()
        at = int(time.time())
        signed = hmac.new(SECRET.encode(), f"{at}.".encode() + body, sha256).hexdigest()
        return self.ask(line, "POST", "/webhooks/stripe/", body, f"t={at},v1={signed}")


THING = {"id": "cs_0", "object": "checkout.session", "metadata": {}, "more": "x" * 1_500}
BODY = json.dumps(
    {"id": "evt_0", "type": "checkout.session.completed", "livemode": False, "data": {"object": THING}}
)


def load(
    act: Callable[[http.client.HTTPConnection, str], int],
    port: int,
    *,
    seconds: float,
    clients: int,
    name: str,
) -> tuple[float, float, float]:
    """Answers per second, and the median and the 99th percentile of their seconds. Any answer but 200 is an error."""
    took: list[list[float]] = [[] for _ in range(clients)]
    until = time.perf_counter() + seconds

    def client(number: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (begun := time.perf_counter()) < until:
            status = act(line, f"{name}_{number}_{len(took[number])}")
            assert status == 200, status
            took[number].append(time.perf_counter() - begun)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = [one for each in took for one in each]
    return len(every) / (time.perf_counter() - started), median(every), quantiles(every, n=100)[98]


def measure(server: Server, asked: argparse.Namespace) -> Found:
    found: Found = {name: [] for name in DOORS}
    sizes = {"seconds": asked.seconds, "clients": asked.clients}
    for round_ in range(asked.rounds):
        found["empty view"].append(load(server.empty, server.port, **sizes, name=f"e{round_}"))
        found["webhooks"].append(load(server.webhook, server.port, **sizes, name=f"d{round_}"))
        worker = server.run("-m", "bench._worker")
        time.sleep(2)  # it has work: what the door took before
        found["webhooks, worker busy"].append(load(server.webhook, server.port, **sizes, name=f"b{round_}"))
        worker.kill()
        worker.wait()
    return found


def on(kind: str, asked: argparse.Namespace) -> Found:
    """The figures of one database."""
    from tests.soak.kills import database

    folder = Path(tempfile.mkdtemp(prefix="kept-bench-"))
    server = Server(folder, database(kind, folder), asked.workers)
    try:
        return measure(server, asked)
    finally:
        server.web.terminate()
        server.web.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def report(kinds: list[str], asked: argparse.Namespace) -> None:
    found = {kind: on(kind, asked) for kind in kinds}
    print(
        f"## Webhook intake\n\n{asked.clients} clients on the same machine, {asked.workers} gunicorn workers"
    )
    print(
        f"of 8 threads; every webhook of {len(BODY) / 1000:.1f} kB is signed, checked and stored before its"
    )
    print(f"answer, the worker applies what came in; {asked.rounds} rounds of {asked.seconds:g} s, medians.")
    print("\n| | " + " | ".join(kinds) + " |\n| --- |" + " --- |" * len(kinds))
    for name in DOORS:
        cells = [[median(values) for values in zip(*found[kind][name], strict=True)] for kind in kinds]
        said = [f"{rate:.0f}/s, median {shown(half)}, p99 {shown(slow)}" for rate, half, slow in cells]
        print(f"| {name} | " + " | ".join(said) + " |")
    print("\n| ratio to the empty view | " + " | ".join(kinds) + " |\n| --- |" + " --- |" * len(kinds))
    for name in DOORS[1:]:
        print(f"| {name}, accepted per second | " + cells_of(found, kinds, name, RATE) + " |")
        print(f"| {name}, p99 | " + cells_of(found, kinds, name, SLOW) + " |")


def cells_of(found: dict[str, Found], kinds: list[str], name: str, what: int) -> str:
    """Medians of the ratios within a round."""
    ratios = [
        median(
            one[what] / two[what] for one, two in zip(found[kind][name], found[kind][DOORS[0]], strict=True)
        )
        for kind in kinds
    ]
    return " | ".join(f"{ratio:.2f}" for ratio in ratios)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--databases", default="sqlite,postgres")
    asked, _others = parser.parse_known_args()
    report(asked.databases.split(","), asked)


if __name__ == "__main__":
    main()
