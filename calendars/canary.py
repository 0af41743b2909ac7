"""Once a day a test event is written to the calendar that bookings go to, read back, and deleted: what its account shows of
writing is then known before a booking depends on it.

It stands in a year that nobody looks at, for as long as that takes. Where it is, is committed before it is written, so
that the next look takes away what a worker that died has left.
"""

import uuid
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from bookings.rules.zones import zone
from calendars import providers, standing
from calendars.models import Calendar, CalendarAccount
from calendars.providers.base import EventData, Failure, Gone, Provider, Silent

EVERY = timedelta(hours=20)
#: Between these hours of its host's clock, or at any time when it is that late.
NIGHT, LATE = range(1, 5), timedelta(hours=44)
#: A test that did not end by then has died.
ENDED = timedelta(minutes=10)
STARTS = datetime(2001, 1, 1, tzinfo=UTC)


def due(*, now: datetime) -> list[int]:
    """Numbers of the accounts whose writing is to be tested now, or whose last test left something behind."""
    accounts = CalendarAccount.objects.select_related("host").distinct()
    left = Q(canary_at__lt=now - ENDED) & ~Q(canary_href="")
    again = Q(calendars__written_for__isnull=False) & (
        Q(canary_at__isnull=True) | Q(canary_at__lt=now - EVERY)
    )
    return [account.pk for account in accounts.filter(left | again) if _is_time(account, now)]


def _is_time(account: CalendarAccount, now: datetime) -> bool:
    last = account.canary_at
    if last is None or account.canary_href or last < now - LATE:
        return True
    return now.astimezone(zone(account.host.time_zone)).hour in NIGHT


def test(account_id: int) -> None:
    """Write, read back and delete a test event, and write down on the account how that went."""
    now = timezone.now()
    account = CalendarAccount.objects.select_related("host__user").get(pk=account_id)
    rows = CalendarAccount.objects.filter(pk=account_id, canary_at=account.canary_at)
    if not rows.update(canary_at=now):
        return  # somebody else is at it
    calendar = Calendar.objects.filter(account=account_id, written_for__isnull=False).first()
    try:
        provider = providers.provider_of(account)
        _clear(account, provider)
        if calendar is not None:
            _try(account, calendar, provider)
    except Failure as failure:
        CalendarAccount.objects.filter(pk=account_id).update(canary_error=failure.code)
        if calendar is not None and isinstance(failure, Gone):
            standing.lost(calendar.pk, failure)
        elif failure.state is not None:
            standing.failed(account_id, failure)
        return
    CalendarAccount.objects.filter(pk=account_id).update(canary_error="")


def _clear(account: CalendarAccount, provider: Provider) -> None:
    """Take away what an earlier test left behind."""
    if not account.canary_href:
        return
    folder, _slash, name = account.canary_href.rpartition("/")
    try:
        stands = provider.find(f"{folder}/", name.removesuffix(".ics"), href=account.canary_href)
        if stands is not None:
            provider.delete(f"{folder}/", stands)
    except Gone:
        pass  # with its calendar
    CalendarAccount.objects.filter(pk=account.pk).update(canary_href="")


def _try(account: CalendarAccount, calendar: Calendar, provider: Provider) -> None:
    event = _event(account)
    href = f"{calendar.url.rstrip('/')}/{event.link}.ics"
    rows = CalendarAccount.objects.filter(pk=account.pk)
    rows.update(canary_href=href)
    provider.create(calendar.url, event)
    stands = provider.find(calendar.url, event, href=href)
    if stands is None or (stands.revision, stands.starts_at) != (event.revision, event.starts_at):
        raise Silent
    provider.delete(calendar.url, stands)
    rows.update(canary_href="")


def _event(account: CalendarAccount) -> EventData:
    with translation.override(account.host.user.language or settings.LANGUAGE_CODE):
        return EventData(
            link=uuid.uuid4().hex,
            revision=1,
            summary=_("Test by Booking Hub"),
            description=_("Booking Hub tests here whether it can write. You can delete this."),
            location="",
            url="",
            starts_at=STARTS,
            ends_at=STARTS + timedelta(minutes=15),
            stamped_at=timezone.now().replace(microsecond=0),
        )
