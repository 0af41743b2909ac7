"""Which addresses of the network the hub may talk to because somebody typed where to. Pure.

An address inside the operator's network must not be reached through the hub by whoever may type a URL, in whatever
spelling: what stands inside another address (mapped, 6to4, NAT64, Teredo) is unwrapped first and judged itself.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: What these ports speak is HTTP; others would let a URL speak to whatever listens there.
PORTS = frozenset({80, 443, 8443})

#: Not public whatever the version of Python believes (IANA special-purpose registries), and the relay of 6to4.
_SPECIAL = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
#: All that is given out for the public of IPv6 (RFC 4291 2.4).
_GLOBAL = IPv6Network("2000::/3")
#: Where an IPv4 address stands in the last 32 bits: mapped, compatible, translated (RFC 4291, RFC 2765), NAT64 (RFC 6052).
_HOLDS_IPV4 = tuple(
    IPv6Network(text) for text in ("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)


def is_allowed(address: str, port: int, *, nets: Iterable[Network] = ()) -> bool:
    """Whether the hub may connect there: anywhere within the operator's `nets`, else to a web port of a public address."""
    found = _parsed(address)
    if found is None:
        return False
    return is_within(address, nets) or (port in PORTS and _is_public(_inner(found)))


def is_within(address: str, nets: Iterable[Network]) -> bool:
    """Whether an address, or the one inside it, is of one of the networks."""
    found = _parsed(address)
    if found is None:
        return False
    return any(one in net for net in nets for one in {found, _inner(found)} if one.version == net.version)


def _parsed(address: str) -> Address | None:
    try:
        # A zone ("fe80::1%eth0") is of the link and never public; without it the address is judged all the same.
        return ip_address(address.partition("%")[0])
    except ValueError:
        return None


def _inner(address: Address) -> Address:
    """The address that packets end up at."""
    if isinstance(address, IPv4Address):
        return address
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in net for net in _HOLDS_IPV4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL:
        return False
    special = any(address in net for net in _SPECIAL if net.version == address.version)
    return address.is_global and not address.is_multicast and not special
