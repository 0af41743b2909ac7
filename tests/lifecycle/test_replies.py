"""An answer to an invitation: what it does to the booking, what a host is asked, and what is ignored."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from bookinghub.environment import Inbox
from bookings import invites, lifecycle, links, mails
from bookings.lifecycle.replies import take_reply
from bookings.models import Booking, BookingChain, Delivery, InvitationReply, ReadMail
from bookings.rules.refusals import Refused
from bookings.rules.replies import read_mail
from tests.cast import Cast, at
from tests.lifecycle.answers import Said, answer_to, counter_to, google
from tests.oracles.calendar_checks import assert_valid_calendar

ZOE, GUY, BEN = "zoe@riviere.example", "guy@riviere.example", "ben@heliograf.example"


@pytest.fixture
def booking(read_inbox: None, confirmed: Callable[..., Booking], work: Callable[[], None]) -> Booking:
    made = confirmed(hour=10, guests=[GUY])
    work()
    return made


def invitation(booking: Booking, recipient: str = ZOE) -> Delivery:
    rows = Delivery.objects.filter(chain=booking.chain, recipient=recipient, method="REQUEST")
    return rows.select_related("chain").latest("pk")


def take(booking: Booking, said: Said, *, key: str = "") -> str:
    reply = read_mail(google(said)).reply
    assert reply is not None
    return take_reply(booking.chain_id, reply, key=key or hashlib.sha256(f"{said}".encode()).hexdigest())


def last(booking: Booking) -> Any:
    return booking.changes.latest("pk")


# -- What goes out ---------------------------------------------------------------------------------------------------------


def test_an_invitation_asks_for_an_answer_where_one_is_read(booking: Booking) -> None:
    """Libical and ical.js take it; the organizer is an address with a token, and the mail comes from it."""
    row = invitation(booking)
    octets = invites.calendar(row, link="")
    assert_valid_calendar(octets)
    event = Calendar.from_ical(octets).walk("VEVENT")[0]
    organizer = str(event["ORGANIZER"]).removeprefix("mailto:")
    assert organizer == f"answers+{links.reply_token(booking.chain)}@hub.example"
    assert len(organizer.partition("@")[0]) <= 64
    assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == (
        "NEEDS-ACTION",
        "TRUE",
    )
    letter = mails.compose(row)
    assert organizer in letter.from_email
    assert letter.reply_to == ["booking@hub.example"]


def test_without_an_inbox_nobody_is_asked(
    confirmed: Callable[..., Booking], work: Callable[[], None]
) -> None:
    booking = confirmed(hour=10)
    work()
    event = Calendar.from_ical(invites.calendar(invitation(booking), link="")).walk("VEVENT")[0]
    assert str(event["ORGANIZER"]) == "mailto:booking@hub.example"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_the_organizer_never_changes_for_a_chain(
    confirmed: Callable[..., Booking], work: Callable[[], None], settings: Any, cast: Cast
) -> None:
    """A chain that was begun without an inbox keeps its organizer when one is set, and the other way round."""
    booking = confirmed(hour=10)
    _set_inbox(settings)
    moved = lifecycle.reschedule(
        booking.pk, lifecycle.NewTime(at(15)), actor=lifecycle.person(cast.ben), version=booking.version
    )
    work()
    event = Calendar.from_ical(invites.calendar(invitation(moved), link="")).walk("VEVENT")[0]
    assert str(event["ORGANIZER"]) == "mailto:booking@hub.example"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"


def test_the_database_holds_no_address_that_answers_are_taken_at(booking: Booking, settings: Any) -> None:
    """Break: keep the organizer with its token."""
    booking.chain.refresh_from_db()
    assert booking.chain.organizer == "answers+*@hub.example"
    assert all(row.payload["organizer"] == "answers+*@hub.example" for row in Delivery.objects.all())
    token = links.reply_token(booking.chain)
    assert links.chain_of_reply(token) == booking.chain
    settings.LINK_KEY = "another key of the same length as before, or so"
    with pytest.raises(Refused):
        links.chain_of_reply(token)


def test_a_token_is_good_for_one_chain_and_in_any_case_of_letters(
    booking: Booking, confirmed: Callable[..., Booking]
) -> None:
    other = confirmed(hour=12)
    address = f"Answers+{links.reply_token(booking.chain).upper()}@HUB.example"
    assert links.chain_of_reply(links.reply_token_in(address)) == booking.chain
    swapped = f"{links.reply_token(other.chain).partition('-')[0]}-{links.reply_token(booking.chain).partition('-')[2]}"
    for token in (
        swapped,
        "zzzzzzzzzzzzzzzzzzzz-a",
        "",
        "-",
        "1-" + "a" * 26,
        links.manage_token(booking.chain),
    ):
        with pytest.raises(Refused):
            links.chain_of_reply(token)
    for address in ("answers@hub.example", "other+x@hub.example", "answers+x@elsewhere.example", "x"):
        assert links.reply_token_in(address) == ""


def test_an_update_of_the_same_time_keeps_what_was_answered_and_another_time_asks_again(
    booking: Booking, cast: Cast, work: Callable[[], None], pool: Any
) -> None:
    """Break: let every update ask anew."""

    def partstat(row: Delivery) -> str:
        octets = invites.calendar(row, link="")
        assert_valid_calendar(octets)
        return str(Calendar.from_ical(octets).walk("VEVENT")[0]["ATTENDEE"].params["PARTSTAT"])

    take(booking, answer_to(invitation(booking), "ACCEPTED"))
    take(booking, answer_to(invitation(booking, GUY), "TENTATIVE"))
    Booking.objects.filter(pk=booking.pk).update(booking_type=pool)
    given = lifecycle.reassign(
        booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=booking.version
    )
    work()
    assert (partstat(invitation(given)), partstat(invitation(given, GUY))) == ("ACCEPTED", "TENTATIVE")
    Booking.objects.filter(pk=booking.pk).update(booking_type=cast.demo)
    moved = lifecycle.reschedule(
        booking.pk, lifecycle.NewTime(at(15)), actor=lifecycle.person(cast.ben), version=given.version
    )
    work()
    assert partstat(invitation(moved)) == "NEEDS-ACTION"


# -- What comes back -------------------------------------------------------------------------------------------------------


def test_an_acceptance_is_noted(booking: Booking) -> None:
    version = booking.version
    assert take(booking, answer_to(invitation(booking), "ACCEPTED")) == "noted"
    row = InvitationReply.objects.get()
    assert (row.booking, row.email, row.name, row.answer, row.state) == (
        booking,
        ZOE,
        "Zoë Lefèvre",
        "accepted",
        "noted",
    )
    change = last(booking)
    assert (change.action, change.actor_kind, change.actor_name) == ("reply", "booker", "Zoë Lefèvre")
    assert change.changed == {"reply": ["Zoë Lefèvre", "accepted"]}
    booking.refresh_from_db()
    assert (booking.status, booking.version) == ("confirmed", version)


@pytest.mark.parametrize("who", [ZOE, GUY])
def test_who_declines_makes_a_question_and_nothing_else(booking: Booking, who: str) -> None:
    before = Delivery.objects.count()
    said = answer_to(invitation(booking, who), "DECLINED", comment="We have to travel.")
    assert take(booking, said) == "asked"
    row = InvitationReply.objects.get()
    assert (row.state, row.comment, row.audience) == (
        "open",
        "We have to travel.",
        "booker" if who == ZOE else "guest",
    )
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert Delivery.objects.count() == before


def test_a_host_who_declines_is_shown_and_nobody_is_asked(booking: Booking, cast: Cast) -> None:
    assert take(booking, answer_to(invitation(booking, BEN), "DECLINED")) == "noted"
    change = last(booking)
    assert (change.actor_kind, change.actor) == ("person", cast.ben)


def test_who_changes_their_mind_is_asked_about_no_more(booking: Booking) -> None:
    said = answer_to(invitation(booking), "DECLINED")
    assert take(booking, said) == "asked"
    assert (
        take(booking, said.but(stamped_at=said.stamped_at + timedelta(minutes=5), partstat="ACCEPTED"))
        == "noted"
    )
    row = InvitationReply.objects.get()
    assert (row.answer, row.state) == ("accepted", "noted")


def test_the_same_mail_counts_once_and_the_same_answer_is_told_once(booking: Booking) -> None:
    """Break: take a reply without writing down which mail it was."""
    said = answer_to(invitation(booking), "DECLINED")
    assert [take(booking, said, key="one"), take(booking, said, key="one")] == ["asked", "asked"]
    lifecycle.keep_as_it_is(InvitationReply.objects.get())
    assert take(booking, said, key="another") == "same"
    assert booking.changes.filter(action="reply").count() == 1
    assert InvitationReply.objects.get().state == "kept"
    assert ReadMail.objects.count() == 2


def test_an_answer_that_was_overtaken_by_another_is_told_and_ignored(booking: Booking) -> None:
    said = answer_to(invitation(booking), "ACCEPTED")
    take(booking, said)
    assert (
        take(booking, said.but(stamped_at=said.stamped_at - timedelta(hours=1), partstat="DECLINED")) == "old"
    )
    assert InvitationReply.objects.get().answer == "accepted"
    assert last(booking).changed["is_old"] == [False, True]


def test_an_answer_to_the_time_before_is_told_and_ignored(
    booking: Booking, cast: Cast, work: Callable[[], None]
) -> None:
    """Break: judge an answer by the address alone."""
    former = answer_to(invitation(booking), "DECLINED")
    moved = lifecycle.reschedule(
        booking.pk, lifecycle.NewTime(at(15)), actor=lifecycle.person(cast.ben), version=booking.version
    )
    work()
    assert take(moved, former) == "old"
    assert not InvitationReply.objects.exists()
    assert (last(moved).action, "is_old" in last(moved).changed) == ("reply", True)
    assert take(moved, answer_to(invitation(moved), "DECLINED")) == "asked"
    assert InvitationReply.objects.get().booking == moved


def test_a_newer_invitation_to_the_same_time_takes_answers_to_the_one_before(
    booking: Booking, cast: Cast, work: Callable[[], None]
) -> None:
    """As after a late meeting link: who answered the first one has answered."""
    said = answer_to(invitation(booking), "ACCEPTED")
    BookingChain.objects.filter(pk=booking.chain_id).update(sequence=4)
    assert take(booking, said) == "noted"


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.but(attendee="stranger@riviere.example"),
        lambda said: said.but(attendee="answers@hub.example"),
    ],
)
def test_who_was_not_invited_answers_nothing(booking: Booking, change: Callable[[Said], Said]) -> None:
    """Break: leave out the question whether an invitation went there."""
    assert take(booking, change(answer_to(invitation(booking), "DECLINED"))) == "foreign"
    assert not InvitationReply.objects.exists()
    assert last(booking).action != "reply"


def test_whose_invitation_was_taken_back_answers_nothing(
    booking: Booking, cast: Cast, work: Callable[[], None]
) -> None:
    said = answer_to(invitation(booking), "DECLINED")
    details = lifecycle.Details(name="Zoë Lefèvre", email="zoe@home.example", phone="", notes="")
    lifecycle.edit_details(booking.pk, details, actor=lifecycle.person(cast.ben), version=booking.version)
    work()
    assert take(booking, said) == "foreign"


def test_what_is_over_takes_no_answers(booking: Booking, cast: Cast) -> None:
    said = answer_to(invitation(booking), "DECLINED")
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=booking.version)
    assert take(booking, said) == "over"
    assert not InvitationReply.objects.exists()


# -- Another time ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("approval", ["always", "automatic"])
def test_a_time_that_the_booker_proposes_is_asked_for(booking: Booking, cast: Cast, approval: str) -> None:
    """Whatever the type says, as a mail may be somebody else's. Break: `asks=False` in `replies._wish`; the booking is moved."""
    cast.demo.approval = approval
    cast.demo.save()
    said = counter_to(invitation(booking), by=timedelta(hours=2), comment="Could we make it later?")
    assert take(booking, said) == "wished"
    wish = Booking.objects.get(is_proposal=True)
    assert (wish.status, wish.starts_at) == ("pending", booking.starts_at + timedelta(hours=2))
    change = wish.changes.get()
    assert (change.action, change.reason, change.actor_kind) == (
        "propose",
        "Could we make it later?",
        "booker",
    )
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert not InvitationReply.objects.exists()


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        # It is no time on offer.
        (lambda cast: None, lambda row: counter_to(row, by=timedelta(minutes=7))),
        # It would last longer.
        (lambda cast: None, lambda row: _longer(counter_to(row, by=timedelta(hours=2)))),
        # It was taken by somebody else.
        (lambda cast: cast.book(hour=12, name="Max"), lambda row: counter_to(row, by=timedelta(hours=2))),
    ],
)
def test_a_time_that_can_not_be_asked_for_is_a_note_and_a_question(
    booking: Booking, cast: Cast, prepare: Callable[[Cast], object], said: Callable[[Delivery], Said]
) -> None:
    prepare(cast)
    answer = said(invitation(booking))
    assert take(booking, answer) == "asked"
    row = InvitationReply.objects.get()
    assert (row.answer, row.state, row.proposed_at) == ("proposed", "open", answer.starts_at)
    assert last(booking).changed["proposed_at"] == ["", answer.starts_at.isoformat()]
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def _longer(said: Said) -> Said:
    return said.but(ends_at=said.ends_at + timedelta(hours=1))


def test_the_policy_holds_for_what_is_proposed(
    confirmed: Callable[..., Booking], cast: Cast, work: Callable[[], None], read_inbox: None
) -> None:
    cast.demo.reschedule_policy = "never"
    cast.demo.save()
    booking = confirmed(hour=10)
    work()
    assert take(booking, counter_to(invitation(booking), by=timedelta(hours=2))) == "asked"
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_a_guest_proposes_and_moves_nothing(booking: Booking) -> None:
    """Break: take the wish of whoever was invited."""
    assert take(booking, counter_to(invitation(booking, GUY), by=timedelta(hours=2))) == "asked"
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert not Booking.objects.filter(is_proposal=True).exists()


def _set_inbox(settings: Any) -> None:
    settings.HUB_INBOX = Inbox("127.0.0.1", 1, "answers", "", "INBOX", "")
    settings.HUB_INBOX_ADDRESS = "answers@hub.example"
