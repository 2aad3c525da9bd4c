"""Other sites that may show the booking page in a frame, as origins: how one is written, and what is none."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

MOST = 20
LONGEST = 200
# Letters, digits and hyphens between dots, or an IPv6 address: nothing that a header could be broken with.
HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\]")
OWN_MACHINE = ("localhost", "127.0.0.1", "[::1]")
PORTS = {"https": 443, "http": 80}


class NotASite(ValueError):
    """``why`` is `unreadable`, `not_https` or `longer` (a path, say); ``right`` is what was probably meant."""

    def __init__(self, why: str, right: str = "") -> None:
        super().__init__(why)
        self.why, self.right = why, right


def origin(text: str) -> str:
    """The origin that ``text`` names, as a browser writes it; `NotASite` where it names none or more than one.
    Plain http is for one's own machine, to try things out."""
    parts, port = _parts(text.strip())
    host = _host(parts.netloc)
    if parts.scheme not in PORTS or not host:
        raise NotASite("unreadable")
    found = f"{parts.scheme}://{host}" + (f":{port}" if port and port != PORTS[parts.scheme] else "")
    if parts.scheme == "http" and host not in OWN_MACHINE:
        raise NotASite("not_https", found.replace("http:", "https:", 1))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise NotASite("longer", found)
    return found


def _parts(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        return parts, parts.port
    except ValueError:
        raise NotASite("unreadable") from None


def _host(netloc: str) -> str:
    """In lower case and as it is written on the wire; empty for what is no host."""
    host = re.sub(r":[0-9]*$", "", netloc) if not netloc.endswith("]") else netloc
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return ""
    host = host.lower()
    return host if HOST.fullmatch(host) and len(host) <= LONGEST else ""
