from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client as Browser

from booking.models import Provider
from tests.booking import stories
from tests.booking.dashboard.people import browser, owner


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Two weeks before the Monday that the tests book; `clock.move_to(at)` goes on."""
    with time_machine.travel(stories.EARLY, tick=False) as moved:
        yield moved


@pytest.fixture
def studio(db: None, clock: object) -> Provider:
    return stories.studio()


@pytest.fixture
def desk(studio: Provider) -> Browser:
    """The owner's browser."""
    return browser(owner(studio))


@pytest.fixture(autouse=True)
def _stays_logged_in(settings: object) -> None:
    """The tests go weeks ahead in a step."""
    settings.SESSION_COOKIE_AGE = 60 * 60 * 24 * 365  # type: ignore[attr-defined]
