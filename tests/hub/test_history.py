"""The history on the page of a booking: every action in words, the whole chain, and the ways between its bookings."""

import re

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, BookingChange
from tests.cast import at, make_type
from tests.hub.conftest import end, settle


def page(client, booking):
    return client.get(f"/bookings/{booking.pk}/").content.decode()


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()


def lines(text):
    """Title and the line below, of every moment, newest first; struck words stay in tags."""
    history = text[text.index('<ol class="timeline">') : text.rindex("</ol>")]
    return [plain(part) for part in history.split('<span class="node">')[1:]]


def ben(cast):
    return lifecycle.person(cast.ben)


def wish_of(cast, booking, hour=17):
    cast.demo.approval = "always"
    cast.demo.save()
    return lifecycle.reschedule_by_booker(
        booking.pk, lifecycle.NewTime(at(hour)), version=booking.version, name="Zoë Lefèvre"
    )


def test_a_move_is_told_once_on_each_page_with_the_way_to_the_other(cast, as_person, confirmed):
    new = lifecycle.reschedule(
        confirmed.pk, lifecycle.NewTime(at(15)), actor=ben(cast), version=1, reason="The lift is broken"
    )
    old_page, new_page = (page(as_person(cast.ada), booking) for booking in (confirmed, new))

    assert [
        len([line for line in lines(text) if line.startswith("Moved")]) for text in (old_page, new_page)
    ] == [1, 1]
    assert re.match(
        r"Moved from \w+ .*, 12:00 to \w+ .*, 15:00 Ben Okafor, .*The lift is broken.* New booking",
        lines(old_page)[0],
    )
    assert re.match(
        r"Moved from \w+ .*, 12:00 to \w+ .*, 15:00 Ben Okafor, .* Old booking", lines(new_page)[0]
    )
    assert "<s>" in new_page[new_page.index("timeline") :]
    assert "Moved to <b>" in old_page
    assert f'<a href="/bookings/{new.pk}/">Open the new booking</a>' in old_page
    assert f'<a href="/bookings/{confirmed.pk}/">Open the old booking</a>' in new_page
    # The whole chain stands on the page of its newest booking.
    assert lines(new_page)[-1].startswith("Booked")
    assert "Booking page" in new_page


def test_a_second_move_keeps_the_whole_way(cast, as_person, confirmed):
    second = settle(lifecycle.reschedule(confirmed.pk, lifecycle.NewTime(at(15)), actor=ben(cast), version=1))
    third = lifecycle.reschedule(second.pk, lifecycle.NewTime(at(16)), actor=ben(cast), version=1)
    moves = [line for line in lines(page(as_person(cast.ada), third)) if line.startswith("Moved")]
    assert [re.findall(r"\d\d:00", line)[:2] for line in moves] == [["15:00", "16:00"], ["12:00", "15:00"]]


def test_another_host_with_the_move_is_named(cast, as_person):
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Survey", location=cast.place, assignment="round_robin")
    kind.type_hosts.filter(host=cast.ben_host).update(priority=4)
    booking = settle(cast.book(hour=12, kind=kind))
    to = lifecycle.NewTime(at(15), cast.cleo_host.pk)
    new = lifecycle.reschedule(booking.pk, to, actor=lifecycle.person(cast.ada), version=1)
    assert "Cleo Park instead of Ben Okafor" in lines(page(as_person(cast.ada), new))[0]


def test_a_move_to_somebody_elses_booking_leads_nowhere_one_may_not_go(cast, as_person):
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Survey", location=cast.place, assignment="round_robin")
    kind.type_hosts.filter(host=cast.ben_host).update(priority=4)
    booking = settle(cast.book(hour=12, kind=kind))
    to = lifecycle.NewTime(at(15), cast.cleo_host.pk)
    new = lifecycle.reschedule(booking.pk, to, actor=lifecycle.person(cast.ada), version=1)
    bens, cleos = page(as_person(cast.ben), booking), page(as_person(cast.cleo), new)
    assert f"/bookings/{new.pk}/" not in bens
    assert f"/bookings/{booking.pk}/" not in cleos
    assert lines(bens)[0].startswith("Moved from")
    assert lines(cleos)[0].startswith("Moved from")


def test_a_reassignment_names_both(cast, as_person):
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Survey", location=cast.place, assignment="round_robin")
    kind.type_hosts.filter(host=cast.ben_host).update(priority=4)
    booking = settle(cast.book(hour=12, kind=kind))
    lifecycle.reassign(booking.pk, leaving=None, to=None, actor=ben(cast), version=1, reason="Ill")
    text = page(as_person(cast.ada), booking)
    assert lines(text)[0].startswith("Reassigned from Ben Okafor to Cleo Park Ben Okafor, ")
    assert "Cleo Park was the only one free." in text


def test_an_edit_names_each_field_as_it_was_and_is(cast, as_person, confirmed):
    details = lifecycle.Details("Zoé", "", "+49 1", "")
    lifecycle.edit_details(confirmed.pk, details, actor=ben(cast), version=1)
    text = page(as_person(cast.ada), confirmed)
    line = lines(text)[0]
    assert line.startswith("Details edited Ben Okafor, ")
    assert "Name Zoë Lefèvre Zoé" in line
    assert "E-mail zoe@riviere.example removed" in line
    assert "Phone +49 1" in line
    assert "<s>zoe@riviere.example</s>" in text


def test_both_times_of_a_wish_stand_on_both_pages(cast, as_person, confirmed):
    wish = wish_of(cast, confirmed)
    stands, asks = (page(as_person(cast.ben), booking) for booking in (confirmed, wish))
    for text in (stands, asks):
        swap = plain(text[text.index('class="swap') : text.index("columns main-side")])
        assert re.search(r"12:00 stands until you decide.*17:00 asked for", swap)
        assert any(line.startswith("Asked to move from") for line in lines(text))
    assert f'<a href="/bookings/{wish.pk}/">Open the wish</a>' in stands
    assert f'<a href="/bookings/{confirmed.pk}/">Open what stands</a>' in asks


@pytest.mark.parametrize("way", ["confirm", "decline", "withdraw", "close", "expire"])
def test_the_end_of_a_wish_is_told_on_both_pages(cast, as_person, confirmed, way):
    wish = wish_of(cast, confirmed)
    if way == "confirm":
        lifecycle.confirm(wish.pk, actor=ben(cast), version=1)
        words = {confirmed.pk: "Moved from", wish.pk: "Wish accepted from"}
    elif way == "decline":
        lifecycle.decline(wish.pk, actor=ben(cast), version=1)
        words = dict.fromkeys((confirmed.pk, wish.pk), "Wish declined")
    elif way == "withdraw":
        lifecycle.cancel_by_booker(wish.pk, version=1, name="Zoë")
        words = dict.fromkeys((confirmed.pk, wish.pk), "Wish withdrawn")
    elif way == "close":
        lifecycle.cancel(confirmed.pk, actor=ben(cast), version=1)
        words = dict.fromkeys((confirmed.pk, wish.pk), "Wish closed")
    else:
        Booking.objects.filter(pk=wish.pk).update(decide_by_at=timezone.now())
        lifecycle.expire_due(now=timezone.now())
        words = dict.fromkeys((confirmed.pk, wish.pk), "Wish declined")
    for booking in (confirmed, wish):
        text = page(as_person(cast.ben), booking)
        assert any(line.startswith(words[booking.pk]) for line in lines(text)), lines(text)
        assert "stands until you decide" not in text


def test_a_newer_wish_takes_the_place_of_the_older(cast, as_person, confirmed):
    first = wish_of(cast, confirmed)
    second = wish_of(cast, confirmed, hour=18)
    told = lines(page(as_person(cast.ben), second))
    assert [line.split(" from")[0].split(" Zoë")[0] for line in told[:3]] == [
        "Asked to move",
        "Wish replaced by another",
        "Asked to move",
    ]
    assert "stands until you decide" not in page(as_person(cast.ben), first)


def test_attendance_its_correction_and_taking_back_are_told(cast, as_person, confirmed):
    cast.team.undo_seconds = 60
    cast.team.save()
    end(confirmed)
    ada = lifecycle.person(cast.ada)
    lifecycle.booker_no_show(confirmed.pk, actor=ada, version=1)
    lifecycle.undo(confirmed.pk, actor=ada, version=2)
    lifecycle.complete(confirmed.pk, actor=ada, version=3)
    lifecycle.correct_to_no_show(
        confirmed.pk, absent=[], is_booker_absent=True, actor=ada, version=4, reason="I mixed them up"
    )
    told = lines(page(as_person(cast.ada), confirmed))
    assert told[0].startswith("Corrected from Completed to No-show Ada Brandt, ")
    assert "Zoë Lefèvre did not come" in told[0]
    assert told[1].startswith("Completed")
    assert told[2].startswith("Taken back from No-show to Confirmed")
    assert told[3].startswith("Booker no-show")
    assert "Zoë Lefèvre did not come" in told[3]


def test_exceptions_are_told(cast, as_person):
    cast.demo.reschedule_policy = cast.demo.cancel_policy = "never"
    cast.demo.save()
    booking = settle(cast.book(hour=12))
    asked = lifecycle.ask_exception(booking.pk, wish="reschedule", name="Zoë", reason="My train")
    lifecycle.refuse_exception(asked.pk, actor=ben(cast), answer="No other time")
    asked = lifecycle.ask_exception(booking.pk, wish="reschedule", name="Zoë", reason="My train, again")
    lifecycle.grant_exception(asked.pk, actor=ben(cast))
    told = lines(page(as_person(cast.ben), booking))
    assert [line.split(" Ben")[0].split(" Zoë")[0] for line in told[:4]] == [
        "Exception granted",
        "Asked to be allowed to move",
        "Exception refused",
        "Asked to be allowed to move",
    ]


def test_every_action_has_words_of_its_own(cast, as_person, confirmed):
    """No line reads like a button: what happened is told in the past."""
    for action in ("pay", "complete", "expire", "settle", "cancel", "decline"):
        BookingChange.objects.create(
            booking=confirmed,
            chain=confirmed.chain,
            actor_kind="system",
            actor_name="",
            action=action,
            from_status="pending",
            to_status="confirming",
            version=1,
            team_after=cast.team,
        )
    told = lines(page(as_person(cast.ada), confirmed))
    assert not any(line.startswith(("Book ", "Mark", "Complete ", "Expire", "Finish")) for line in told)
