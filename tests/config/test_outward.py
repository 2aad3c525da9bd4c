"""Where our own machines may be sent: to public addresses, at the address that was checked, for a while."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from config import outward
from tests.fakes.calendars import CalendarHost, Page

PUBLIC = "93.184.216.34"


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[CalendarHost]:
    """What `calendar.example` leads to; its check, and no other, finds this machine public."""
    real = outward.check
    named = ("calendar.example", "other.example")
    monkeypatch.setattr(outward, "check", lambda name: ["127.0.0.1"] if name in named else real(name))
    with CalendarHost() as found:
        yield found


def fetch(url: str, **over: Any) -> outward.Fetched:
    asked: dict[str, Any] = {"headers": {}, "largest": 1_000, "seconds": 5.0, "plain": True}
    return outward.fetch(url, **asked | over)


def code(url: str, **over: Any) -> str:
    with pytest.raises(outward.NotFetched) as no:
        fetch(url, **over)
    return no.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "[::1]",
        "[fe80::1]",
        "[fc00::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f.1",
        "localhost",
    ],
)
def test_no_address_of_ours_is_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> socket.socket:
        raise AssertionError("it was spoken to")

    monkeypatch.setattr(socket, "create_connection", never)
    assert code(f"http://{address}/a.ics") == "not_public"


@pytest.mark.parametrize(
    "url",
    ["", "calendar", "https://", "https://me:secret@a.example/", "https://a.example:99999/", "https://[/"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    assert code(url) == "address"


@pytest.mark.parametrize(
    "url", ["http://a.example/", "ftp://a.example/", "file:///etc/passwd", "gopher://a/"]
)
def test_only_https_is_asked(url: str) -> None:
    assert code(url, plain=False) in ("not_https", "address")


def test_a_redirect_is_followed_and_checked_like_the_first(host: CalendarHost) -> None:
    host.pages["/a"] = Page(status=302, headers={"Location": host.url("/b", host="other.example")})
    host.pages["/b"] = Page(b"found", headers={"ETag": '"1"'})
    assert fetch(host.url("/a")) == outward.Fetched(b"found", '"1"')
    for where in ("http://127.0.0.1/", f"http://localhost:{host.port}/b", "http://169.254.169.254/latest/"):
        host.pages["/a"] = Page(status=301, headers={"Location": where})
        assert code(host.url("/a")) == "not_public"
    host.pages["/a"] = Page(status=301, headers={"Location": "file:///etc/passwd"})
    assert code(host.url("/a")) in ("address", "not_https")
    assert [path for path, _headers in host.asked].count("/b") == 1


def test_a_redirect_leaves_https_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = outward._parts
    monkeypatch.setattr(
        outward, "_ask", lambda url, *, plain, **_: real(url, plain=plain) and "http://a.example/"
    )
    assert code("https://a.example/", plain=False) == "not_https"


def test_redirects_in_a_ring_end(host: CalendarHost) -> None:
    host.pages["/a"] = Page(status=302, headers={"Location": "/a"})
    assert code(host.url("/a")) == "redirects"
    assert len(host.asked) == outward.REDIRECTS + 1


def test_a_name_that_changes_its_mind_is_spoken_to_where_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([PUBLIC, "127.0.0.1", "127.0.0.1"])
    spoken: list[Any] = []

    def lookup(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]

    def connect(where: Any, *_: object) -> socket.socket:
        spoken.append(where)
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert code("https://rebind.example/a.ics") == "no_answer"
    assert spoken == [(PUBLIC, 443)]


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", (one, 443)) for one in (PUBLIC, "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert code("https://both.example/") == "not_public"


def test_what_is_too_large_or_answers_with_an_error_is_not_taken(host: CalendarHost) -> None:
    host.pages["/large"] = Page(b"x" * 1_001)
    host.pages["/full"] = Page(b"x" * 1_000)
    assert code(host.url("/large")) == "too_large"
    assert fetch(host.url("/full")).body == b"x" * 1_000
    with pytest.raises(outward.NotFetched) as no:
        fetch(host.url("/nothing"))
    assert (no.value.code, no.value.status) == ("status", 404)


def cut(answering: BaseHTTPRequestHandler) -> None:
    answering.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")


def test_half_an_answer_is_none(host: CalendarHost) -> None:
    host.pages["/cut"] = Page(write=cut)
    assert code(host.url("/cut")) == "no_answer"


def drip(answering: BaseHTTPRequestHandler) -> None:
    try:
        answering.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(200):
            answering.wfile.write(b"X: y\r\n")
            answering.wfile.flush()
            time.sleep(0.02)
    except OSError:
        pass


def test_an_answer_that_drips_is_cut(host: CalendarHost) -> None:
    host.pages["/drip"] = Page(write=drip)
    began = time.monotonic()
    assert code(host.url("/drip"), seconds=0.3) == "too_slow"
    assert time.monotonic() - began < 3.5  # all of it would take four seconds


def test_what_has_not_changed_is_not_sent_again(host: CalendarHost) -> None:
    host.pages["/a"] = Page(
        b"body", headers={"ETag": '"7"', "Last-Modified": "Mon, 01 Mar 2027 09:00:00 GMT"}
    )
    first = fetch(host.url("/a"))
    again = fetch(host.url("/a"), headers={"If-None-Match": first.etag})
    assert first.modified == "Mon, 01 Mar 2027 09:00:00 GMT"
    assert again.body is None
