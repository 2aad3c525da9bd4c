"""Who is really asking, through our proxies and no further."""

import ipaddress

import pytest
from django.test import RequestFactory

from config import network

PROXIES = [ipaddress.ip_network("10.0.0.0/8")]


def asked(remote: str, forwarded: str | None = None) -> str:
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    return network.client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **extra))


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        pytest.param("203.0.113.9", None, "203.0.113.9", id="direct"),
        pytest.param("fe80::1%eth0", None, "fe80::1", id="by_a_cable_of_our_own"),
        pytest.param("203.0.113.9", "198.51.100.1", "203.0.113.9", id="a_stranger_s_claim"),
        pytest.param("10.0.0.1", "198.51.100.1", "198.51.100.1", id="through_our_proxy"),
        pytest.param("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1", id="claim_left_of_a_stranger"),
        pytest.param("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1", id="two_proxies"),
        pytest.param("10.0.0.1", "junk", "10.0.0.1", id="junk"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="empty"),
        pytest.param("::ffff:203.0.113.9", None, "203.0.113.9", id="mapped"),
        pytest.param("", None, network.NOWHERE, id="a_socket"),
    ],
)
def test_the_client_is_the_first_hop_that_is_not_ours(settings, remote, forwarded, expected):
    settings.TRUSTED_PROXIES = PROXIES
    assert asked(remote, forwarded) == expected


def test_exempt_networks_are_exempt_and_others_not(settings):
    settings.LIMITS_EXEMPT = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("2001:db8::/32")]
    assert network.is_exempt("127.0.0.1")
    assert network.is_exempt("2001:db8::1")
    assert not network.is_exempt("198.51.100.1")
    assert not network.is_exempt("junk")


@pytest.mark.parametrize(
    ("remote", "forwarded", "inside"),
    [
        pytest.param("127.0.0.1", None, True, id="this_machine"),
        pytest.param("192.168.1.7", None, True, id="our_network"),
        pytest.param("8.8.8.8", None, False, id="outside"),
        pytest.param("127.0.0.1", "8.8.8.8", False, id="a_proxy_we_do_not_know"),
        pytest.param("10.0.0.1", "8.8.8.8", False, id="outside_through_ours"),
        pytest.param("10.0.0.1", "10.9.9.9", True, id="inside_through_ours"),
        pytest.param("", None, False, id="unknown"),
    ],
)
def test_operations_are_for_machines_of_our_own_network(settings, remote, forwarded, inside):
    settings.TRUSTED_PROXIES = PROXIES
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert network.is_inside(RequestFactory().get("/metrics", REMOTE_ADDR=remote, **extra)) is inside
