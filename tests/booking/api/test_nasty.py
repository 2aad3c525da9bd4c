"""Whatever is thrown at any address, the answer is a 4xx that says so, never a 500, and no later list
stumbles over what was let in (F-113)."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from typing import Any

import pytest

from booking import tokens
from booking.models import Appointment, Provider
from payments.models import Deposit
from tests.booking.api.calls import Api, booking

LOCAL = ipaddress.ip_network("127.0.0.0/8")
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    10**400,
    1.5,
    "",
    " ",
    "x" * 10_000,
    "\u0000",
    "a\u0000b",
    "\u202e\u2066",
    "\uffff",
    "\u2028",
    "e\u0301" * 500,
    "<svg onload=alert(1)>",
    "'; DROP TABLE booking_client; --",
    "%s%n{0}{{7*7}}",
    "../../../etc/passwd",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "2027-03-01T10:00:00+24:00",
    "NaN",
    "Infinity",
    [],
    [[]],
    ["x"] * 1000,
    {},
    {"": ""},
    {"amount": {"amount": {}}},
    {"$ne": None},
]
RAW: dict[str, bytes] = {
    "nothing": b"",
    "no_json": b"{",
    "bad_utf8": b'{"start": "\xff\xfe"}',
    "half_a_pair": b'{"start": "\\ud800"}',
    "escaped_nul": b'{"start": "\\u0000"}',
    "nul_key": b'{"\\u0000": 1}',
    "infinite": b'{"start": 1e400}',
    "not_a_number": b'{"start": NaN}',
    "deep": b'{"start": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "deep_objects": b'{"a":' * 200 + b"1" + b"}" * 200,
    "list": b"[]",
    "text": b'"x"',
    "number": b"7",
    "null": b"null",
    "huge_number": b'{"start": ' + b"9" * 5000 + b"}",
    "twice": b'{"start": 1, "start": 2}',
    "bom": b"\xef\xbb\xbf{}",
    "utf16": '{"a": 1}'.encode("utf-16"),
    "too_large": b'{"a": "' + b"x" * 70_000 + b'"}',
}
TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "", "x"]


@pytest.fixture
def acts(studio: Provider, paid: Appointment) -> dict[str, tuple[str, Any]]:
    """Every address that takes a body, with a right one."""
    own, desk = f"appointments/{tokens.make(paid)}/", f"appointments/{paid.uid}/"
    money = {"amount": 100, "currency": "EUR"}
    return {
        "book": ("appointments/", booking(studio, start="2027-03-02T10:00:00+01:00")),
        "cancel": (f"{own}cancel/", {"reason": "illness", "note": "x", "quote": "x"}),
        "move": (f"{own}move/", {"start": "2027-03-02T10:00:00+01:00", "quote": "x"}),
        "late": (f"{own}late/", {"minutes": 5}),
        "explain": (f"{own}explain/", {"reason": "illness", "note": "x"}),
        "mode": (f"{own}mode/", {"mode": "phone"}),
        "decline": (f"{desk}decline/", {"note": "x"}),
        "desk_cancel": (f"{desk}cancel/", {"reason": "x", "note": "x", "as": "refund"}),
        "excuse": (f"{desk}excuse/", {"reason": "illness", "note": "x", "amount": money, "as": "credit"}),
        "block": (f"clients/{paid.client.uid}/block/", {"reason": "x"}),
        "refund": (f"deposits/{Deposit.objects.get().uid}/refund/", {"amount": money, "reason": "x"}),
        "hours": ("hours/", {"hours": [{"weekday": "mon", "from": "09:00", "to": "10:00"}], "overrides": []}),
        "service": ("services/session/", {"name": {"en": "x"}, "price": money, "questions": [{}]}),
        "policy": (
            f"policies/{paid.policy_version.policy.uid}/",
            {"deposit": {"kind": "none"}, "windows": [{}]},
        ),
    }


NAMES = [
    "book", "cancel", "move", "late", "explain", "mode", "decline",
    "desk_cancel", "excuse", "block", "refund", "hours", "service", "policy",
]  # fmt: skip
BY_PUT = {"hours", "service", "policy"}


def spoiled(body: Any) -> Iterator[Any]:
    """The body with one nasty value in each place in turn."""
    if isinstance(body, dict):
        for key, inner in body.items():
            for nasty in [*VALUES, *spoiled(inner)]:
                yield body | {key: nasty}
    if isinstance(body, list):
        for n, inner in enumerate(body):
            for nasty in [*VALUES, *spoiled(inner)]:
                yield [*body[:n], nasty, *body[n + 1 :]]


def caller(desk: Api, name: str) -> Api:
    return Api() if name in ("book", "cancel", "move", "late", "explain", "mode") else desk


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_value_in_any_field_breaks_anything(
    acts: dict[str, tuple[str, Any]], desk: Api, name: str, settings: Any
) -> None:
    settings.LIMITS_EXEMPT = [LOCAL]
    path, right = acts[name]
    method, by = "PUT" if name in BY_PUT else "POST", caller(desk, name)
    for body in spoiled(right):
        answer = by.raw(method, path, json.dumps(body).encode())
        assert answer.status < 500, (answer.status, body, answer.body)
        if answer.status == 400:
            assert answer.body.get("errors") or answer.code in ("parse_error", "bad_request"), answer.body
    for path in ("appointments/", "clients/", "deposits/", "services/", "hours/", "policies/"):
        assert desk.get(path).status == 200, "a poison record"


@pytest.mark.parametrize("name", NAMES)
def test_no_body_breaks_anything(
    acts: dict[str, tuple[str, Any]], desk: Api, name: str, settings: Any
) -> None:
    settings.LIMITS_EXEMPT = [LOCAL]
    method = "PUT" if name in BY_PUT else "POST"
    nothing_is_needed = name in ("decline", "desk_cancel", "block")
    for what, raw in RAW.items():
        answer = caller(desk, name).raw(method, acts[name][0], raw)
        fine = answer.status == 200 and nothing_is_needed
        assert fine or 400 <= answer.status < 500, (what, answer.status, answer.body)
        assert fine or answer.headers["Content-Type"] == "application/problem+json", what


@pytest.mark.parametrize("content_type", TYPES)
def test_anything_but_json_is_a_415(studio: Provider, api: Api, content_type: str) -> None:
    answer = api.raw("POST", "appointments/", b"start=1", content_type)
    assert answer.status in (400, 415)
    assert answer.code in ("unsupported_media_type", "parse_error", "bad_request", "invalid")


@pytest.mark.parametrize(
    "query", ["from=%00", "from=%ff", "tz=%f0%28", "mode=" + "x" * 5000, "from&to&tz", "%", "a=1&a=2"]
)
def test_no_query_breaks_the_slots(studio: Provider, api: Api, query: str) -> None:
    answer = api.raw("GET", f"providers/studio-bianchi/services/session/slots/?{query}", b"")
    assert answer.status == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "BREW"])
@pytest.mark.parametrize("path", ["appointments/", "providers/studio-bianchi/", "deposits/", "schema/"])
def test_no_method_breaks_anything(studio: Provider, api: Api, method: str, path: str) -> None:
    assert api.client.generic(method, f"/api/v1/{path}").status_code < 500


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "*/*;q=x", "", "\u00e9", "application/json; version=2"]
)
def test_no_accept_header_breaks_anything(studio: Provider, api: Api, accept: str) -> None:
    assert api.get("providers/studio-bianchi/", Accept=accept).status in (200, 406)


HEADERS = {
    "Accept-Language": ["*", "x" * 5000, "th-Thai-u-nu-thai;q=0.5, en;q=abc", "\u00e9"],
    "If-None-Match": ["*", '"', "W/", '"' * 999],
    "Authorization": ["Bearer", "Basic eA==", "Bearer a b c", "\u00e9"],
    "X-Forwarded-For": ["1.2.3.4, 5.6.7.8", "x", "::1, [::1]:80"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in HEADERS.items() for value in values]
)
def test_no_header_breaks_anything(studio: Provider, api: Api, name: str, value: str) -> None:
    slots = "providers/studio-bianchi/services/session/slots/"
    days = {"from": "2027-03-01", "to": "2027-03-02"}
    for path, query in ((slots, days), ("appointments/", None), ("providers/studio-bianchi/", None)):
        assert api.get(path, query, **{name: value}).status < 500
