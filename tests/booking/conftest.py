"""The same morning for pages, API and desk. A test that takes the clock into its own hands has its own."""

from collections.abc import Iterator

import pytest
import time_machine

from booking.models import Appointment, Provider
from tests.booking import stories


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
def paid(studio: Provider) -> Appointment:
    """A session on that Monday at 10:00 in Rome, booked from New York and paid two weeks ahead."""
    return stories.confirmed(studio)
