"""The desk of the tests is the dashboard's own."""

from tests.booking.conftest import clock, studio
from tests.booking.dashboard.conftest import _stays_logged_in, desk

__all__ = ["_stays_logged_in", "clock", "desk", "studio"]
