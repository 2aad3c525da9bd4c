"""Who is really asking."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NOWHERE = "0.0.0.0"  # noqa: S104, a name for "not known", nothing listens on it


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks, through the proxies that we trust and no further.

    `X-Forwarded-For` is read from the right, hop by hop, as long as the hop is one of TRUSTED_PROXIES: what
    stands left of the first stranger is that stranger's own claim.
    """
    hops = [request.META.get("REMOTE_ADDR", "")]
    if is_trusted(hops[0]):
        hops += reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(","))
    known = NOWHERE
    for hop in hops:
        address = _parsed(hop)
        if address is None:
            break
        known = str(address)
        if not is_trusted(known):
            break
    return known


def is_trusted(address: str) -> bool:
    """Whether this is one of our own proxies."""
    return _within(address, settings.TRUSTED_PROXIES)


def is_exempt(address: str) -> bool:
    """Whether no rate limit and no cap on holds applies to this address (LIMITS_EXEMPT)."""
    return _within(address, settings.LIMITS_EXEMPT)


def neighbourhood(address: str) -> str:
    """The address itself, or for IPv6 the /64 that one household or server usually has."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)


def is_inside(request: HttpRequest) -> bool:
    """Whether an operator's own machine or network asks, and not through a proxy that we do not know."""
    if "HTTP_X_FORWARDED_FOR" in request.META and not is_trusted(request.META.get("REMOTE_ADDR", "")):
        return False
    address = _parsed(client_address(request))
    return address is not None and str(address) != NOWHERE and (address.is_loopback or address.is_private)


def _within(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in one for one in networks)


def _parsed(address: str) -> Address | None:
    """Without the cable that it came by (`%eth0`), which is a name of this machine's and no column takes."""
    try:
        parsed = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
