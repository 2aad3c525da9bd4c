from collections.abc import Iterator

import pytest
import time_machine

from booking.models import Appointment, Provider
from tests.booking import stories
from tests.booking.api.calls import Api, token


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Two weeks before the Monday that the tests book; `clock.move_to(at)` goes on."""
    with time_machine.travel(stories.EARLY, tick=False) as moved:
        yield moved


@pytest.fixture
def studio(db: None, clock: object) -> Provider:
    return stories.studio()


@pytest.fixture
def school(db: None, clock: object) -> Provider:
    return stories.school()


@pytest.fixture
def api(db: None) -> Api:
    return Api()


@pytest.fixture
def desk(studio: Provider) -> Api:
    """The studio's own program, with every scope."""
    return Api(token(studio, "read", "write", "refunds"))


@pytest.fixture
def paid(studio: Provider) -> Appointment:
    """A session next Monday, booked and paid."""
    return stories.confirmed(studio)
