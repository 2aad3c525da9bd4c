"""Signatures as Standard Webhooks have them: HMAC-SHA-256 over id, timestamp and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def headers(*, id: str, timestamp: int, body: bytes, keys: list[str]) -> dict[str, str]:  # noqa: A002, its word
    """``keys`` are the secrets that hold now, the newest first; each has a signature of its own."""
    signed = b".".join((id.encode(), str(timestamp).encode(), body))
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(signed, key) for key in keys),
    }


def _signature(signed: bytes, key: str) -> str:
    raw = base64.b64decode(key.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(raw, signed, hashlib.sha256)).decode()
