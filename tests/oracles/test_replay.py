"""The replay of RFC 5546 §2.1.5, seen on every order and every mistake it has to tell apart."""

import pytest

from tests.oracles.mailbox import differing_doubles, doubles, read_mail, replay, replay_all
from tests.oracles.samples import ANA, calendar, invitation

FIRST = {"sequence": 0, "dtstamp": "20261121T090000Z"}
SECOND = {
    "sequence": 1,
    "dtstamp": "20261121T100000Z",
    "start": "20261202T090000Z",
    "end": "20261202T093000Z",
}
THIRD = {"sequence": 2, "dtstamp": "20261121T110000Z", "start": "20261202T090000Z", "end": "20261202T093000Z"}


def mail(method="REQUEST", *, mime_method="", to=ANA, **event):
    content = calendar(method, attendee=to, **event)
    return read_mail(invitation(content, method=mime_method or method, to=to))


def codes(result):
    return [anomaly.code for anomaly in result.anomalies]


def test_request_then_cancel_leaves_one_cancelled_event():
    before = replay([mail(**FIRST)])
    after = replay([mail(**FIRST), mail("CANCEL", **{**FIRST, "sequence": 1, "dtstamp": "20261121T100000Z"})])

    assert [(event.status, event.sequence) for event in before[ANA]] == [("CONFIRMED", 0)]
    assert [(event.status, event.sequence) for event in after[ANA]] == [("CANCELLED", 1)]


def test_event_holds_what_the_invitation_said():
    event = replay([mail(**FIRST)])[ANA][0]

    assert event.uid == "bk-1@hub.example"
    assert (event.start, event.end) == ("2026-12-01T09:00:00Z", "2026-12-01T09:30:00Z")
    assert event.starts_at.isoformat() == "2026-12-01T09:00:00+00:00"
    assert event.ends_at.isoformat() == "2026-12-01T09:30:00+00:00"
    assert event.summary == "Intro call with Zoë, room 2"
    assert event.location == "Main street 1"
    assert event.organizer == "bookings+t1@hub.example"
    assert event.attendees == (ANA,)


def test_update_moves_the_one_event():
    result = replay_all([mail(**FIRST), mail(**SECOND)])

    assert [(event.start, event.sequence) for event in result.calendars[ANA]] == [("2026-12-02T09:00:00Z", 1)]
    assert result.outcomes == ("created", "updated")


def test_older_request_after_a_cancel_does_not_resurrect():
    result = replay_all([mail(**FIRST), mail("CANCEL", **THIRD), mail(**SECOND)])

    assert [(event.status, event.sequence) for event in result.calendars[ANA]] == [("CANCELLED", 2)]
    assert result.outcomes == ("created", "cancelled", "ignored")
    assert codes(result) == ["older_than_what_stands"]


def test_older_cancel_does_not_end_a_newer_event():
    result = replay_all([mail(**FIRST), mail(**THIRD), mail("CANCEL", **SECOND)])

    assert [(event.status, event.sequence) for event in result.calendars[ANA]] == [("CONFIRMED", 2)]
    assert (result.outcomes[-1], codes(result)) == ("ignored", ["older_than_what_stands"])


def test_lower_sequence_is_ignored_even_with_a_later_stamp():
    late = {**FIRST, "dtstamp": "20261121T120000Z"}
    result = replay_all([mail(**SECOND), mail(**late)])

    assert [(event.start, event.sequence) for event in result.calendars[ANA]] == [("2026-12-02T09:00:00Z", 1)]
    assert codes(result) == ["older_than_what_stands"]


def test_same_sequence_with_a_later_stamp_is_applied():
    later = {**FIRST, "dtstamp": "20261121T090500Z"}
    result = replay_all([mail(**FIRST), mail(**later)])

    assert result.calendars[ANA][0].dtstamp == "2026-11-21T09:05:00Z"
    assert (result.outcomes, codes(result)) == (("created", "updated"), [])


def test_same_sequence_with_an_earlier_stamp_is_ignored():
    earlier = {**FIRST, "dtstamp": "20261121T080000Z"}
    result = replay_all([mail(**FIRST), mail(**earlier)])

    assert result.calendars[ANA][0].dtstamp == "2026-11-21T09:00:00Z"
    assert codes(result) == ["older_than_what_stands"]


def test_same_mail_twice_changes_nothing_and_is_no_anomaly():
    cancel = {**FIRST, "sequence": 1, "dtstamp": "20261121T100000Z"}
    result = replay_all([mail(**FIRST), mail(**FIRST), mail("CANCEL", **cancel), mail("CANCEL", **cancel)])

    assert result.outcomes == ("created", "repeated", "cancelled", "repeated")
    assert codes(result) == []


def test_later_request_after_a_cancel_is_told_as_revived():
    last = {**THIRD, "sequence": 3, "dtstamp": "20261121T120000Z"}
    result = replay_all([mail(**FIRST), mail("CANCEL", **THIRD), mail(**last)])

    assert result.calendars[ANA][0].status == "CONFIRMED"
    assert result.outcomes == ("created", "cancelled", "revived")


def test_mailboxes_are_separate():
    result = replay_all([mail(**FIRST), mail(to="ben@example.org", **FIRST), mail("CANCEL", **THIRD)])

    assert {who: [event.status for event in events] for who, events in result.calendars.items()} == {
        "ana@example.org": ["CANCELLED"],
        "ben@example.org": ["CONFIRMED"],
    }


def test_another_uid_is_another_event():
    assert len(replay([mail(**FIRST), mail(uid="bk-2@hub.example", **FIRST)])[ANA]) == 2


def test_a_mail_without_a_calendar_is_passed_over():
    plain = b"From: a@b.c\r\nTo: ana@example.org\r\nSubject: Requested\r\n\r\nHello\r\n"

    assert replay([read_mail(plain)]) == {}


def test_a_cancel_that_overtakes_its_request_leaves_a_live_event():
    result = replay_all([mail("CANCEL", **SECOND), mail(**FIRST)])

    assert [event.status for event in result.calendars[ANA]] == ["CONFIRMED"]
    assert (result.outcomes, codes(result)) == (("ignored", "created"), ["cancel_unknown"])


def test_a_cancel_sent_as_a_request_leaves_the_event_standing():
    result = replay_all([mail(**FIRST), mail(status="CANCELLED", **SECOND)])

    assert [event.status for event in result.calendars[ANA]] == ["CONFIRMED"]
    assert codes(result) == ["cancelled_by_request"]


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (mail(**{**FIRST, "start": "20261201T091500Z"}), "same_revision_other_content"),
        (mail(**{**SECOND, "sequence": 0}), "moved_without_rise"),
        (mail(**{**SECOND, "dtstamp": "20261121T080000Z"}), "dtstamp_did_not_rise"),
        (mail(**{**SECOND, "dtstamp": FIRST["dtstamp"]}), "dtstamp_did_not_rise"),
        (mail(organizer="ben@hub.example", **SECOND), "organizer_changed"),
        (mail("CANCEL", **{**SECOND, "sequence": 0}), "cancel_without_rise"),
        (mail("CANCEL", status="CONFIRMED", **SECOND), "cancel_without_status"),
        (mail("CANCEL", mime_method="REQUEST", **SECOND), "method_mismatch"),
        (mail("REQUEST", mime_method="CANCEL", **SECOND), "method_mismatch"),
        (mail("REPLY", **SECOND), "method_unsupported"),
        (mail(uid="", **SECOND), "uid_missing"),
        (mail(**{**SECOND, "dtstamp": "20261121T100000"}), "dtstamp_bad"),
        (mail(**{**SECOND, "start": "20261202T090000"}), "not_an_instant"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anomalies_after_a_good_request(second, code):
    assert code in codes(replay_all([mail(**FIRST), second]))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (calendar().replace(b"METHOD:REQUEST\r\n", b""), "method_missing"),
        (b"hello", "unreadable"),
        (calendar() + calendar(), "not_one_calendar"),
        (calendar().replace(b"VEVENT", b"VTODO"), "not_one_event"),
        (calendar(attendee="eve@example.org"), "recipient_not_invited"),
        (calendar(organizer=ANA), "recipient_is_organizer"),
        (calendar().replace(b"ORGANIZER;", b"X-WAS;"), "organizer_missing"),
        (calendar().replace(b"SEQUENCE:0", b"SEQUENCE:one"), "sequence_bad"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anomalies_of_one_mail(content, code):
    assert code in codes(replay_all([read_mail(invitation(content))]))


def test_body_without_a_mime_method_is_refused():
    raw = invitation().replace(b'; method="REQUEST"', b"")
    result = replay_all([read_mail(raw)])

    assert (result.calendars, codes(result)) == ({ANA: []}, ["method_mismatch"])


def test_two_calendar_parts_are_an_anomaly():
    raw = invitation().replace(b"application/ics", b"text/calendar; method=REQUEST")

    assert codes(replay_all([read_mail(raw)])) == ["two_calendar_parts"]


def test_replay_fails_on_any_anomaly():
    with pytest.raises(AssertionError, match="cancel_unknown"):
        replay([mail("CANCEL", **FIRST)])


def test_a_mail_to_two_people_reaches_both_mailboxes():
    both = read_mail(invitation(), recipients=[ANA, "eve@example.org"])
    result = replay_all([both])

    assert {who: len(events) for who, events in result.calendars.items()} == {ANA: 1, "eve@example.org": 1}
    assert codes(result) == ["recipient_not_invited"]


def test_time_with_its_zone_is_read_as_an_instant():
    zone = (
        b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n"
        b"TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    )
    content = calendar().replace(b"BEGIN:VEVENT", zone)
    content = content.replace(b"DTSTART:20261201T090000Z", b"DTSTART;TZID=Europe/Berlin:20261201T100000")

    assert replay([read_mail(invitation(content))])[ANA][0].start == "2026-12-01T09:00:00Z"


def test_cancel_of_the_series_cancels_its_occurrences():
    master = calendar(**FIRST)
    occurrence = master.replace(b"SEQUENCE:", b"RECURRENCE-ID:20261208T090000Z\r\nSEQUENCE:")
    mails = [read_mail(invitation(content)) for content in (master, occurrence)]
    result = replay_all([*mails, mail("CANCEL", **SECOND)])

    assert [event.status for event in result.calendars[ANA]] == ["CANCELLED", "CANCELLED"]


def test_doubles_are_told_by_message_id_and_bytes():
    one, same, other = invitation(), invitation(), invitation(subject="Confirmed: another call")
    mails = [read_mail(raw) for raw in (one, same, invitation(message_id="m2"))]

    assert {message_id: len(found) for message_id, found in doubles(mails).items()} == {"<m1@hub.example>": 2}
    assert differing_doubles(mails) == []
    assert differing_doubles([*mails, read_mail(other)]) == ["<m1@hub.example>"]
