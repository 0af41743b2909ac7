"""The hours of the hosts that a time grid is about, outside of which it is shaded."""

from collections.abc import Sequence

from bookings import availability
from bookings.models import Host
from bookings.rules.hours import Ranges, open_ranges
from calendars.address import Address


def hours_shown(address: Address, hosts: Sequence[Host], reach: tuple[int, int]) -> dict[int | None, Ranges]:
    """When the hosts of the columns work, by number; where the columns are days, under None when the one host does whom they are about.

    Nobody is told the hours of hosts whose calendars they can't look at. One query, and one more for the host of days;
    none where there is nobody.
    """
    known: dict[int | None, Host] = {}
    if hosts:
        listed = {one.host for one in address.overlay.listed}
        known |= {host.pk: host for host in hosts if host.pk in listed}
    elif host := Host.objects.filter(pk__in=_about(address)).first():
        known[None] = host
    if not known:
        return {}
    rules = availability.hours_of_hosts(known.values(), reach)
    return {key: open_ranges(rules[host.pk], *reach) for key, host in known.items()}


def _about(address: Address) -> list[int]:
    """The one host whom the filter singles out; where it names nobody, the reader."""
    chosen, hidden = address.filters.chosen("host"), address.overlay.hidden_hosts
    if len(chosen) > 1:
        return []
    return [
        one.host
        for one in address.overlay.listed
        if one.has_bookings and one.host not in hidden and (str(one.host) in chosen if chosen else one.is_own)
    ]
