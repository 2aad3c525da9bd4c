"""Where our own machines may be sent by what a stranger typed: to public addresses alone (F-111)."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urljoin, urlsplit

REDIRECTS = 5
LONGEST_ADDRESS = 2_000
NAT64 = ipaddress.ip_network("64:ff9b::/96")
KEPT_IN_PATH = "%/:=&?~+!$,;'@()*[]"

Said = TypeVar("Said")


class NotPublic(Exception):
    """The name leads to this machine, to a private network, or nowhere."""


class NotFetched(Exception):
    """Nothing that could be read came back. ``code`` is why: `address`, `not_https`, `not_public`, `no_answer`,
    `certificate`, `redirects`, `too_large`, `too_slow`, or `status` with the ``status`` that was answered."""

    def __init__(self, code: str, status: int = 0) -> None:
        super().__init__(f"{code} {status}" if status else code)
        self.code, self.status = code, status


@dataclass(frozen=True)
class Fetched:
    """What was answered; ``body`` is None where nothing changed since (304)."""

    body: bytes | None
    etag: str = ""
    modified: str = ""


def check(host: str) -> list[str]:
    """The addresses of ``host``, every one of them public; raises `NotPublic` otherwise."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotPublic(f"{host} cannot be found") from None
    addresses = [str(one[4][0]).split("%")[0] for one in found]
    if not addresses or not all(_public(one) for one in addresses):
        raise NotPublic(f"{host} is not a public address")
    return addresses


def _public(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    real = _within(parsed) or parsed
    return real.is_global and not real.is_multicast


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which a network hands over what is sent to this one: mapped, 6to4 or NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


# --- Fetching what lies there ---


def fetch(url: str, *, headers: dict[str, str], largest: int, seconds: float, plain: bool = False) -> Fetched:
    """What lies at ``url``, at most ``largest`` bytes of it and within ``seconds``, all redirects included.

    Each host on the way is looked up once, checked, and spoken to at the address that was checked: a name that
    leads elsewhere a moment later leads nowhere. ``plain`` allows http. Raises `NotFetched`."""
    until = time.monotonic() + seconds
    for _hop in range(REDIRECTS + 1):
        answer = _ask(url, headers=headers, largest=largest, until=until, plain=plain)
        if isinstance(answer, Fetched):
            return answer
        url = urljoin(url, answer)
    raise NotFetched("redirects")


def post(url: str, *, body: bytes, headers: dict[str, str], seconds: float, plain: bool = False) -> int:
    """Hands ``body`` to ``url`` and says with which status that was answered, whatever it was: no redirect is followed,
    and nothing of the answer is read. Addresses as with `fetch`. Raises `NotFetched` where nothing was answered."""
    until = time.monotonic() + seconds
    return _speak("POST", url, body=body, headers=headers, until=until, plain=plain, read=_status)


def must_be_public(url: str, *, plain: bool = False) -> None:
    """Raises `NotFetched` for what `fetch` and `post` would not speak to now. Nothing is sent."""
    _scheme, host, _port, _path = _parts(url, plain=plain)
    try:
        check(host)
    except NotPublic:
        raise NotFetched("not_public") from None


def _ask(url: str, *, headers: dict[str, str], largest: int, until: float, plain: bool) -> Fetched | str:
    """The answer of one host, or where it sends us."""

    def read(response: http.client.HTTPResponse) -> Fetched | str:
        return _read(response, largest)

    return _speak("GET", url, body=None, headers=headers, until=until, plain=plain, read=read)


def _status(response: http.client.HTTPResponse) -> int:
    return response.status


def _speak(
    method: str,
    url: str,
    *,
    body: bytes | None,
    headers: dict[str, str],
    until: float,
    plain: bool,
    read: Callable[[http.client.HTTPResponse], Said],
) -> Said:
    """What ``read`` makes of the answer of one host, spoken to at the address that was checked."""
    scheme, host, port, path = _parts(url, plain=plain)
    try:
        address = check(host)[0]
    except NotPublic:
        raise NotFetched("not_public") from None
    connection = _Pinned(host, port, address=address, secure=scheme == "https", seconds=_left(until))
    watch = threading.Timer(_left(until), connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request(
            method, path, body, headers={"Accept-Encoding": "identity", "Connection": "close", **headers}
        )
        answer = read(connection.getresponse())
        _left(until)  # what was cut looks like what has ended
        return answer
    except ssl.SSLCertVerificationError:
        raise NotFetched("certificate") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise NotFetched("too_slow" if time.monotonic() >= until else "no_answer") from None
    finally:
        watch.cancel()
        connection.close()


def _parts(url: str, *, plain: bool) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise NotFetched("address") from None
    if not host or parts.username is not None or len(url) > LONGEST_ADDRESS:
        raise NotFetched("address")
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        raise NotFetched("not_https")
    path = quote(parts.path or "/", safe=KEPT_IN_PATH)
    query = f"?{quote(parts.query, safe=KEPT_IN_PATH)}" if parts.query else ""
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path + query


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise NotFetched("too_slow")
    return left


def _read(response: http.client.HTTPResponse, largest: int) -> Fetched | str:
    if response.status in (301, 302, 303, 307, 308) and (where := response.getheader("Location")):
        return where
    etag, modified = response.getheader("ETag", ""), response.getheader("Last-Modified", "")
    tags = {"etag": etag if _plain(etag, 200) else "", "modified": modified if _plain(modified, 60) else ""}
    if response.status == 304:
        return Fetched(None, **tags)
    if response.status != 200:
        raise NotFetched("status", response.status)
    body = response.read(largest + 1)
    if len(body) > largest:
        raise NotFetched("too_large")
    if response.length:  # bytes that were promised and did not come
        raise NotFetched("no_answer")
    return Fetched(body, **tags)


def _plain(text: str, longest: int) -> bool:
    """Whether it can be sent back as it is."""
    return len(text) <= longest and text.isascii() and text.isprintable()


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, that knows its host by name (TLS, virtual hosts)."""

    def __init__(self, host: str, port: int, *, address: str, secure: bool, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._address, self._secure = address, secure
        self._line: socket.socket | None = None

    def connect(self) -> None:
        self._line = self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            context = ssl.create_default_context()
            self._line = self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """End it, whatever it is waiting for: a drop every second is an answer that never ends."""
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
