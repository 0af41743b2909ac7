"""Which addresses are public, in whatever spelling.

Break: judge the outer address instead of the one inside it, drop a network of the table or the test for multicast, and
this is red.
"""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.rules.addresses import is_allowed, is_within

PUBLIC = [
    "93.184.216.34",
    "1.1.1.1",
    "2606:2800:220:1:248:1893:25c8:1946",
    "2a00:1450:4001::1",
    "::ffff:1.1.1.1",
]
PUBLIC += ["64:ff9b::1.1.1.1", "2002:0101:0101::1"]

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.1.1", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%lo", "fec0::1", "fd00::1", "fc00::1", "ff02::1", "ff0e::1", "100::1", "2001::1",
    "2001:db8::1", "3fff::1", "5f00::1", "64:ff9b:1::1", "4000::1",
    # Inside another address: mapped, compatible, translated, NAT64, 6to4, Teredo.
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "2002:7f00:1::1", "2002:0a00:1::", "2002:c0a8:0101::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "", "localhost", "2130706433", "1.2.3", "127.0.0.1 ",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_is_reached_at_the_ports_of_the_web_only(address):
    assert [port for port in (25, 80, 443, 6379, 8080, 8443) if is_allowed(address, port)] == [80, 443, 8443]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_nothing_else_is_reached(address):
    assert not is_allowed(address, 443)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("::1", False),
        ("192.168.1.20", True),
        ("192.168.1.21", False),
        ("fd00::5", True),
        ("10.0.0.1", False),
        ("nothing", False),
    ],
)
def test_networks_of_the_operator_are_reached_at_any_port(address, expected):
    nets = [ip_network(text) for text in ("127.0.0.0/8", "192.168.1.20/32", "fd00::/64")]
    assert is_allowed(address, 5232, nets=nets) is expected
    assert is_within(address, nets) is expected


@given(st.ip_addresses())
def test_whatever_is_public_is_public_for_python_too(address):
    """Ours is the narrower of the two, except that NAT64 and 6to4 lead where they lead."""
    if is_allowed(str(address), 443) and not any(
        address in net
        for net in (ip_network("64:ff9b::/96"), ip_network("2002::/16"))
        if net.version == address.version
    ):
        mapped = getattr(address, "ipv4_mapped", None)
        assert (mapped or ip_address(str(address))).is_global
