"""The big senders of mail, by ``EMAIL_URL``: ``mailgun://KEY@mg.example.com?signing_key=…``."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

WEBHOOK_USER = "kept"


@dataclass(frozen=True)
class Sender:
    """``key`` and ``second`` are what Anymail calls the first and second part before the ``@``; ``host``
    what it calls the part behind it; ``options`` what may follow the question mark."""

    name: str
    key: str
    example: str
    second: str = ""
    host: str = ""
    options: tuple[tuple[str, str], ...] = ()


SENDERS: dict[str, Sender] = {
    "mailgun": Sender(
        "mailgun",
        "API_KEY",
        "mailgun://KEY@mg.example.com?signing_key=KEY",
        host="SENDER_DOMAIN",
        options=(("signing_key", "WEBHOOK_SIGNING_KEY"), ("api", "API_URL")),
    ),
    "postmark": Sender(
        "postmark", "SERVER_TOKEN", "postmark://TOKEN@", options=(("stream", "MESSAGE_STREAM"),)
    ),
    "sendgrid": Sender(
        "sendgrid",
        "API_KEY",
        "sendgrid://KEY@",
        options=(("signing_key", "TRACKING_WEBHOOK_VERIFICATION_KEY"),),
    ),
    "brevo": Sender("brevo", "API_KEY", "brevo://KEY@"),
    "resend": Sender("resend", "API_KEY", "resend://KEY@"),
    "mailjet": Sender("mailjet", "API_KEY", "mailjet://KEY:SECRET@", second="SECRET_KEY"),
    "mailersend": Sender(
        "mailersend",
        "API_TOKEN",
        "mailersend://TOKEN@?signing_key=SECRET",
        options=(("signing_key", "SIGNING_SECRET"),),
    ),
    "sparkpost": Sender("sparkpost", "API_KEY", "sparkpost://KEY@"),
}
REGIONS = {"eu": "https://api.eu.mailgun.net/v3", "us": "https://api.mailgun.net/v3"}


def settings_for(url: str) -> dict[str, Any]:
    """Django's and Anymail's settings for that address. Raises ValueError, in words for the one who set it
    and without the key."""
    parts = urlsplit(url)
    sender = SENDERS[parts.scheme]
    wrong = ValueError(f"set it to {sender.example}")
    way, _at, host = parts.netloc.rpartition("@")
    key, _colon, second = way.partition(":")
    if (
        not key
        or bool(second) != bool(sender.second)
        or bool(host) != bool(sender.host)
        or parts.path.strip("/")
    ):
        raise wrong
    known, prefix = dict(sender.options), sender.name.upper()
    found = {sender.key: unquote(key)}
    found |= {sender.second: unquote(second)} if sender.second else {}
    found |= {sender.host: host} if sender.host else {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in known or not value or (name == "api" and value not in REGIONS):
            raise wrong
        found[known[name]] = REGIONS[value] if name == "api" else value
    return {
        "EMAIL_BACKEND": f"anymail.backends.{sender.name}.EmailBackend",
        "ANYMAIL": {f"{prefix}_{name}": value for name, value in found.items()},
        "MAIL_SENDER": sender.name,
    }


def webhook_password(secret_key: str) -> str:
    """What the sender must know to report to us; made from SECRET_KEY, so that there is nothing to set."""
    return hmac.new(secret_key.encode(), b"kept.webhooks.mail", hashlib.sha256).hexdigest()[:40]
