"""The desk of the tests is the dashboard's own."""

from tests.booking.dashboard.conftest import _stays_logged_in, clock, desk, studio

__all__ = ["_stays_logged_in", "clock", "desk", "studio"]
