"""What has to be true once everything has come to rest: each mail is there, the calendars say what the hub says."""

from collections.abc import Collection, Iterator

from django.utils import timezone

from bookings import invariants
from bookings.models import Booking, BookingChain, Delivery
from tests.oracles.mailbox import Event, Mail, assert_valid_invitations, differing_doubles, doubles, replay


def assert_nothing_lost(mails: list[Mail], *, doubled: Collection[str] | None = ()) -> None:
    """Fail on any mail that is missing, unknown or needlessly doubled, and on any calendar that differs from the hub.

    `doubled`: Message-IDs that had to come twice; None where any may have.
    """
    assert_delivered(mails)
    assert differing_doubles(mails) == []
    if doubled is not None:
        assert sorted(doubles(mails)) == sorted(doubled)
    assert invariants.find_all(now=timezone.now()) == []
    assert list(differences(replay(mails))) == []
    assert_valid_invitations([mail for mail in mails if mail.calendars][:12])


def assert_delivered(mails: list[Mail]) -> None:
    """Every row is settled; every mail that should have left is there; none is there that should not be."""
    assert not Delivery.objects.open().exists()
    assert not Booking.objects.filter(status="confirming").exists()
    rows = Delivery.objects.filter(channel="mail")
    came = {mail.message_id for mail in mails}
    assert set(rows.filter(state="done").values_list("message_id", flat=True)) - came == set()
    assert came - set(rows.filter(claimed_at__isnull=False).values_list("message_id", flat=True)) == set()
    assert not rows.filter(state="failed").exists()


def differences(calendars: dict[str, list[Event]]) -> Iterator[str]:
    """Tell each chain that somebody's calendar does not show as the hub has it."""
    shown = {(who, event.uid): event for who, events in calendars.items() for event in events}
    for chain in BookingChain.objects.prefetch_related("bookings__booking_hosts__host__user", "guests"):
        present = present_of(chain)
        attending = people(chain, present)
        for person in sorted(attending | ever_asked(chain)):
            event = shown.pop((person, chain.uid), None)
            yield from difference(present, person, event, attends=person in attending)
    for who, uid in shown:
        yield f"{who} has {uid}, which is none of theirs"


def present_of(chain: BookingChain) -> Booking:
    """The time of a chain that counts: the newest that is no wish beside another."""
    return max((row for row in chain.bookings.all() if not row.is_proposal), key=lambda row: row.pk)


def people(chain: BookingChain, booking: Booking) -> set[str]:
    """Who takes part in a booking."""
    hosts = {part.host.user.email for part in booking.booking_hosts.all()}
    return hosts | {booking.booker_email} | {guest.email for guest in chain.guests.all()}


def ever_asked(chain: BookingChain) -> set[str]:
    """Everybody who was written to about a chain, such as hosts who have handed it over since."""
    return set(chain.deliveries.filter(channel="mail").values_list("recipient", flat=True))


def difference(booking: Booking, person: str, event: Event | None, *, attends: bool) -> Iterator[str]:
    name = f"booking {booking.pk} ({booking.status}) with {person}"
    if booking.status == "confirmed" and attends:
        if event is None or event.status != "CONFIRMED":
            yield f"{name}: {event.status if event else 'no event'}"
        elif (event.starts_at, event.ends_at) != (booking.starts_at, booking.ends_at):
            yield f"{name}: {event.start} to {event.end}"
    elif event is not None and event.status != "CANCELLED":
        yield f"{name}: {event.status}"
