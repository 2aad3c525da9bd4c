"""How the fake Stripe is spoken to: forms in, JSON out, one pay page, and a side door for tests."""

from __future__ import annotations

import json
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
ACTS = (
    "pay",
    "decline",
    "expire",
    "settle_refund",
    "refund_by_hand",
    "foreign_refund",
    "dispute",
    "dispute_becomes",
    "fail",
    "drop",
    "delay",
    "forget",
    "send",
    "account_becomes",
    "deauthorize",
)
PAY_PAGE = (
    "<!doctype html><title>Checkout</title><h1>Fake Checkout</h1><form method=post>"
    "<button name=outcome value=paid>Pay</button><button name=outcome value=declined>Decline</button>"
    "<button name=outcome value=left>Back</button></form>"
)


class Problem(Exception):
    """An answer that is no success."""

    def __init__(
        self, status: int, code: str, kind: str = "invalid_request_error", message: str = ""
    ) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": {"code": code, "type": kind, "message": message or code}}


def _nested(pairs: list[tuple[str, str]]) -> Json:
    """``a[b][0][c]=d`` as nested objects; numbers stay names."""
    params: Json = {}
    for name, value in pairs:
        first, *rest = name.replace("]", "").split("[")
        place, last = params, first
        for part in rest:
            place, last = place.setdefault(last, {}), part
        place[last] = value
    return params


def _parts(kind: str, raw: bytes) -> Json:
    """The parts of a form with a file: the file as bytes, the rest as text."""
    mail = BytesParser(policy=default).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw)
    found: Json = {}
    for part in mail.iter_parts():
        content = part.get_payload(decode=True)
        named = str(part.get_param("name", header="content-disposition"))
        found[named] = content if part.get_filename() else content.decode().strip()
    return found


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def stripe(self) -> Any:
        return self.server.stripe  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/c/pay/"):
            return self._write(200, PAY_PAGE.encode(), "text/html")
        return self._api("GET", parts.path, _nested(parse_qsl(parts.query)))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if self.headers.get_content_type() == "multipart/form-data":
            return self._api("POST", path, _parts(self.headers["Content-Type"], raw))
        body = raw.decode()
        if path.startswith("/control/"):
            return self._control(path.removeprefix("/control/"), json.loads(body or "{}"))
        if path.startswith("/c/pay/"):
            return self._play(path.removeprefix("/c/pay/"), dict(parse_qsl(body)).get("outcome", ""))
        return self._api("POST", path, _nested(parse_qsl(body, keep_blank_values=True)))

    def _api(self, method: str, path: str, params: Json) -> None:
        if not self.headers.get("Authorization"):
            return self._json(401, Problem(401, "no_key").body)
        try:
            key, account = (self.headers.get(name) or "" for name in ("Idempotency-Key", "Stripe-Account"))
            status, body = self.stripe.answer(method, path, params, key, account)
        except ConnectionAbortedError:
            self.close_connection = True
            return None
        return self._json(status, body)

    def _control(self, act: str, arguments: Json) -> None:
        if act not in ACTS:
            return self._json(404, {})
        return self._json(200, getattr(self.stripe, act)(**arguments) or {})

    def _play(self, session: str, outcome: str) -> None:
        if outcome in ("paid", "declined"):
            (self.stripe.pay if outcome == "paid" else self.stripe.decline)(session)
        self.send_response(303)
        self.send_header("Location", self.stripe.memory.sessions[session]["success_url"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, status: int, body: Json) -> None:
        self._write(status, json.dumps(body).encode(), "application/json")

    def _write(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""
