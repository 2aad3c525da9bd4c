"""Where our own machines may be sent by what a stranger typed: to public addresses alone (F-111)."""

from __future__ import annotations

import ipaddress
import socket


class NotPublic(Exception):
    """The name leads to this machine, to a private network, or nowhere."""


def check(host: str) -> list[str]:
    """The addresses of ``host``, every one of them public; raises `NotPublic` otherwise."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        raise NotPublic(f"{host} cannot be found") from None
    addresses = [str(one[4][0]).split("%")[0] for one in found]
    if not addresses or not all(_public(one) for one in addresses):
        raise NotPublic(f"{host} is not a public address")
    return addresses


def _public(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    real = getattr(parsed, "ipv4_mapped", None) or parsed
    return real.is_global and not real.is_multicast
