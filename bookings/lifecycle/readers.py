"""Who is told when a booking changes: the readers of its mails, and what invitations they hold."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from django.db.models import Q

from bookings.lifecycle.actors import Actor
from bookings.lifecycle.step import Turn
from bookings.models import Booking, BookingChange, Delivery, Guest, Host
from bookings.rules.notices import Audience, Method, Reader


def of_turn(turn: Turn, *, dropping: bool = False) -> list[Reader]:
    """Everybody who may be told about a booking, each with language, zone, and what may have reached them before.

    Where the turn says who hosted before, new hosts are marked, and those who are off it are readers too. `dropping`:
    for a look ahead at a change that drops the invitations which nobody began to send.
    """
    before = turn.hosts_before
    holders = invited(turn.chain.pk, dropping=dropping)
    guests = Guest.objects.filter(chain=turn.chain, removed_at__isnull=True)
    people = parties(
        turn.booking,
        guests=[(guest.email, guest.name or guest.email) for guest in guests],
        hosts=[row.host for row in turn.hosts],
        actor=turn.actor,
        invited=holders,
    )
    if before is not None:
        people = [replace(p, is_new=True) if p.host and p.host not in before else p for p in people]
    gone = set(before or ()) - set(turn.host_ids)
    if gone:
        for host in Host.objects.filter(pk__in=gone).select_related("user").order_by("pk"):
            people.append(_host_reader(host, Audience.FORMER_HOST, actor=turn.actor, invited=holders))
    return people


def parties(
    booking: Booking,
    *,
    guests: Iterable[tuple[str, str]],
    hosts: Iterable[Host],
    actor: Actor,
    invited: Collection[str],
) -> list[Reader]:
    """Who takes part in a booking: booker, guests (address and name) and hosts. `invited`: addresses that hold an invitation. No queries."""
    people = []
    if booking.booker_email:
        people.append(
            Reader(
                Audience.BOOKER,
                booking.booker_email,
                booking.booker_name,
                booking.booker_language,
                booking.booker_zone,
                booking.booker_hour_cycle,
                is_actor=actor.kind == BookingChange.ActorKind.BOOKER,
                has_invitation=holds(booking.booker_email, invited),
            )
        )
    for email, name in guests:
        people.append(
            Reader(
                Audience.GUEST,
                email,
                name,
                booking.booker_language,
                booking.booker_zone,
                booking.booker_hour_cycle,
                has_invitation=holds(email, invited),
            )
        )
    hosting = [_host_reader(host, Audience.HOST, actor=actor, invited=invited) for host in hosts]
    return _as_hosts(people, hosting) + hosting


def _as_hosts(people: Iterable[Reader], hosting: Iterable[Reader]) -> list[Reader]:
    """Booker and guests; who is a host too, whose calendar the hub writes to, is that host: an invitation would be a second event.

    It matters where the host is written nothing, because they did it or because only the booker is told.
    """
    written = {host.mailbox: host for host in hosting if host.has_calendar}
    found = []
    for reader in people:
        host = written.get(reader.mailbox)
        if host:
            reader = replace(reader, has_calendar=True, is_actor=reader.is_actor or host.is_actor)
        found.append(reader)
    return found


def _host_reader(host: Host, audience: Audience, *, actor: Actor, invited: Collection[str]) -> Reader:
    user = host.user
    return Reader(
        audience,
        user.email,
        user.name,
        user.language,
        host.time_zone,
        hour_cycle=user.hour_cycle,
        host=host.pk,
        is_actor=actor.user is not None and actor.user.pk == user.pk,
        has_invitation=holds(user.email, invited),
        has_calendar=host.has_write_calendar,
    )


def holds(address: str, holders: Collection[str]) -> bool:
    """Whether an address, as it was typed, is one of those that hold an invitation."""
    return address.strip().lower() in holders


def invited(chain_id: int, *, dropping: bool = False) -> set[str]:
    """Addresses that hold an invitation of the chain or will: whose last one was claimed or waits, and is no CANCEL.

    `dropping`: what waits unclaimed does not count.
    """
    last: dict[str, str] = {}
    begun = Q(claimed_at__isnull=False)
    rows = (
        Delivery.objects.filter(begun if dropping else begun | Q(state=Delivery.State.OPEN))
        .filter(chain=chain_id, channel=Delivery.Channel.MAIL)
        .exclude(method="")
        .order_by("pk")
    )
    for recipient, method in rows.values_list("recipient", "method"):
        last[recipient] = method
    return {recipient for recipient, method in last.items() if method == Method.REQUEST}
