"""The product with both example providers, and people who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import machine
from tests.journeys.letters import Letters
from tests.journeys.visitor import SCREENSHOTS, Visitor
from tests.mail import Sink
from tests.product import Product

FILES = Path(__file__).parent.parent / "booking" / "files"


@pytest.fixture
def town(live_product: Callable[..., Product]) -> Callable[[datetime], Product]:
    """`town(at)` starts the product at this instant, with both example files imported."""

    def start(at: datetime) -> Product:
        product = live_product(clock=at)
        bring_in_the_examples(product)
        return product

    return start


def bring_in_the_examples(product: Product) -> None:
    for file in ("studio-bianchi.json", "khru-nok.json"):
        product.manage("import_provider", str(FILES / file))


class Open:
    """One running product for all stories that need no other time than Monday, 1 March 2027, 16:00 in Rome.
    Each takes a day of its own in the calendar."""

    def __init__(self) -> None:
        self.product: Product | None = None
        self.sink = Sink()
        self._ends = ExitStack()

    def start(self, *, folder: Path, settings: dict[str, str]) -> Product:
        self._ends.enter_context(self.sink)
        self.product = Product(
            folder=folder, clock=datetime(2027, 3, 1, 15, tzinfo=UTC), EMAIL_URL=self.sink.url, **settings
        )
        self._ends.callback(self.product.stop)
        self.product.start()
        bring_in_the_examples(self.product)
        return self.product

    def needs(self, server: Any) -> None:
        self._ends.callback(server.stop)

    def end(self) -> None:
        self._ends.close()


@pytest.fixture(scope="session")
def _open() -> Iterator[Open]:
    one = Open()
    yield one
    one.end()


@pytest.fixture
def open_town(
    _open: Open,
    live_product: Any,  # not called: it says that this test runs on both databases
    database: str,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Product:
    """The product with both example files at 16:00 in Rome, shared by the stories that do not move the clock."""
    if _open.product is None:
        if machine.clock_library() is None:
            machine.left_out("a C compiler for another clock")
        settings = {}
        if database == "postgres":
            broker: Any = machine.start_redis()
            if broker is None:
                machine.left_out("Redis")
            _open.needs(broker)
            settings["REDIS_URL"] = f"{broker.connection_url}/0"
            settings["DATABASE_URL"] = _fresh_database(request.getfixturevalue("postgres_url"))
        _open.start(folder=tmp_path_factory.mktemp("open") / "product", settings=settings)
    assert _open.product is not None
    return _open.product


def _fresh_database(server: str) -> str:
    url = f"{server}/postgres".replace("postgres://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE kept_open")
    return f"{server}/kept_open"


@pytest.fixture
def visit(browser: Any, database: str) -> Iterator[Callable[..., Visitor]]:
    """`visit(product, zone=…, locale=…)` is somebody's browser; at the end none of them has a complaint. Pages
    look the same on either database, so that pictures are taken on the first."""
    visitors: list[Visitor] = []

    def come(product: Product, **facts: Any) -> Visitor:
        visitors.append(Visitor(browser, home=product.url, pictures=database == "sqlite", **facts))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def letters(
    smtp_sink: Sink, _open: Open, request: pytest.FixtureRequest
) -> Iterator[Callable[[Product, str], Letters]]:
    """`letters(product, address)` is what came in for somebody. All of it is kept beside the screenshots."""

    def of(product: Product, address: str) -> Letters:
        return Letters(_open.sink if product is _open.product else smtp_sink, product, address)

    before = len(_open.sink)
    yield of
    kept = SCREENSHOTS / "mail"
    kept.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate([*smtp_sink, *_open.sink[before:]], start=1):
        name = f"{request.node.name}-{number:02}-{message['X-Kept-Kind']}"
        for kind in ("plain", "html"):
            (kept / f"{name}.{kind}").write_text(message.get_body((kind,)).get_content())
