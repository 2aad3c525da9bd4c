"""The product with providers of each story's own, and people who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests import machine
from tests.journeys import desk
from tests.journeys.letters import Letters, html
from tests.journeys.visitor import PHONE, SCREENSHOTS, Visitor, keep
from tests.mail import Sink
from tests.product import Product

OPEN = datetime(2027, 3, 1, 15, tzinfo=UTC)  # Monday, 16:00 in Rome


class Town:
    """One running product with its mail server for all stories: each sets the clock to its own beginning and has
    providers and clients of its own, so that what others left behind is none of its business."""

    def __init__(self, *, folder: Path, **settings: str) -> None:
        self.sink = Sink()
        self._asked = folder / "asked"
        settings["GUNICORN_CMD_ARGS"] = (
            f"--access-logfile={self._asked} --access-logformat='%(U)s %({{cookie}}i)s'"
        )
        self.product = Product(folder=folder, clock=OPEN, EMAIL_URL=self.sink.url, **settings)

    @property
    def asked(self) -> list[tuple[str, str]]:
        """The path of every request so far and the cookies that came with it."""
        lines = (line.partition(" ") for line in self._asked.read_text().splitlines())
        return [(path, "" if cookies == "-" else cookies) for path, _blank, cookies in lines]


@pytest.fixture(scope="session")
def _town(
    database: str, empty_database: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    if machine.clock_library() is None:
        machine.left_out("a C compiler for another clock")
    folder = tmp_path_factory.mktemp("town") / "product"
    with ExitStack() as ends:
        settings = {"DATABASE_URL": empty_database(folder)}
        if database == "postgres":
            broker: Any = machine.start_redis()
            if broker is None:
                machine.left_out("Redis")
            ends.callback(broker.stop)
            settings["REDIS_URL"] = f"{broker.connection_url}/0"
        town = Town(folder=folder, **settings)
        ends.enter_context(town.sink)
        ends.callback(town.product.stop)
        town.product.start()
        yield town


@pytest.fixture
def town(_town: Town) -> Callable[..., Product]:
    """`town(at, slug=…)` is the product at this instant, with a studio of the story's own under this slug.
    More are brought in by `desk.open_studio`."""

    def begin(at: datetime, *, slug: str, **facts: Any) -> Product:
        _town.product.set_clock(at)
        desk.open_studio(_town.product, slug=slug, **facts)
        return _town.product

    return begin


@pytest.fixture
def asked(_town: Town) -> Callable[[], list[tuple[str, str]]]:
    """`asked()` is what the product was asked for since this story began, path and cookies, as it came there. (The
    browser itself cannot always say: of a frame that is gone it may wait for ever to be told.)"""
    before = len(_town.asked)
    return lambda: _town.asked[before:]


@pytest.fixture
def open_town(town: Callable[..., Product]) -> Product:
    """The product with both example files, at 16:00 in Rome, for stories that do not move the clock. Each takes
    a day of its own in the calendar."""
    product = town(OPEN, slug="studio-bianchi")
    desk.open_studio(product, file="khru-nok.json", slug="khru-nok")
    return product


@pytest.fixture
def visit(browser: Any, database: str, pytestconfig: pytest.Config) -> Iterator[Callable[..., Visitor]]:
    """`visit(product, zone=…, locale=…)` is somebody's browser; at the end none of them has a complaint. Pages
    look the same on either database, so that they are looked at closely on the first."""
    visitors: list[Visitor] = []
    closely = database == "sqlite"
    pictures = closely and pytestconfig.getoption("--pictures")

    def come(product: Product, **facts: Any) -> Visitor:
        visitors.append(Visitor(browser, home=product.url, closely=closely, pictures=pictures, **facts))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def letters(
    _town: Town, browser: Any, request: pytest.FixtureRequest
) -> Iterator[Callable[[Product, str], Letters]]:
    """`letters(product, address)` is what came in for somebody. With `--pictures` all of it is kept."""
    before = len(_town.sink)
    yield lambda product, address: Letters(_town.sink, product, address)
    if request.config.getoption("--pictures"):
        keep_mail(browser, _town.sink[before:], story=request.node.name)


def keep_mail(browser: Any, mail: list[EmailMessage], *, story: str) -> None:
    """Each letter as text and as a phone shows it, light and dark, with no picture loaded."""
    (SCREENSHOTS / "mail").mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, offline=True)
    page = context.new_page()
    for number, letter in enumerate(mail, start=1):
        language, kind = letter["Content-Language"], letter["X-Kept-Kind"]
        name = f"mail/{story}-{number:02}-{language}-{kind}"
        text = letter.get_body(("plain",))
        assert text is not None
        (SCREENSHOTS / f"{name}.txt").write_text(
            f"{letter['To']}\n{letter['Subject']}\n\n{text.get_content()}"
        )
        page.set_content(html(letter))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            keep(page, f"{name}-{scheme}")
    context.close()
