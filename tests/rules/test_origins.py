"""Origins of websites: what is one, how it is written, and what is refused."""

import pytest

from bookings.rules.origins import NotAnOrigin, read_origin


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("https://www.example.org/", "https://www.example.org"),
        ("HTTPS://WWW.Example.ORG:443", "https://www.example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://example.org:80", "http://example.org"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
        ("http://192.0.2.7:8080", "http://192.0.2.7:8080"),
        ("http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080"),
    ],
)
def test_an_origin_is_written_as_browsers_do(typed: str, origin: str) -> None:
    assert read_origin(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "*",
        "example.org",
        "//example.org",
        "https://",
        "https://*.example.org",
        "https://*",
        "ftp://example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user@example.org",
        "https://user:word@example.org",
        "https://example.org:",
        "https://example.org:0x50",
        "https://example.org:99999",
        "https://example.org; script-src *",
        "https://example.org,https://other.example",
        "https://exa mple.org",
        "https://example.org\n",
        "https://example.org\t",
        "https://ex_ample.org",
        "https://-example.org",
        "https://example..org",
        "https://straße.example",
        "https://[fe80::1%25eth0]",
        "https://[::1",
        "'self'",
        "https://" + "a" * 64 + ".example",
        "https://" + ".".join(["a" * 60] * 5),
    ],
)
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(NotAnOrigin) as refused:
        read_origin(typed)
    assert refused.value.instead == ""


@pytest.mark.parametrize("more", ["/contact", "/?a=1", "?", "#top", "/#"])
def test_more_than_an_origin_names_the_one_that_was_meant(more: str) -> None:
    with pytest.raises(NotAnOrigin) as refused:
        read_origin(f"https://Shop.example:8443{more}")
    assert refused.value.instead == "https://shop.example:8443"
