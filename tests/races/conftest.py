import ipaddress
from typing import Any

import pytest
from django.core.servers.basehttp import WSGIServer
from django.utils import timezone

from booking import transfer
from booking.models import Provider
from tests.booking.provider_files import BIANCHI, content

WSGIServer.request_queue_size = 128  # Django's ten would turn clients of a race away before they are heard


@pytest.fixture
def racecourse(live_server: Any, settings: Any) -> str:
    """The address of a server with a thread per request, that limits nobody on this machine."""
    settings.LIMITS_EXEMPT = [ipaddress.ip_network("127.0.0.0/8")]
    return f"{live_server.url}/api/v1/"


@pytest.fixture
def studio(transactional_db: None) -> Provider:
    return transfer.load(file=transfer.read(content(BIANCHI)), at=timezone.now())
