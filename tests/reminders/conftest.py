"""A mail server that messages go to."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.mail import Sink


@pytest.fixture
def post(settings: Any) -> Iterator[Sink]:
    """Whatever is sent goes over SMTP to this server."""
    sink = Sink()
    sink._controller.port = _free_port()
    with sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_TIMEOUT = 5
        yield sink


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
