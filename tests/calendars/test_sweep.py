"""What is left over in a calendar is found there and goes; what the hub does not know stays, and is told."""

from datetime import timedelta

from django.utils import timezone

from bookings import invariants
from calendars import sweep
from calendars.models import Calendar, EventLink
from tests.calendars.desk import Desk, cancel, choose, move, receipt
from tests.calendars.fake import Server

HOUR = timedelta(hours=1)


def bring_back(server: Server, url: str, href: str, octets: bytes) -> None:
    """A request that was under way arrives after the copy was deleted."""
    server.shelves[url].gone.discard(href)
    server.add(url, octets, href=href)


def test_a_request_that_arrives_late_is_found(desk: Desk) -> None:
    """Broken by hand: look_again() for what is not settled alone; the copy of a cancelled booking stood for ever."""
    booking = desk.cast.book()
    desk.work()
    [(url, shelf)] = desk.ben.shelves.items()
    [(href, (_version, octets))] = shelf.stands.items()
    cancel(booking, desk.cast)
    desk.work()
    bring_back(desk.ben, url, href, octets)
    now = timezone.now()
    assert sweep.look_again(now=now) == 0
    assert sweep.look_again(now=now + HOUR) == 1
    assert desk.copies(desk.ben) == []
    assert sweep.look_again(now=now + 2 * HOUR) == 0


def test_what_was_left_in_a_calendar_that_was_given_up_goes_when_it_answers(desk: Desk) -> None:
    desk.cast.book()
    desk.work()
    account = Calendar.objects.get(written_for=desk.cast.ben_host).account
    url = desk.cleo.calendar("For Ben")
    choose(Calendar.objects.create(account=account, name="For Ben", url=url, can_write=True, hue=3))
    EventLink.objects.update(is_wanted=False, wanted_revision=10**9)
    with desk.ben.away():
        assert sweep.look_again(now=timezone.now()) == 1
    account.refresh_from_db()
    assert account.state == "silent"
    assert sweep.look_again(now=timezone.now()) == 0
    type(account).objects.update(state="ok")
    assert sweep.look_again(now=timezone.now()) == 1
    assert desk.copies(desk.ben) == []


def test_the_sweep_leaves_alone_what_a_delivery_is_about(desk: Desk) -> None:
    """Broken by hand: look_again() without its look at what is on its way; it went there beside the worker."""
    booking = desk.cast.book()
    desk.work()
    with desk.ben.away():
        cancel(booking, desk.cast)
        desk.try_once()
    type(booking.chain).objects.get()
    assert receipt(booking).state == "open"
    Calendar.objects.get(written_for=desk.cast.ben_host).account.__class__.objects.update(state="ok")
    desk.calls(desk.ben)
    assert sweep.look_again(now=timezone.now() + HOUR) == 0
    assert desk.calls(desk.ben) == []


def test_going_through_a_calendar_finds_what_is_not_wanted(desk: Desk) -> None:
    booking = desk.cast.book()
    desk.work()
    [(url, shelf)] = desk.ben.shelves.items()
    [(href, (_version, octets))] = shelf.stands.items()
    cancel(booking, desk.cast)
    desk.work()
    now = timezone.now()
    sweep.look_again(now=now + HOUR)
    bring_back(desk.ben, url, href, octets)
    calendar = Calendar.objects.get(url=url)
    assert sweep.due_calendars(now=now) == [calendar.pk]
    sweep.go_through(calendar.pk)
    sweep.look_again(now=now + HOUR)
    assert desk.copies(desk.ben) == []
    assert sweep.due_calendars(now=now) == []


def test_copies_of_a_host_who_shares_the_calendar_are_known(desk: Desk) -> None:
    """Break: look for the links of the calendar's own host alone."""
    desk.cast.book()
    desk.work()
    calendar = Calendar.objects.get(url=next(iter(desk.ben.shelves)))
    EventLink.objects.update(host=desk.cast.cleo_host)
    sweep.go_through(calendar.pk)
    calendar.refresh_from_db()
    assert calendar.strangers == 0


def test_unknown_copies_stay_and_are_told(desk: Desk) -> None:
    """Broken by hand: go_through() that deletes what it does not know; the copies of another hub were gone."""
    booking = desk.cast.book()
    desk.work()
    [(url, shelf)] = desk.ben.shelves.items()
    [(_href, (_version, octets))] = shelf.stands.items()
    link = EventLink.objects.get()
    desk.ben.add(url, octets.replace(link.pk.hex.encode(), b"0" * 32))
    desk.ben.add(url, octets)
    calendar = Calendar.objects.get(url=url)
    sweep.go_through(calendar.pk)
    calendar.refresh_from_db()
    assert (calendar.strangers, len(desk.copies(desk.ben))) == (2, 3)
    later = timezone.now() + HOUR
    assert [str(one) for one in invariants.find_all(now=later) if one.code.startswith("copy")] == [
        f"copy_unknown: calendar {calendar.pk}: 2 copies in it are unknown"
    ]
    assert booking.pk


def test_invariants_see_copies_that_are_wrong(desk: Desk) -> None:
    booking = desk.cast.book()
    desk.work()
    later = timezone.now() + HOUR

    def found() -> list[str]:
        return [one.code for one in invariants.find_all(now=later) if one.code.startswith("copy")]

    assert found() == []
    EventLink.objects.update(starts=1, ends=2)
    assert found() == ["copy_differs"]
    EventLink.objects.update(applied_revision=0)
    assert found() == ["copy_late"]
    EventLink.objects.update(host=desk.cast.cleo_host)
    assert found() == ["copy_orphan", "copy_late"]
    assert invariants.find_all(now=timezone.now()) == []
    new = move(booking, desk.cast)
    assert new.pk != booking.pk
