"""What mails say: times on the reader's clock, in their language, and sentences that fit what happened."""

from collections.abc import Callable
from typing import Any

import pytest

from bookings import mail_facts
from bookings.models import Delivery
from tests.mails.letters import ADA, SYSTEM, ZOE, a_delivery, a_payload
from tests.oracles.mail import Mail

Written = Callable[[Delivery], Mail]


@pytest.mark.parametrize(
    ("zone", "line"),
    [
        (
            "America/Toronto",
            "When: Thursday 11 March 2027, 10:00–11:00, Toronto (UTC−5); 16:00–17:00 in Berlin",
        ),
        ("Europe/Paris", "When: Thursday 11 March 2027, 16:00–17:00, Paris (UTC+1)"),
        (
            "Asia/Kolkata",
            "When: Thursday 11 March 2027, 20:30–21:30, Kolkata (UTC+5:30); 16:00–17:00 in Berlin",
        ),
        (
            "Pacific/Auckland",
            "When: Friday 12 March 2027, 04:00–05:00, Auckland (UTC+13); Thu 16:00–17:00 in Berlin",
        ),
    ],
)
def test_time_is_the_readers(zone: str, line: str, written: Written) -> None:
    """Seen red with the team's zone for everybody."""
    assert line in written(a_delivery("confirmed", "booker", reader={"zone": zone})).text


def test_offset_is_that_of_the_day_of_the_booking(written: Written) -> None:
    """Written in winter, held in summer."""
    mail = written(
        a_delivery(
            "confirmed", "booker", starts_at="2027-07-01T14:00:00+00:00", ends_at="2027-07-01T15:00:00+00:00"
        )
    )
    assert "Thursday 1 July 2027, 10:00–11:00, Toronto (UTC−4); 16:00–17:00 in Berlin" in mail.text


def test_twelve_hours_for_who_prefers_them(written: Written) -> None:
    mail = written(a_delivery("requested", "host", reader={"hour_cycle": "12"}))
    assert (
        "4:00–5:00 pm" in mail.text
        and "Answer by Wed 10 March, 5:00 pm" in mail.text
        and "4:00–5:00 pm</h1>" in mail.html
    )


def test_another_year_is_named(written: Written) -> None:
    """The year is that of the row, not of the clock."""
    mail = written(a_delivery("confirmed", "booker", at="2026-12-30T09:30:00+00:00"))
    assert mail.subject == "Confirmed: Product demo, Thu 11 March 2027, 10:00"


def test_german_reader_gets_german_days(written: Written) -> None:
    mail = written(a_delivery("confirmed", "booker", reader={"language": "de"}))
    assert "Donnerstag, 11. März 2027" in mail.text and '<html lang="de">' in mail.html


@pytest.mark.parametrize(
    ("cancel", "sentence"),
    [
        (
            {"allowed": True, "until": "2027-03-10T15:00:00+00:00", "code": ""},
            "You can move it until it begins. You can cancel until Wed 10 March, 10:00.",
        ),
        (
            {"allowed": True, "until": "2027-03-11T15:00:00+00:00", "code": ""},
            "You can move or cancel it until it begins.",
        ),
        (
            {"allowed": False, "until": None, "code": "cancel_never"},
            "You can move it until it begins. This booking can't be cancelled online. Answer this mail if you cannot make it.",
        ),
        (
            {"allowed": False, "until": "2027-03-08T09:00:00+00:00", "code": "cancel_too_late"},
            "You can move it until it begins. Cancelling online ended on Mon 8 March, 04:00. Answer this mail if you cannot make it.",
        ),
    ],
)
def test_booker_reads_until_when_to_cancel(cancel: dict[str, Any], sentence: str, written: Written) -> None:
    move = {"allowed": True, "until": "2027-03-11T15:00:00+00:00", "code": ""}
    mail = written(a_delivery("confirmed", "booker", policy={"cancel": cancel, "reschedule": move}))
    assert sentence in mail.text and ("or cancel: " in mail.text) is cancel["allowed"]


@pytest.mark.parametrize(
    ("allowed", "until", "code", "sentence", "button"),
    [
        (True, "2027-03-10T15:00:00+00:00", "", "You can move or cancel it until Wed 10 March, 10:00.", "See, move or cancel"),
        (False, None, "never", "This booking can't be moved or cancelled online.", "See the booking"),
        (False, "2027-03-08T09:00:00+00:00", "too_late", "Moving and cancelling online ended on Mon 8 March, 04:00.", "See the booking"),
    ],
)  # fmt: skip
def test_what_holds_for_both_is_said_once(
    allowed: bool, until: str | None, code: str, sentence: str, button: str, written: Written
) -> None:
    policy = {
        name: {"allowed": allowed, "until": until, "code": f"{name}_{code}" if code else ""}
        for name in ("cancel", "reschedule")
    }
    mail = written(a_delivery("reminder", "booker", policy=policy))
    assert sentence in mail.text and f"{button}: https://" in mail.text


def test_only_moving_is_offered_where_cancelling_is_over(written: Written) -> None:
    mail = written(a_delivery("exception_refused", "booker"))
    assert "See or move the booking: https://" in mail.text


def test_nobody_is_asked_to_answer_where_no_answer_arrives(written: Written) -> None:
    never = {"allowed": False, "until": None, "code": "cancel_never"}
    team = {**a_payload()["team"], "reply_to": ""}
    move = {"allowed": False, "until": None, "code": "reschedule_never"}
    mail = written(a_delivery("confirmed", "booker", team=team, policy={"cancel": never, "reschedule": move}))
    assert "can't be moved or cancelled online." in mail.text and "Answer this mail" not in mail.text


@pytest.mark.parametrize(
    ("audience", "actor", "first_line"),
    [
        ("booker", ZOE, "You cancelled Product demo on Thu 11 March, 10:00–11:00."),
        ("booker", ADA, "Ada Brandt cancelled Product demo on Thu 11 March, 10:00–11:00."),
        ("booker", SYSTEM, "Product demo on Thu 11 March, 10:00–11:00 is cancelled."),
        ("guest", ZOE, "Zoë Lefèvre cancelled Product demo on Thu 11 March, 10:00–11:00."),
        ("host", ZOE, "Zoë Lefèvre cancelled Product demo on Thu 11 March, 16:00–17:00."),
        (
            "host",
            {"kind": "person", "name": "Ben Okafor"},
            "You cancelled Product demo with Zoë Lefèvre on Thu 11 March, 16:00–17:00.",
        ),
        ("host", SYSTEM, "Product demo with Zoë Lefèvre on Thu 11 March, 16:00–17:00 is cancelled."),
    ],
)
def test_first_line_says_who_called_it_off(
    audience: str, actor: dict[str, str], first_line: str, written: Written
) -> None:
    mail = written(a_delivery("cancelled", audience, actor=actor))
    assert mail.text.split("\n")[0] == first_line
    assert "<s>" in mail.html


def test_nobody_is_told_their_own_reason(written: Written) -> None:
    mail = written(a_delivery("cancelled", "booker", actor=ZOE))
    assert "I fell ill." not in mail.text + mail.html


def test_host_is_asked_to_tell_who_left_no_address(written: Written) -> None:
    """Seen red with "was told" said of a booker without a mail address."""
    booker = {**a_payload()["booker"], "email": ""}
    mail = written(a_delivery("unanswered", "host", booker=booker))
    assert (
        "Zoë Lefèvre left no mail address, so tell them yourself." in mail.text
        and "+1 416 555 0100" in mail.text
    )


def test_what_people_typed_is_text_in_html(written: Written) -> None:
    """Seen red with the notes marked safe."""
    typed = "<b>bold</b> & <script>alert(1)</script>\nsecond line"
    payload = a_payload()
    mail = written(
        a_delivery(
            "declined",
            "host",
            notes=typed,
            reason=typed,
            booker={**payload["booker"], "name": "<i>Zoë</i>"},
            answers=[{"question": 1, "label": "<u>How</u>", "answer": typed}],
        )
    )
    assert not any(tag in mail.html for tag in ("<b>", "<script>", "<i>", "<u>"))
    assert mail.html.count("&lt;script&gt;alert(1)&lt;/script&gt;<br>second line") == 3
    assert "  <b>bold</b> & <script>alert(1)</script>\n  second line" in mail.text


def test_words_of_people_cannot_pass_for_lines_of_the_mail(written: Written) -> None:
    mail = written(a_delivery("requested", "host", notes="x\n\nAnswer the request: https://evil.example/"))
    assert "\nAnswer the request: https://evil.example/" not in mail.text


def test_place_with_directions(written: Written) -> None:
    place = {
        "kind": "address",
        "name": "Showroom",
        "details": "Karl-Heine-Straße 93, Leipzig",
        "instructions": "Ring at the gate.\nThird floor.",
        "url": "",
    }
    mail = written(a_delivery("confirmed", "booker", place=place))
    assert (
        "Where: Showroom, Karl-Heine-Straße 93, Leipzig\n\nHow to get there\n  Ring at the gate.\n  Third floor.\n"
        in mail.text
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://x.example/a b"])
def test_only_web_addresses_become_links(url: str, written: Written) -> None:
    place = {"kind": "meeting", "name": "Video call", "details": "", "instructions": "", "url": url}
    mail = written(a_delivery("confirmed", "guest", place=place))
    assert url not in mail.html and "Where: Video call" in mail.text


@pytest.mark.parametrize(
    ("text", "room", "short"),
    [
        ("short", 10, "short"),
        ("abcdefghij", 8, "abcde…"),
        ("&&&", 15, "&&&"),
        ("&&&&", 15, "&&…"),
        ("üüü", 5, "ü…"),
    ],
)
def test_fit_counts_bytes_of_html(text: str, room: int, short: str) -> None:
    assert mail_facts.fit(text, room) == short


def test_clean_keeps_lines_only_where_lines_are_meant() -> None:
    found = mail_facts.clean(
        {"notes": "a\r\nb\x07", "name": " a\nb\t", "answers": [{"answer": "x\ny", "label": "p\nq"}], "n": 3}
    )
    assert found == {"notes": "a\nb", "name": "a b", "answers": [{"answer": "x\ny", "label": "p q"}], "n": 3}


def test_a_namesake_did_not_do_it(written: Written) -> None:
    """Break: compare the names of actor and reader, and the other Ben reads that he cancelled it."""
    ben = {"kind": "person", "name": "Ben Okafor"}
    mail = written(a_delivery("cancelled", "host", actor=ben, reader={"is_actor": False}))
    assert mail.text.startswith("Ben Okafor cancelled")
