"""Each finding is provoked once by raw SQL, past every guard; a database that was only used shows none."""

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bookings import invariants, lifecycle, outbox, tasks
from bookings.lifecycle import NewTime
from bookings.models import Booking, BookingType, Delivery, guard
from bookings.rules.deliveries import Outcome
from tests.cast import Cast, gather, make_type

pytestmark = pytest.mark.slow


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Deliver what is due until nothing is."""
    monkeypatch.setitem(outbox._handlers, "mail", lambda delivery: Outcome("mailed"))

    def run() -> None:
        while ids := outbox.due_ids(now=timezone.now()):
            tasks.deliver(ids)

    return run


@pytest.fixture
def booking(cast: Cast, work: Callable[[], None]) -> Booking:
    """A confirmed booking with guests, all its mails out."""
    booking = cast.book(hour=10, guests=["guest@riviere.example"])
    work()
    booking.refresh_from_db()
    return booking


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def codes(now: datetime | None = None) -> list[str]:
    return [finding.code for finding in invariants.find_all(now=now or timezone.now())]


def drop_guard() -> None:
    """Take the guard against overlaps away; the test's transaction brings it back."""
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in guard._POSTGRES_DOWN if connection.vendor == "postgresql" else guard._SQLITE_DOWN:
        sql(statement)


def provoke(booking: Booking, *statements: str, now: datetime | None = None) -> list[str]:
    """Nothing is wrong; run the statements, with %s standing for the booking; say what is wrong then."""
    assert codes() == []
    for statement in statements:
        sql(statement, *[booking.pk] * statement.count("%s"))
    return codes(now)


def provoke_again(booking: Booking, statement: str) -> list[str]:
    """One thing more, where something is wrong already."""
    sql(statement, *[booking.pk] * statement.count("%s"))
    return codes()


# -- What is in order --------------------------------------------------------------------------------------------------


def test_used_database_shows_nothing(cast: Cast, work: Callable[[], None]) -> None:
    """Broken by hand: each check reported a row it must pass over, among them buffers, a hold and a cancelled booking."""
    cast.demo.buffer_before_minutes, cast.demo.buffer_after_minutes = 10, 5
    cast.demo.save()
    asking = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Ask", approval="always", assignment="collective"
    )
    booked, cancelled = cast.book(hour=9), cast.book(hour=11)
    pending, declined, confirmed = (cast.book(hour=hour, kind=asking) for hour in (13, 15, 17))
    work()
    cancelled.refresh_from_db()
    ada = lifecycle.person(cast.ada)
    lifecycle.cancel(cancelled.pk, actor=ada, version=cancelled.version, reason="Ill")
    lifecycle.decline(declined.pk, actor=ada, version=declined.version)
    lifecycle.confirm(confirmed.pk, actor=ada, version=confirmed.version)
    work()
    time = lifecycle.Time(cast.demo, cast.place, booked.starts_at + timedelta(hours=12), 30)
    lifecycle.hold(time, visitor="somebody")
    statuses = {
        Booking.objects.get(pk=b.pk).status for b in (booked, cancelled, pending, declined, confirmed)
    }
    assert statuses == {"confirmed", "cancelled", "pending", "declined"}
    assert codes() == []


def test_overbooking_that_was_accepted_is_in_order(cast: Cast, booking: Booking) -> None:
    """Broken by hand: overlaps() without exclusive; it was reported."""
    accepting = frozenset(booking.busy.values_list("pk", flat=True))
    time = lifecycle.Time(cast.demo, cast.place, booking.starts_at, 30)
    who = lifecycle.Booker("Max", "max@riviere.example")
    lifecycle.book_as_host(time, who, actor=lifecycle.person(cast.ada), as_request=False, accepting=accepting)
    assert codes() == []


def test_what_just_came_due_is_not_stuck(booking: Booking) -> None:
    """Broken by hand: patience left out; a row that had come due this second was reported."""
    sql(
        "UPDATE bookings_delivery SET state = 'open', settled_at = NULL, next_try_at = %s",
        timezone.now() - timedelta(minutes=4),
    )
    assert codes() == []


# -- What is not -------------------------------------------------------------------------------------------------------


def test_overlap_is_found(cast: Cast, booking: Booking, work: Callable[[], None]) -> None:
    """Broken by hand: overlaps() yielded nothing; the same for each check below, and its test went red."""
    other = cast.book(hour=12)
    work()
    drop_guard()
    found = provoke(
        other,
        f"UPDATE bookings_busytime SET starts = starts - 100, ends = ends - 100 WHERE booking_id = %s AND {booking.pk} > 0",
    )
    assert found == ["overlap", "busy_range"]


def test_long_row_that_covers_several_is_found(
    cast: Cast, booking: Booking, work: Callable[[], None]
) -> None:
    """Broken by hand: overlaps() compared neighbours only; the third row went unseen."""
    cast.book(hour=12)
    cast.book(hour=14)
    work()
    drop_guard()
    assert provoke(booking, "UPDATE bookings_busytime SET ends = ends + 600 WHERE booking_id = %s") == [
        "overlap",
        "overlap",
        "busy_range",
    ]


BUSY = "bookings_busytime"
SIMPLE = {
    "busy_missing": [f"DELETE FROM {BUSY} WHERE booking_id = %s"],
    "busy_range": [f"UPDATE {BUSY} SET ends = ends + 1 WHERE booking_id = %s"],
    "busy_owner": [f"UPDATE {BUSY} SET owner = (SELECT id FROM bookings_hold LIMIT 1) WHERE booking_id = %s"],
    "busy_orphan": [f"UPDATE {BUSY} SET hold_id = NULL WHERE hold_id IS NOT NULL AND %s > 0"],
    "delivery_late": [
        "UPDATE bookings_delivery SET state = 'open', settled_at = NULL, next_try_at = '2020-01-01 00:00:00+00:00' WHERE audience = 'booker' AND booking_id = %s"
    ],
    "lease_expired": [
        "UPDATE bookings_delivery SET state = 'open', settled_at = NULL, lease = chain.owner, lease_until = '2020-01-01 00:00:00+00:00' "
        "FROM bookings_bookingchain chain WHERE audience = 'booker' AND chain.id = chain_id AND booking_id = %s"
    ],
    "lease_left_over": [
        "UPDATE bookings_delivery SET lease = chain.owner, lease_until = '2030-01-01 00:00:00+00:00' "
        "FROM bookings_bookingchain chain WHERE audience = 'booker' AND chain.id = chain_id AND booking_id = %s"
    ],
    "settled_when": [
        "UPDATE bookings_delivery SET settled_at = NULL WHERE audience = 'booker' AND booking_id = %s"
    ],
    "version_differs": ["UPDATE bookings_booking SET version = version + 1 WHERE id = %s"],
    "version_gap": [
        "UPDATE bookings_bookingchange SET version = version + 1 WHERE booking_id = %s",
        "UPDATE bookings_booking SET version = version + 1 WHERE id = %s",
    ],
    "history_broken": [
        "UPDATE bookings_bookingchange SET to_status = 'pending' WHERE action = 'book' AND booking_id = %s"
    ],
    "hosts_differ": ["UPDATE bookings_bookingchange SET hosts_after = '[]' WHERE booking_id = %s"],
    "move_unknown": [
        "UPDATE bookings_bookingchange SET action = 'decline' WHERE action = 'settle' AND booking_id = %s",
        "UPDATE bookings_bookingchange SET version = 2 WHERE action = 'decline' AND booking_id = %s",
        "UPDATE bookings_booking SET version = 2 WHERE id = %s",
    ],
    "sequence_missing": [
        "UPDATE bookings_delivery SET sequence = NULL WHERE audience = 'booker' AND booking_id = %s"
    ],
    "sequence_behind": [
        "UPDATE bookings_bookingchain SET sequence = -1 WHERE id = (SELECT chain_id FROM bookings_booking WHERE id = %s)"
    ],
    "form_orphan": [
        "UPDATE bookings_submittedform SET booking_id = NULL, created_at = '2020-01-01 00:00:00+00:00' WHERE booking_id = %s"
    ],
}


@pytest.mark.parametrize("code", SIMPLE)
def test_each_finding_alone(cast: Cast, booking: Booking, code: str) -> None:
    """Broken by hand: its check yielded nothing."""
    time = lifecycle.Time(cast.demo, cast.place, booking.starts_at + timedelta(hours=8), 30)
    lifecycle.hold(time, visitor="somebody")
    sql(
        "INSERT INTO bookings_submittedform (scope, key, body_hash, booking_id, created_at) VALUES ('page', 'k', 'h', %s, %s)",
        booking.pk,
        timezone.now(),
    )
    found = provoke(booking, *SIMPLE[code])
    assert set(found) == {code}


def test_status_that_its_history_does_not_know(booking: Booking) -> None:
    """Broken by hand: _ends() without status; only the busy row told of it."""
    found = provoke(booking, "UPDATE bookings_booking SET status = 'cancelled' WHERE id = %s")
    assert sorted(found) == ["busy_left_over", "status_differs"]


def test_booking_without_history_or_host(booking: Booking) -> None:
    """Broken by hand: _ends() and busy_rows() passed over what is absent."""
    found = provoke(
        booking,
        "UPDATE bookings_delivery SET change_id = NULL WHERE booking_id = %s",
        "DELETE FROM bookings_bookingchange WHERE booking_id = %s",
        "DELETE FROM bookings_bookinghost WHERE booking_id = %s",
    )
    assert sorted(found) == ["busy_left_over", "history_missing", "no_host"]


@pytest.mark.parametrize(
    ("code", "set_to"),
    [
        ("confirming_late", "status = 'confirming', confirm_by_at = '2020-01-01 00:00:00+00:00'"),
        ("confirming_late", "status = 'confirming', confirm_by_at = NULL"),
        ("answer_late", "status = 'pending', decide_by_at = '2020-01-01 00:00:00+00:00'"),
    ],
)
def test_booking_whose_state_should_have_ended(booking: Booking, code: str, set_to: str) -> None:
    """Broken by hand: each line of late_bookings() left out."""
    found = provoke(booking, f"UPDATE bookings_booking SET {set_to} WHERE id = %s")
    assert found == [code, "status_differs"]


def test_reminder_that_did_not_leave(booking: Booking) -> None:
    """Broken by hand: its line of late_bookings() left out."""
    due = "next_reminder_at = '2020-01-01 00:00:00+00:00'"
    assert provoke(booking, f"UPDATE bookings_booking SET {due} WHERE id = %s") == ["reminder_late"]


def test_delivery_superseded_by_a_stranger_or_though_it_was_begun(
    cast: Cast, booking: Booking, work: Callable[[], None]
) -> None:
    """Broken by hand: superseded_deliveries() without its first look, then without its second."""
    other = cast.book(hour=12)
    work()
    rows = "UPDATE bookings_delivery SET state = 'superseded', claimed_at = NULL, superseded_by_id ="
    mail = "WHERE audience = 'booker' AND booking_id = %s"
    foreign = provoke(
        booking,
        f"{rows} (SELECT MIN(id) FROM bookings_bookingchange WHERE booking_id = {other.pk}) {mail}",
    )
    assert foreign == ["superseded_astray"]
    own = f"{rows} (SELECT MIN(id) FROM bookings_bookingchange WHERE booking_id = {booking.pk}) {mail}"
    assert provoke_again(booking, own) == []
    begun = f"UPDATE bookings_delivery SET claimed_at = created_at {mail}"
    assert provoke_again(booking, begun) == ["superseded_begun"]
    still_open = f"UPDATE bookings_delivery SET claimed_at = NULL, state = 'done' {mail}"
    assert provoke_again(booking, still_open) == ["superseded_begun"]


@pytest.fixture
def wish(cast: Cast, booking: Booking) -> Booking:
    """A booker's wish to move a booking of a type that now needs approval."""
    BookingType.objects.update(approval="always")
    later = NewTime(booking.starts_at + timedelta(hours=4))
    return lifecycle.reschedule_by_booker(booking.pk, later, version=1, name="Zoë")


def test_wish_to_move_what_does_not_stand(cast: Cast, wish: Booking, work: Callable[[], None]) -> None:
    """Broken by hand: successors() without its second look."""
    work()
    other = cast.book(hour=12)
    lifecycle.cancel(other.pk, actor=lifecycle.person(cast.ada), version=1)
    work()
    found = provoke(wish, f"UPDATE bookings_booking SET replaces_id = {other.pk} WHERE id = %s")
    assert found == ["wish_astray"]
    found = provoke_again(wish, "UPDATE bookings_booking SET replaces_id = NULL WHERE id = %s")
    assert found == ["wish_astray"]


def test_booking_that_was_moved_to_nowhere(cast: Cast, booking: Booking, work: Callable[[], None]) -> None:
    """Broken by hand: successors() without its first look."""
    later = NewTime(booking.starts_at + timedelta(hours=4))
    new = lifecycle.reschedule(booking.pk, later, actor=lifecycle.person(cast.ben), version=1)
    work()
    assert provoke(new, "UPDATE bookings_booking SET replaces_id = NULL WHERE id = %s") == ["no_successor"]


def test_part_of_another_chain_or_moment(cast: Cast, wish: Booking, work: Callable[[], None]) -> None:
    """Broken by hand: parts() compared the chains alone, then the moments alone."""
    lifecycle.cancel(wish.replaces_id, actor=lifecycle.person(cast.ada), version=1)
    work()
    part = "WHERE part_of_id IS NOT NULL AND booking_id = %s"
    earlier = f"UPDATE bookings_bookingchange SET at = '2020-01-01 00:00:00+00:00' {part}"
    assert provoke(wish, earlier) == ["part_astray"]
    other = cast.book(hour=12)
    work()
    cause = f"(SELECT MIN(id) FROM bookings_bookingchange WHERE booking_id = {other.pk})"
    same = f"UPDATE bookings_bookingchange SET part_of_id = {cause}, at = (SELECT at FROM bookings_bookingchange WHERE id = {cause}) {part}"
    assert provoke_again(wish, same) == ["part_astray"]


def test_request_for_an_exception_to_what_is_over(
    cast: Cast, booking: Booking, work: Callable[[], None]
) -> None:
    """Broken by hand: open_requests() yielded nothing."""
    sql("UPDATE bookings_booking SET policy_snapshot = %s WHERE id = %s", '{"cancel": "never"}', booking.pk)
    lifecycle.ask_exception(booking.pk, wish="cancel", name="Zoë", reason="Ill")
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ada), version=1)
    work()
    found = provoke(booking, "UPDATE bookings_exceptionrequest SET state = 'open' WHERE booking_id = %s")
    assert found == ["exception_open"]


def test_two_that_stand_in_one_chain(cast: Cast, booking: Booking, work: Callable[[], None]) -> None:
    """Broken by hand: live_in_chain() yielded nothing."""
    other = cast.book(hour=12)
    work()
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("DROP INDEX booking_one_live_in_chain")
    found = provoke(other, f"UPDATE bookings_booking SET chain_id = {booking.chain_id} WHERE id = %s")
    assert "two_live" in found
    assert {"chain_empty", "change_astray", "delivery_astray", "busy_owner"} <= set(found)


def test_revision_that_falls(cast: Cast, booking: Booking, work: Callable[[], None]) -> None:
    """Broken by hand: invitations() compared nothing; once for SEQUENCE, once for DTSTAMP."""
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ada), version=booking.version, reason="Ill")
    work()
    cancels = "method = 'CANCEL' AND audience = 'booker' AND booking_id = %s"
    assert provoke(booking, f"UPDATE bookings_delivery SET sequence = 0 WHERE {cancels}") == [
        "sequence_falls"
    ]
    sql(f"UPDATE bookings_delivery SET sequence = 1 WHERE {cancels}", booking.pk)
    stamp = "2020-01-01 00:00:00+00:00"
    assert provoke(booking, f"UPDATE bookings_delivery SET stamped_at = '{stamp}' WHERE {cancels}") == [
        "sequence_falls"
    ]


@pytest.fixture
def owing(cast: Cast, work: Callable[[], None]) -> Booking:
    """A booking that waits for its payment."""
    priced = make_type(
        cast.team, cast.ben_host, name="Survey", location=cast.place, price_cents=9000, currency="EUR"
    )
    booking = cast.book(hour=14, kind=priced)
    work()
    return booking


_OF_CHAIN = "WHERE id = (SELECT payment_id FROM bookings_bookingchain c JOIN bookings_booking b ON b.chain_id = c.id WHERE b.id = %s)"
_PAID = f"UPDATE bookings_payment SET state = 'paid', paid_at = '2027-01-01 00:00:00+00:00' {_OF_CHAIN}"


def test_payment_that_did_not_come_in_time(owing: Booking) -> None:
    """Broken by hand: its line of late_bookings() left out."""
    due = "pay_by_at = '2020-01-01 00:00:00+00:00'"
    assert provoke(owing, f"UPDATE bookings_booking SET {due} WHERE id = %s") == ["payment_late"]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE bookings_booking SET pay_by_at = NULL WHERE id = %s", ["waits_for_nothing"]),
        (_PAID, ["payment_differs", "waits_for_nothing"]),
        (
            "UPDATE bookings_booking SET status = 'confirmed' WHERE id = %s",
            ["status_differs", "unpaid"],
        ),
        (
            "UPDATE bookings_bookingchain SET payment_id = NULL WHERE id = (SELECT chain_id FROM bookings_booking WHERE id = %s)",
            ["payment_orphan", "waits_for_nothing"],
        ),
    ],
)
def test_money_that_contradicts_a_booking_that_waits(
    owing: Booking, statement: str, found: list[str]
) -> None:
    """Broken by hand: each of the looks of payments() and _money() left out."""
    assert sorted(provoke(owing, statement)) == found


def test_money_that_contradicts_what_was_paid(cast: Cast, owing: Booking, work: Callable[[], None]) -> None:
    """Broken by hand: the same."""
    ben = lifecycle.person(cast.ben)
    lifecycle.pay(owing.pk, actor=ben, version=1)
    work()
    early = f"UPDATE bookings_payment SET state = 'refund_due' {_OF_CHAIN}"
    assert sorted(provoke(owing, early)) == ["payment_differs", "refund_early"]
    sql(_PAID, owing.pk)
    lifecycle.cancel(owing.pk, actor=ben, version=2)
    work()
    assert sorted(provoke(owing, _PAID)) == ["payment_differs", "refund_missing"]
    sql(early, owing.pk)
    twice = "UPDATE bookings_bookingchange SET changed = %s WHERE action = 'cancel' AND booking_id = %s"
    sql(twice, '{"payment": ["due", "paid"]}', owing.pk)
    assert sorted(codes()) == ["paid_twice", "payment_differs"]


# -- The command -------------------------------------------------------------------------------------------------------


def run_command(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("check_invariants", *words, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_command_is_content_with_a_sound_database(booking: Booking) -> None:
    """Broken by hand: sys.exit(1) at all events."""
    assert run_command() == (0, "Everything holds.\n")
    assert run_command("--json") == (0, "[]\n")


def test_command_reports_and_fails(booking: Booking) -> None:
    """Broken by hand: no sys.exit(1)."""
    sql("UPDATE bookings_booking SET version = 9 WHERE id = %s", booking.pk)
    status, words = run_command()
    assert (status, words) == (
        1,
        f"version_differs: booking {booking.pk}: it has version 9, its history ends with 1\n1 found\n",
    )
    status, words = run_command("--json")
    assert status == 1
    assert json.loads(words) == [
        {
            "code": "version_differs",
            "subject": f"booking {booking.pk}",
            "detail": "it has version 9, its history ends with 1",
        }
    ]


def test_patience_is_the_callers(booking: Booking) -> None:
    """Broken by hand: the command left out its patience; what was due for a minute was not reported."""
    sql(
        "UPDATE bookings_delivery SET state = 'open', settled_at = NULL, next_try_at = %s WHERE audience = 'booker'",
        timezone.now() - timedelta(minutes=1),
    )
    assert run_command()[0] == 0
    assert run_command("--patience", "10")[0] == 1


def test_checks_take_the_same_queries_for_one_and_for_three(
    cast: Cast, work: Callable[[], None], django_assert_num_queries
) -> None:
    """Broken by hand: _compare() read the chain of each booking by itself."""
    cast.book(hour=9)
    work()
    with django_assert_num_queries(40):
        assert codes() == []
    cast.book(hour=11)
    cast.book(
        hour=13,
        kind=make_type(
            cast.team,
            cast.ben_host,
            cast.cleo_host,
            name="Both",
            assignment=BookingType.Assignment.COLLECTIVE,
        ),
    )
    work()
    assert Delivery.objects.open().count() == 0
    with django_assert_num_queries(40):
        assert codes() == []
