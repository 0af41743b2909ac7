"""The Workshop: the team whose bookings pictures change, with its types, its people and its links."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from bookings import lifecycle, private_links
from bookings.models import BookingType, Host, SingleUseLink, User
from calendars import standing
from calendars.models import Calendar, CalendarAccount
from calendars.providers.base import SignInRefused, Silent
from tests.cast import make_host, make_type
from tests.shots.cast import LONG_NAME, LONG_WORD, WANDA, YARA
from tests.shots.deeds import first_free, host_of
from tests.shots.furniture.bookings import bookings_that_change, bookings_that_cost, gone_astray, replied_to
from tests.shots.furniture.made import a_member, a_place, a_team, an_account
from tests.shots.stage import Stage


def workshop(stage: Stage) -> None:
    team = a_team("Workshop", "workshop")
    wanda = a_member(team, "Wanda Berg", WANDA, "manager")
    host = make_host(wanda)
    place = a_place(team)
    reasons = ["No longer needed", "Another time suits better"]
    common = {"location": place, "durations": [15], "slot_interval_minutes": 15, "window_days": 90}
    by_hand = make_type(
        team,
        host,
        name="Repair",
        approval="always",
        cancel_reason="both",
        reschedule_reason="booker",
        preset_reasons=reasons,
        **common,
    )
    free = make_type(
        team, host, name="Fitting", cancel_reason="both", preset_reasons=reasons, max_guests=5, **common
    )
    never = make_type(team, host, name="Hire", cancel_policy="never", reschedule_policy="never", **common)
    late = make_type(
        team,
        host,
        name="Loan",
        cancel_policy="with_notice",
        cancel_notice_hours=24 * 80,
        reschedule_policy="with_notice",
        reschedule_notice_hours=24 * 80,
        **common,
    )
    second = make_host(a_member(team, "Yara Adler", YARA, "host"))
    either = make_type(team, host, second, name="Survey", assignment="round_robin", **common)
    _refused_account(stage, second)
    course = make_type(
        team,
        host,
        name="Course",
        price_cents=9050,
        currency="EUR",
        payment_window_minutes=7 * 1440,
        payment_instructions="Workshop, IBAN DE02 1203 0000 0000 2020 51\nName the reference of the booking.",
        **common,
    )
    closed = make_type(team, host, name="Sale", is_active=False, **common)
    full = make_type(
        team,
        make_host(
            a_member(team, "Zac Closed", "zac@workshop.example", "host"), weekly=[[] for _ in range(7)]
        ),
        name="Auction",
        **common,
    )
    stage.things |= {
        "workshop": team,
        "by_hand": by_hand,
        "free": free,
        "never": never,
        "late": late,
        "course": course,
        "closed": closed,
        "full": full,
        "wanda": wanda,
    }
    _links(stage, free, closed, by=wanda)
    a_member(team, "Noa Pass", "nopass@workshop.example", "host")
    User.objects.filter(email="nopass@workshop.example").update(password=make_password(None))
    stage.things |= {
        "stands": stage.confirmed(free),
        "no_cancel": stage.confirmed(never),
        "too_late": stage.confirmed(late),
        "asked": stage.book(by_hand),
        "settling": stage.book(free),
        "unchecked": stage.confirmed(make_type(team, second, name="Advice", **common)),
    }
    stage.things["replied"] = replied_to(stage, free)
    stage.things["astray"] = gone_astray(stage, make_type(team, second, name="Visit", **common), second)
    called_off = stage.confirmed(free)
    stage.things["called_off"] = lifecycle.cancel_by_booker(
        called_off.pk, version=called_off.version, name=called_off.booker_name, reason="No longer needed"
    )
    turned_down = stage.book(by_hand)
    stage.things["turned_down"] = lifecycle.decline(
        turned_down.pk,
        actor=host_of(turned_down),
        version=turned_down.version,
        reason="We are away that day.",
    )
    bookings_that_change(stage, by_hand, free, never, either)
    bookings_that_cost(stage, course)


def _refused_account(stage: Stage, host: Host) -> None:
    """An account whose password was changed, with a subscription beside it that doesn't answer."""
    account = an_account(host, "Nextcloud")
    Calendar.objects.create(
        account=account, name="Yara’s calendar", url="a/", hue=9, written_for=host, can_write=True
    )
    standing.settle(host.pk)
    standing.failed(account.pk, SignInRefused())
    feed = an_account(host, "School holidays", kind=CalendarAccount.Kind.FEED)
    Calendar.objects.create(account=feed, name="School holidays", hue=4, counts_as_busy=False)
    standing.failed(feed.pk, Silent())
    CalendarAccount.objects.filter(pk=feed.pk).update(next_try_at=timezone.now() + timedelta(minutes=8))
    stage.things["refused_account"] = account


def _links(stage: Stage, free: BookingType, closed: BookingType, *, by: User) -> None:
    """Private links of every kind and state."""
    for kind in (free, closed):
        private_links.renew(kind)
    facts, ahead = private_links.Facts, timezone.now() + timedelta(days=20)
    stage.things["once"] = private_links.make(
        free, facts("After the fair", "Zoë Lefèvre", "zoe@riviere.example", ahead), by=by
    )
    private_links.make(free, facts(name=LONG_NAME, note=LONG_WORD * 2), by=by)
    used, late, revoked = (
        private_links.make(free, facts(note=note), by=by) for note in ("Used", "Late", "Gone")
    )
    private_links.revoke(revoked, now=timezone.now())
    SingleUseLink.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(days=3))
    booker = lifecycle.Booker("Omar Field", email="omar@riviere.example")
    lifecycle.book(
        first_free(free),
        booker,
        actor=lifecycle.booker(booker.name),
        admission=lifecycle.SingleUse(used.pk),
    )
    stage.things["once_used"] = used
