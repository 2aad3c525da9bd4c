"""Fixtures for every test: either database, a real broker, a real mail server, a browser, the whole product.

`pytest --database=sqlite` (the default) or `--database=postgres`; `make test` runs both.
"""

import gc
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from django.utils import translation

import config.database
from tests import machine
from tests.mail import Sink
from tests.product import Product

config.use_pinned_zones()

# CI judges a change, not its luck: there the examples are the same every time, elsewhere always new ones, and
# a machine that pauses for a second is no fault of the code.
_PATIENT: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [hypothesis.HealthCheck.too_slow],
}
hypothesis.settings.register_profile("new examples", **_PATIENT)
hypothesis.settings.register_profile("the same examples", derandomize=True, database=None, **_PATIENT)
hypothesis.settings.load_profile("the same examples" if os.environ.get("CI") else "new examples")

DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
    "live_server",
    "empty_database",
}
# Made by migrations, not by tests.
NOT_EMPTIED = {"django_migrations", "django_content_type", "auth_permission"}
SCREENSHOTS = Path(__file__).parent.parent / "var" / "screenshots"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.addoption(
        "--skip-pure", action="store_true", help="leave out what uses no database: it was run once"
    )
    parser.addoption(
        "--skip-once", action="store_true", help="leave out what does not hang on the database, likewise"
    )
    parser.addoption(
        "--pictures", action="store_true", help="keep what pages and mails look like under var/screenshots"
    )
    parser.addoption(
        "--part",
        choices=["live", "rest"],
        help="only what starts the whole product or a browser and mostly waits, or the rest",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--database") == "sqlite":
        return
    # The first process starts the server, the workers of xdist find it in the environment.
    address = machine.postgres()
    if address is None:
        raise pytest.UsageError("no PostgreSQL on this machine: set TEST_POSTGRES_URL")
    os.environ["TEST_POSTGRES_URL"] = address
    _use(f"{address}/postgres")


def _use(url: str) -> None:
    """Points Django at another database before its first connection, with the settings of production."""
    test = {"NAME": f"kept_tests_{os.getpid()}"}
    found = config.database.settings_for(url)
    # A whole test is one transaction, and two processors run eight of them at once. Who waits in a race of sixty-four
    # waits for all before; who waits for ever is still told so.
    patience = {
        "lock_timeout": 30_000,
        "statement_timeout": 60_000,
        "idle_in_transaction_session_timeout": 120_000,
    }
    found["OPTIONS"]["options"] += "".join(f" -c {name}={most}" for name, most in patience.items())
    settings.DATABASES["default"] = found | {"TEST": test}
    connections.settings = connections.configure_settings(settings.DATABASES)
    # One that was made while Django started still belongs to the other database.
    connections["default"].close()
    del connections["default"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if not (
            item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
        ):
            item.add_marker("pure")
    part = config.getoption("--part")
    others = {
        item
        for item in items
        if any(
            config.getoption(f"--skip-{mark}") and item.get_closest_marker(mark) for mark in ("pure", "once")
        )
        or (part and (part == "live") != any(map(item.get_closest_marker, ("live", "browser"))))
    }
    if others:
        config.hook.pytest_deselected(items=[item for item in items if item in others])
        items[:] = [item for item in items if item not in others]
    # Processes that share a run take the longest first, so that none works on one alone at the end.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the collector of garbage need not look at it after every few tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])]
    lacking = Counter(why.partition(machine.LACKS)[2] for why in reasons if machine.LACKS in why)
    for what, times in sorted(lacking.items()):
        terminalreporter.write_line(f"left out, for {machine.LACKS}{what}: {times} tests")


# --- The database --------------------------------------------------------------------------------


def _empty(_test: TransactionTestCase) -> None:
    """Cleans up after a test that commits: every row goes, guards and what they forbid put aside for the moment.
    Far quicker than Django's `flush`, which would make all guards, content types and permissions anew."""
    from config import guards

    tables = set(connection.introspection.table_names()) - NOT_EMPTIED
    emptying = [f'DELETE FROM "{table}"' for table in sorted(tables)]
    sqlite = connection.vendor == "sqlite"
    unchecked = connection.constraint_checks_disabled() if sqlite else nullcontext()
    with unchecked, transaction.atomic(), connection.cursor() as cursor:
        if sqlite:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            emptying = [f"DROP TRIGGER {name}" for name, _ in triggers] + emptying
            emptying += [sql for _, sql in triggers]
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        for statement in emptying:
            cursor.execute(statement)
    if guards.missing(connection):  # a test that showed what they are good for took them away
        guards.install(connection)


@pytest.fixture(autouse=True, scope="session")
def _flush() -> Iterator[None]:
    ours = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = _empty
    yield
    TransactionTestCase._fixture_teardown = ours


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    """What one test had remembered is about rows that are gone; their numbers may come again. And each begins in
    English: a page that was read in Italian leaves its thread so."""
    cache.clear()
    translation.deactivate()


@pytest.fixture(scope="session")
def database(pytestconfig: pytest.Config) -> str:
    """`sqlite` or `postgres`."""
    return pytestconfig.getoption("--database")


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The address of a PostgreSQL without a database name, whatever database the run itself uses."""
    address = machine.postgres()
    return address or machine.left_out("PostgreSQL")


# --- What else the product talks to ----------------------------------------------------------------


@pytest.fixture
def redis_server() -> Iterator[Any]:
    """A Redis of one's own: `connection_url`, `stop()`, `start()`."""
    server = machine.start_redis()
    if server is None:
        machine.left_out("Redis")
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture
def redis_url(redis_server: Any) -> str:
    return f"{redis_server.connection_url}/0"


@pytest.fixture
def smtp_sink() -> Iterator[Sink]:
    """A real mail server on this machine: a list of what came in, that can be told to refuse."""
    with Sink() as sink:
        yield sink


# --- A browser ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium by Playwright."""
    found = machine.chromium()
    if found is None:
        machine.left_out("Chromium")
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread, in which Django would refuse to ask its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=machine.CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh page on a desktop; `page.set_viewport_size` makes it a phone."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def screenshot() -> Callable[[Any, str], Path]:
    """`screenshot(page, "booking")` keeps the page as it is at 1280 and at 390 pixels, to be looked at."""

    def keep(page: Any, name: str) -> Path:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for width, height in ((390, 844), (1280, 900)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        page.set_viewport_size(before)
        return SCREENSHOTS / f"{name}-1280.png"

    return keep


# --- The whole product, as processes -------------------------------------------------------------------


@pytest.fixture(scope="session")
def empty_database(
    database: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[Path], str]:
    """Gives a migrated, empty database of one's own to a product in a folder; they are copies of one."""
    folder = tmp_path_factory.mktemp("template")
    if database == "sqlite":
        Product(folder=folder).manage("migrate", "--verbosity=0")
        made = folder / "var" / "kept.sqlite3"

        def copy(product: Path) -> str:
            (product / "var").mkdir(parents=True, exist_ok=True)
            return f"sqlite:///{shutil.copy(made, product / 'var')}"

        return copy
    server = request.getfixturevalue("postgres_url")
    template = _create_database(server)
    Product(folder=folder, DATABASE_URL=f"{server}/{template}").manage("migrate", "--verbosity=0")
    return lambda _product: f"{server}/{_create_database(server, template=template)}"


@pytest.fixture
def live_product(
    database: str,
    smtp_sink: Sink,
    empty_database: Callable[[Path], str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Product]]:
    """`live_product()` starts web, worker and beat on a free port and waits until they are ready.

    On SQLite with the filesystem broker, on PostgreSQL with Redis; mail goes to `smtp_sink`. `clock=` is the
    instant at which its machine's clock stands at the start; `product.set_clock(at)` moves it. Further keyword
    arguments are environment variables.
    """
    started: list[Product] = []

    def start(**facts: Any) -> Product:
        if facts.get("clock") and machine.clock_library() is None:
            machine.left_out("a C compiler for another clock")
        folder = tmp_path / f"product{len(started)}"
        facts.setdefault("EMAIL_URL", smtp_sink.url)
        if "DATABASE_URL" not in facts:
            facts["DATABASE_URL"] = empty_database(folder)
        if database == "postgres":
            facts.setdefault("REDIS_URL", request.getfixturevalue("redis_url"))
        product = Product(folder=folder, **facts)
        started.append(product)
        product.start()
        return product

    yield start
    for product in started:
        product.stop()


def _create_database(server: str, template: str = "template1") -> str:
    name = f"kept_live_{uuid.uuid4().hex[:12]}"
    address = f"{server}/postgres".replace("postgres://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name
