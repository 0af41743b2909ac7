"""Who is asking, for limits only: the client's address as counted from the proxies we trust, and a keyed hash of it."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from bookings.links import keyed_hash


def visitor_of(request: HttpRequest) -> str:
    """A keyed hash of who asks; 43 characters, worth nothing without LINK_KEY. Addresses themselves are never stored."""
    return keyed_hash("visitor", _household(address_of(request)))


def address_of(request: HttpRequest) -> str:
    """The address the request came from: with N trusted proxies, the Nth entry of X-Forwarded-For from the right.

    Everything further left was written by the client and could be anything.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES:
        return direct
    entries = [
        entry.strip()
        for entry in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        if entry.strip()
    ]
    return entries[-settings.TRUSTED_PROXIES] if len(entries) >= settings.TRUSTED_PROXIES else direct


def _household(address: str) -> str:
    """One household counts once: an IPv6 address stands for its /64, which a single line can hop through at will."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
