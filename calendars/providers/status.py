"""What the status of an HTTP answer says that is not about calendars: who asks, how often, or that the server is out of order."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from calendars.providers.base import Busy, SignInRefused, Silent
from calendars.remote import Answer

#: A server is left alone no longer than this, whatever it asks for.
LONGEST_WAIT = timedelta(hours=6)
#: Too slow, locked, too early: the same request may do later.
_LATER = (408, 423, 425)


def check_answered(answer: Answer) -> None:
    """Raise SignInRefused, Busy or Silent where an answer says so; say nothing of all others. Only 401 is about the password."""
    after = wait_of(answer.headers.get("retry-after", ""), now=datetime.now(UTC))
    if answer.status == 401:
        raise SignInRefused
    if answer.status in (429, 503):
        raise Busy(after=after)
    # 507 is about the room that is left, and whoever wrote knows about that.
    is_broken = answer.status >= 500 and answer.status not in (501, 505, 507)
    if is_broken or answer.status in _LATER or answer.is_redirect:
        raise Silent(after=after)


def wait_of(text: str, *, now: datetime) -> timedelta | None:
    """Retry-After, in seconds or as a date (RFC 9110 10.2.3); None where it says nothing that makes sense."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST_WAIT)
