from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from booking import tokens
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
def visitor() -> Client:
    """A browser of somebody who asks for forgery checks as real ones do, in English."""
    return Client(enforce_csrf_checks=False, headers={"Accept-Language": "en"})


@pytest.fixture
def paid(studio: Provider) -> Appointment:
    """A session on that Monday at 10:00 in Rome, booked from New York and paid two weeks ahead."""
    return stories.confirmed(studio)


@pytest.fixture
def link(paid: Appointment) -> str:
    return tokens.manage_path(paid)
