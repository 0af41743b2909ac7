"""Order holds for each chain, recipient and channel, and for nothing wider."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from bookings import outbox, tasks
from bookings.models import Delivery
from bookings.rules.deliveries import GiveUp, TryLater
from tests.cast import Cast
from tests.outbox.conftest import BEN, ZOE, FarEnd

Write = Callable[..., Delivery]


def test_later_one_waits_for_the_earlier(wish: Write) -> None:
    """Broken by hand: claim() without unblocked(); the later one was claimed first."""
    earlier, later = wish(), wish()
    assert outbox.claim(later.pk, now=timezone.now()) is None
    assert outbox.due_ids(now=timezone.now()) == [earlier.pk]


def test_later_one_waits_while_the_earlier_is_on_its_way(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: unblocked() looked only at rows without a lease; both were under way at once."""
    earlier, later = wish(), wish()
    claimed = outbox.claim(earlier.pk, now=timezone.now())
    assert outbox.run(later.pk) is None
    outbox.mark(claimed, Delivery.State.DONE)
    assert outbox.run(later.pk).state == "done"


def test_one_task_delivers_what_it_held_back(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: tasks.deliver without next_in_line; two of three waited for the sweep."""
    rows = [wish(), wish(), wish()]
    tasks.deliver([rows[0].pk])
    assert far_end.reached == [row.pk for row in rows]


def test_any_order_of_pokes_gives_one_order_of_mails(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: claim() without unblocked(); they left in the order of the pokes."""
    rows = [wish(), wish(), wish()]
    tasks.deliver([row.pk for row in reversed(rows)])
    assert far_end.reached == [row.pk for row in rows]


def test_next_in_line_is_the_oldest_that_is_due(wish: Write) -> None:
    """Broken by hand: next_in_line() ordered by -pk; it named the third."""
    first, second, _ = wish(), wish(), wish()
    done = outbox.mark(outbox.claim(first.pk, now=timezone.now()), Delivery.State.DONE)
    assert outbox.next_in_line(done) == second.pk


def test_next_in_line_is_nobody_while_it_is_open_or_what_follows_is_not_due(
    wish: Write, far_end: FarEnd
) -> None:
    """Broken by hand: next_in_line() without its look at the state; it named itself for ever."""
    far_end.answers[ZOE] = TryLater("busy")
    first, second = wish(), wish(not_before=timezone.now() + timedelta(minutes=1))
    assert outbox.next_in_line(outbox.run(first.pk)) is None
    Delivery.objects.filter(pk=first.pk).update(state="done")
    first.refresh_from_db()
    assert outbox.next_in_line(first) is None
    assert second.pk not in far_end.reached


def test_other_readers_channels_and_chains_wait_for_nobody(wish: Write, cast: Cast, far_end: FarEnd) -> None:
    """Broken by hand: unblocked() without recipient, without channel, without chain; each held one of these back."""
    other = cast.book(hour=15)
    Delivery.objects.all().delete()
    held = wish()
    outbox.claim(held.pk, now=timezone.now())
    free = [wish(BEN), wish(channel="calendar"), wish(about=other)]
    assert sorted(outbox.due_ids(now=timezone.now())) == [row.pk for row in free]


def test_mails_of_a_team_alone_have_no_order(cast: Cast, far_end: FarEnd) -> None:
    """Broken by hand: unblocked() without chain; the second invitation to a team waited for the first."""
    about = outbox.Subject(cast.team.pk, scope="invitation")
    wishes = [outbox.Wish("mail", "team_invitation", "member", ZOE, {}, number=n) for n in (1, 2)]
    first, second = outbox.write(wishes, about=about, now=timezone.now())
    outbox.claim(first.pk, now=timezone.now())
    assert outbox.run(second.pk).state == "done"


def test_what_failed_no_longer_blocks(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: unblocked() counted failed rows too; the cancellation never left."""
    far_end.answers[ZOE] = GiveUp("550 no such user")
    first, second = wish(), wish()
    tasks.deliver([first.pk])
    assert far_end.reached == [first.pk, second.pk]


def test_invitation_that_was_overtaken_is_not_sent_on_retry(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: run() without _is_overtaken(); the REQUEST went out after its CANCEL."""
    far_end.answers[ZOE] = GiveUp("550 full")
    request = wish(method="REQUEST", sequence=0)
    outbox.run(request.pk)
    far_end.answers.clear()
    cancel = wish(method="CANCEL", sequence=1)
    assert outbox.run(cancel.pk).state == "done"

    request.refresh_from_db()
    assert outbox.retry(request)
    ended = outbox.run(request.pk)
    assert (ended.state, ended.outcome) == ("superseded", {"code": "overtaken"})
    assert far_end.reached == [request.pk, cancel.pk]


def test_invitation_is_overtaken_by_what_is_on_its_way_or_perhaps_arrived(
    wish: Write, far_end: FarEnd
) -> None:
    """Broken by hand: _is_overtaken() counted only rows that are done; the REQUEST went out beside its CANCEL."""
    far_end.answers[ZOE] = GiveUp("550 full")
    request = wish(method="REQUEST", sequence=0)
    outbox.run(request.pk)
    far_end.answers.clear()
    cancel = wish(method="CANCEL", sequence=1)
    assert outbox.claim(cancel.pk, now=timezone.now()) is not None

    request.refresh_from_db()
    outbox.retry(request)
    assert outbox.run(request.pk).state == "superseded"


def test_text_is_never_overtaken(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: _is_overtaken() without its look at the method; a text mail was dropped."""
    text = wish()
    Delivery.objects.filter(pk=text.pk).update(state="failed")
    wish(method="REQUEST", sequence=3)
    Delivery.objects.exclude(pk=text.pk).update(state="done", claimed_at=timezone.now())
    text.refresh_from_db()
    outbox.retry(text)
    assert outbox.run(text.pk).state == "done"


def test_an_event_is_not_written_after_a_later_wish_for_its_calendar(
    wish: Write, far_calendar: FarEnd
) -> None:
    """Broken by hand: _is_overtaken() for invitations only; Retry wrote the old time over the new one."""
    far_calendar.answers["host:1"] = GiveUp("no such calendar")
    earlier = wish("host:1", channel="calendar", kind="write")
    assert outbox.run(earlier.pk).state == "failed"
    far_calendar.answers.clear()
    later = wish("host:1", channel="calendar")
    assert outbox.run(later.pk).state == "done"
    assert outbox.retry(earlier)
    assert outbox.run(earlier.pk).outcome == {"code": "overtaken"}
    assert far_calendar.reached == [earlier.pk, later.pk]


def test_an_event_that_is_about_to_change_again_is_not_written_first(
    wish: Write, far_calendar: FarEnd
) -> None:
    """Broken by hand: _is_overtaken() that looks at claimed rows only; both reached the calendar."""
    earlier = wish("host:1", channel="calendar", kind="write")
    later = wish("host:1", channel="calendar")
    tasks.deliver([earlier.pk])
    assert far_calendar.reached == [later.pk]


def test_a_wish_that_may_still_be_undone_overtakes_nothing(wish: Write, far_calendar: FarEnd) -> None:
    """Broken by hand: _is_overtaken() without due(); what was cancelled and brought back stood in no calendar."""
    earlier = wish("host:1", channel="calendar", kind="write")
    wish("host:1", channel="calendar", not_before=timezone.now() + timedelta(minutes=1))
    assert outbox.run(earlier.pk).state == "done"


def test_one_that_comes_back_undone_after_a_later_wish_waits_for_no_other_try(
    wish: Write, far_calendar: FarEnd
) -> None:
    """Broken by hand: TryLater put off whatever followed; the later wish waited behind the pause of the earlier."""

    earlier = wish("host:1", channel="calendar", kind="write")

    def meanwhile(delivery: Delivery) -> None:
        if delivery.pk == earlier.pk:
            wish("host:1", channel="calendar")
            raise TryLater("silent")

    far_calendar.before = meanwhile
    tasks.deliver([earlier.pk])
    assert Delivery.objects.open().count() == 0
    assert len(far_calendar.reached) == 1
