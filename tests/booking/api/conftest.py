import pytest

from booking.models import Provider
from tests.booking.api.calls import Api, token


@pytest.fixture
def api(db: None) -> Api:
    return Api()


@pytest.fixture
def desk(studio: Provider) -> Api:
    """The studio's own program, with every scope."""
    return Api(token(studio, "read", "write", "refunds"))
