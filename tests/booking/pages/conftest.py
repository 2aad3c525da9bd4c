import pytest
from django.test import Client

from booking import tokens
from booking.models import Appointment


@pytest.fixture
def visitor() -> Client:
    """A browser of somebody who asks for forgery checks as real ones do, in English."""
    return Client(enforce_csrf_checks=False, headers={"Accept-Language": "en"})


@pytest.fixture
def link(paid: Appointment) -> str:
    return tokens.manage_path(paid)
