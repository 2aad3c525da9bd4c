"""A mail server that messages go to."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from apprise.plugins.twilio import NotifyTwilio

from config import outward
from tests.fakes.texts import TextService
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


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[TextService]:
    """Where Twilio's address leads to this server; the check that hosts are public is out of its way."""
    with TextService() as service:
        monkeypatch.setattr(NotifyTwilio, "notify_sms_url", service.url)
        monkeypatch.setattr(NotifyTwilio, "request_rate_per_sec", 0)
        monkeypatch.setattr(outward, "check", lambda host: ["203.0.113.1"])
        yield service


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
