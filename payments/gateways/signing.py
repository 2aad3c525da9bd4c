"""Signed webhooks as Stripe sends them: ``t=<seconds>,v1=<HMAC-SHA256 of "t.body">``.

Checked on the raw bytes. Everything that is wrong with a body or a header is one ``BadEvent``."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from datetime import datetime
from typing import Any, NoReturn
from uuid import uuid4

from django.utils.crypto import salted_hmac

from payments.gateways.base import BadEvent

TOLERANCE_SECONDS = 300
LONGEST_BODY = 512 * 1024


def header(*, body: bytes, secret: str, at: datetime) -> str:
    """The signature header for a body that is sent at ``at``."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_mac(secret, seconds, body)}"


def check(*, body: bytes, signature: str, secret: str, at: datetime) -> None:
    """Raises ``BadEvent`` unless the header holds a fresh signature of this body, by any one of the
    ``secret``s: two stand with a comma between them while one takes the other's place."""
    secrets = [one.strip() for one in secret.split(",") if one.strip()]
    if not secrets or len(body) > LONGEST_BODY:
        raise BadEvent
    seconds, signatures = _read(signature)
    expected = [_mac(one, seconds, body) for one in secrets]
    if not any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures):
        raise BadEvent
    if abs(at.timestamp() - seconds) > TOLERANCE_SECONDS:
        raise BadEvent


def sandbox_secret() -> str:
    """What the sandbox signs with: of this installation alone."""
    return salted_hmac("kept.sandbox", "webhooks", algorithm="sha256").hexdigest()


def sandbox_event(
    kind: str, thing: dict[str, Any], *, at: datetime, account: str = "", about: str = ""
) -> tuple[bytes, str]:
    """A webhook of the sandbox about ``thing``, signed: body and signature. ``about`` makes its id one that
    a second telling has as well."""
    made: dict[str, Any] = {
        "id": f"evt_sandbox_{about or uuid4().hex}",
        "type": kind,
        "livemode": False,
        "data": {"object": thing},
    }
    if account:
        made["account"] = account
    body = json.dumps(made).encode()
    return body, header(body=body, secret=sandbox_secret(), at=at)


def event(body: bytes) -> dict[str, Any]:
    """The event in a body whose signature was checked, fit for either database: an id, a type and
    an object, no NULs, no halves of characters, no numbers that JSON does not have."""
    try:
        said = json.loads(body.decode("utf-8"), parse_constant=_no, parse_float=_finite)
        found: dict[str, Any] = _clean(said)
        fine = (
            0 < len(found["id"]) <= 255
            and 0 < len(found["type"]) <= 100
            and isinstance(found["id"], str)
            and isinstance(found["type"], str)
            and isinstance(found["data"]["object"], dict)
        )
    except (ValueError, TypeError, KeyError, RecursionError) as wrong:
        raise BadEvent from wrong
    if not fine:
        raise BadEvent
    return found


def _read(signature: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in signature.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdecimal() and len(times[0]) <= 12):
        raise BadEvent
    signatures = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    return int(times[0]), signatures


def _mac(secret: str, seconds: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


def _no(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(one) for name, one in value.items()}
    return value
