"""How a site is written that may show the booking page, and what is none."""

import pytest

from booking import sites


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://www.example.com", "https://www.example.com"),
        (" HTTPS://WWW.Example.COM/ ", "https://www.example.com"),
        ("https://example.com:443", "https://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_a_site_is_kept_as_a_browser_writes_it(typed: str, origin: str) -> None:
    assert sites.origin(typed) == origin


@pytest.mark.parametrize(
    ("typed", "why", "right"),
    [
        ("http://example.com", "not_https", "https://example.com"),
        ("https://example.com/book", "longer", "https://example.com"),
        ("https://example.com?a=b", "longer", "https://example.com"),
        ("https://example.com#a", "longer", "https://example.com"),
        ("example.com", "unreadable", ""),
        ("*", "unreadable", ""),
        ("https://*.example.com", "unreadable", ""),
        ("https://me@example.com", "unreadable", ""),
        ("https://example.com; script-src *", "unreadable", ""),
        ("https://a.example https://b.example", "unreadable", ""),
        ("https://example.com:99999", "unreadable", ""),
        ("https://a.example\n'self'", "unreadable", ""),
        ("https://-a.example", "unreadable", ""),
        ("https://[::1", "unreadable", ""),
        ("javascript:alert(1)", "unreadable", ""),
        ("data:text/html,x", "unreadable", ""),
        ("'self'", "unreadable", ""),
        ("null", "unreadable", ""),
        ("", "unreadable", ""),
        (f"https://{'ü' * 70}.example", "unreadable", ""),
        (f"https://{'a.' * 120}example", "unreadable", ""),
    ],
)
def test_what_is_no_site_says_why(typed: str, why: str, right: str) -> None:
    with pytest.raises(sites.NotASite) as said:
        sites.origin(typed)
    assert (said.value.why, said.value.right) == (why, right)
