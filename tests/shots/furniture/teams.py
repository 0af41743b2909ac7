"""Three small teams: one with nothing, one with one of everything, and one with the longest names that may be."""

from bookings import lifecycle, links
from bookings.models import Host
from calendars import standing
from calendars.models import Calendar, CalendarAccount, Feed
from tests.cast import make_host, make_type
from tests.shots.cast import EVE, FROM_RIGHT, KIM, LONG_NAME, LONG_REASON, LONG_WORD, LOU
from tests.shots.deeds import host_of, settle
from tests.shots.furniture.made import a_member, a_place, a_team, an_account
from tests.shots.stage import Stage


def silent(stage: Stage) -> None:
    team = a_team("Silent Studio", "silent")
    stage.things["silent_user"] = a_member(team, "Eve Lund", EVE, "manager")
    stage.things["silent_team"] = team


def kite(stage: Stage) -> None:
    team = a_team("Kite Atelier", "kite")
    host = make_host(a_member(team, "Kim Sato", KIM, "manager"))
    kind = make_type(team, host, name="Fitting", location=a_place(team), approval="always")
    stage.things |= {
        "kite_team": team,
        "kite_type": kind,
        "kite_host": host,
        "one_pending": stage.book(kind, "Noor Haddad"),
    }


def long(stage: Stage) -> None:
    team = a_team("Internationale Gesellschaft für Photovoltaik-Planung Leipzig", "long")
    host = make_host(a_member(team, LONG_NAME, LOU, "manager"))
    Feed.objects.create(host=host, shows=Feed.Shows.DETAILS, nonce=links.new_nonce())
    place = a_place(
        team,
        name="Besprechungsraum Friedrich-Wilhelm-Raiffeisen im Hinterhaus",
        details=f"{LONG_WORD}straße 12, Leipzig",
    )
    other = make_host(a_member(team, LONG_WORD, "word@long.example", "host"))
    kind = make_type(
        team,
        host,
        other,
        name="Erstberatung zu Photovoltaik, Speicher, Wärmepumpe und Netz",
        location=place,
        approval="always",
        slug="erstberatung",
        assignment="collective",
    )
    first = stage.book(
        kind, LONG_WORD, email=f"{LONG_WORD.lower()}@{'sub.' * 8}riviere.example", notes=LONG_REASON
    )
    stage.book(kind, FROM_RIGHT, notes="الرجاء الاتصال قبل الموعد")
    stage.book(kind, LONG_NAME)
    gone = settle(stage.book(kind, FROM_RIGHT))
    lifecycle.cancel(gone.pk, actor=host_of(gone), version=gone.version, reason=LONG_REASON[:900])
    done = lifecycle.decline(
        stage.book(kind, LONG_NAME).pk, actor=host_of(gone), version=1, reason=LONG_REASON[:900]
    )
    stage.things |= {
        "long_team": team,
        "long_type": kind,
        "long_pending": first,
        "long_cancelled": gone,
        "long_declined": done,
        "long_host": host,
        "long_account": _full_account(host),
    }


def _full_account(host: Host) -> CalendarAccount:
    """An account in step with whatever a calendar of it can be."""
    account = an_account(host, "Nextcloud der Gesellschaft für Solartechnik und Energieberatung Leipzig mbH")
    common = {"account": account, "can_write": True, "read_at": account.read_at}
    Calendar.objects.create(name="Personal", url="a/", hue=9, written_for=host, **common)
    Calendar.objects.create(
        name=LONG_NAME, url="b/", hue=4, skipped=2, found=240, **{**common, "can_write": False}
    )
    Calendar.objects.create(
        name="Choir", url="c/", hue=12, is_new=True, counts_as_busy=False, is_shown=False, **common
    )
    Calendar.objects.create(name="Sports club", url="d/", hue=6, state="gone", counts_as_busy=False, **common)
    standing.settle(host.pk)
    return account
