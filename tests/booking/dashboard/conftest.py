import pytest
from django.test import Client as Browser

from booking.models import Provider
from tests.booking.dashboard.people import browser, owner


@pytest.fixture
def desk(studio: Provider) -> Browser:
    """The owner's browser."""
    return browser(owner(studio))


@pytest.fixture(autouse=True)
def _stays_logged_in(settings: object) -> None:
    """The tests go weeks ahead in a step."""
    settings.SESSION_COOKIE_AGE = 60 * 60 * 24 * 365  # type: ignore[attr-defined]
