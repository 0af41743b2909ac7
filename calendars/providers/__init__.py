"""Calendar servers, one module for each way of talking to them, all behind `base.Provider`."""

from calendars.models import CalendarAccount
from calendars.providers.base import Provider, SignInRefused


def provider_of(account: CalendarAccount, **limits: float) -> Provider:
    """The provider of an account that is read from somewhere; `seconds`: for each call, where that is less than usual.

    Raises SignInRefused where its access can't be opened any more.
    """
    # Late: they bring the HTTP client with them, which no page needs.
    from calendars.providers import caldav, feed

    access = account.access
    if access is None:
        raise SignInRefused("calendar_key_gone")
    if account.kind == CalendarAccount.Kind.FEED:
        return feed.Feed(access, **limits)
    return caldav.CalDAV(access, **limits)
