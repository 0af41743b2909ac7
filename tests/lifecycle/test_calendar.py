"""The one door through which it is written how a host's calendar stands, and the one mail about a broken one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Delivery, Host, User
from tests.cast import Cast

Cause = Host.CalendarCause
NAME = "Ben’s calendar (Nextcloud)"


def check(cast: Cast) -> Host:
    return lifecycle.calendar_checked(cast.ben_host.pk, label=NAME, as_of=timezone.now())


def breaks(cast: Cast, cause: Cause = Cause.REFUSED) -> Host:
    return lifecycle.calendar_broke(cast.ben_host.pk, label=NAME, cause=cause)


def told() -> list[str]:
    return list(Delivery.objects.filter(kind="calendar_broken").values_list("recipient", flat=True))


def test_what_was_read_is_in_step(cast: Cast) -> None:
    before = timezone.now()
    host = check(cast)
    assert (host.calendar_state, host.calendar_label, host.calendar_broken_at) == ("ok", NAME, None)
    assert host.busy_as_of >= before
    # A second one counts from now on, and was read an hour ago.
    earlier = before - timedelta(hours=1)
    assert lifecycle.calendar_checked(host.pk, label=NAME, as_of=earlier).busy_as_of == earlier


def test_breaking_tells_its_host_once(cast: Cast) -> None:
    """Break: write the mail at each call, and a host is mailed with every try that fails."""
    check(cast)
    host = breaks(cast, Cause.SILENT)
    assert (host.calendar_state, host.calendar_cause) == ("broken", "silent")
    since = host.calendar_broken_at
    again = breaks(cast, Cause.REFUSED)
    assert (again.calendar_cause, again.calendar_broken_at) == ("refused", since)
    lifecycle.calendar_outdated(host.pk)
    host.refresh_from_db()
    assert host.calendar_state == "broken"
    breaks(cast)
    assert told() == ["ben@heliograf.example"]


def test_it_is_told_again_once_it_has_worked_in_between(cast: Cast) -> None:
    """Break: let `_mend` keep `calendar_broken_at`, and the first mail goes out beside the second."""
    for _ in range(2):
        check(cast)
        breaks(cast)
    assert told() == ["ben@heliograf.example"] * 2
    host = check(cast)
    assert (host.calendar_state, host.calendar_cause, host.calendar_broken_at) == ("ok", "", None)


def test_the_mail_goes_out_and_names_what_still_works(cast: Cast, work: Callable[[], None]) -> None:
    check(cast)
    breaks(cast)
    work()
    row = Delivery.objects.get(kind="calendar_broken")
    assert (row.state, row.outcome["code"], row.host, row.team) == ("done", "mailed", cast.ben_host, None)
    [letter] = mail.outbox
    assert letter.to == ["ben@heliograf.example"]
    assert NAME in letter.subject
    assert "No booking is lost. Your times are still offered" in letter.body
    assert "/hours/#calendar" in letter.body


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_mail_says_that_nothing_is_offered_where_the_host_chose_so(
    cast: Cast, work: Callable[[], None], language: str
) -> None:
    Host.objects.filter(pk=cast.ben_host.pk).update(offers_nothing_unchecked=True)
    User.objects.filter(pk=cast.ben.pk).update(language=language)
    check(cast)
    breaks(cast)
    work()
    [letter] = mail.outbox
    assert (
        "no times of yours are offered" if language == "en" else "werden keine Zeiten mit Ihnen angeboten"
    ) in " ".join(letter.body.split())
    assert "still offered" not in letter.body


def test_a_mail_that_did_not_leave_before_it_worked_again_stays_unsent(
    cast: Cast, work: Callable[[], None]
) -> None:
    """Break: compare nothing in `mails._is_withdrawn`, and the host reads of what is mended."""
    check(cast)
    breaks(cast)
    check(cast)
    breaks(cast)
    work()
    outcomes = Delivery.objects.filter(kind="calendar_broken").order_by("pk")
    assert [row.outcome["code"] for row in outcomes] == ["withdrawn", "mailed"]
    assert len(mail.outbox) == 1


def test_who_can_not_sign_in_any_more_is_told_nothing(cast: Cast) -> None:
    cast.ben.is_active = False
    cast.ben.save()
    assert breaks(cast).calendar_state == "broken"
    assert told() == []


def test_what_is_not_read_for_long_is_stale_until_it_is(cast: Cast) -> None:
    assert lifecycle.calendar_outdated(cast.ben_host.pk).calendar_state == "none"
    check(cast)
    assert lifecycle.calendar_outdated(cast.ben_host.pk).calendar_state == "stale"
    assert check(cast).calendar_state == "ok"
    assert told() == []


def test_a_calendar_that_is_removed_leaves_nothing(cast: Cast) -> None:
    check(cast)
    breaks(cast)
    host = lifecycle.calendar_removed(cast.ben_host.pk)
    assert not host.has_calendar
    assert (host.calendar_label, host.busy_as_of, host.calendar_cause) == ("", None, "")


@pytest.mark.parametrize("cause", Cause)
def test_other_hosts_and_other_columns_are_left_alone(cast: Cast, cause: Cause) -> None:
    Host.objects.filter(pk=cast.ben_host.pk).update(max_per_day=3)
    host = breaks(cast, cause)
    host.refresh_from_db()
    cast.cleo_host.refresh_from_db()
    assert (host.max_per_day, cast.cleo_host.calendar_state) == (3, "none")
    assert cause.label.endswith(".")


def test_bookings_are_written_to_a_calendar_until_none_is_connected(cast: Cast) -> None:
    check(cast)
    assert lifecycle.calendar_chosen(cast.ben_host.pk, is_written=True).has_write_calendar
    assert lifecycle.calendar_chosen(cast.ben_host.pk, is_written=False).has_write_calendar is False
    lifecycle.calendar_chosen(cast.ben_host.pk, is_written=True)
    assert not lifecycle.calendar_removed(cast.ben_host.pk).has_write_calendar
