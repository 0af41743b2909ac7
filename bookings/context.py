"""What the shell of every hub page shows: how much waits, how much is new, and whether set-up pages are offered."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, IntegerField, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from bookings.bell import Seen, seen_by, unseen
from bookings.models import Booking, Host, Membership, User

#: Counts are shown up to 99+, so no page counts further.
COUNTED = 100


class Shell(NamedTuple):
    """What the frame of a page shows of whoever reads it."""

    pending_count: int
    bell_count: int
    is_manager: bool
    #: How the connected calendar of a host stands; None for who is none.
    calendar_state: str | None


class CountOf(Subquery):
    """How many rows a query has; unlike Count it may stop at a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def hub(request: HttpRequest) -> dict[str, Any]:
    """Context for signed-in people; nothing at all for the public pages, which read no cookie."""
    user = getattr(request, "user", None)
    if getattr(request, "is_public", False) or user is None:
        return {}
    shell = SimpleLazyObject(lambda: _shell(request, user))
    return {
        "bell_count": SimpleLazyObject(lambda: shell.bell_count),
        "pending_count": SimpleLazyObject(lambda: shell.pending_count),
        "is_manager": SimpleLazyObject(lambda: shell.is_manager),
        "is_host": SimpleLazyObject(lambda: shell.calendar_state is not None),
        "calendar_state": SimpleLazyObject(lambda: shell.calendar_state or ""),
    }


def _shell(request: HttpRequest, user: Any) -> Shell:
    if not user.is_authenticated:
        return Shell(0, 0, False, None)
    return shell_of(user, seen_by(user, request.session), now=timezone.now())


def shell_of(user: User, seen: Seen, *, now: datetime) -> Shell:
    """The shell of somebody's pages, in one query; requests that wait and news are counted up to 100."""
    waiting = Booking.objects.visible_to(user).pending().order_by().values("pk")[:COUNTED]
    news = unseen(user, seen, now=now).order_by().values("pk")[:COUNTED]
    manages = Membership.objects.filter(user=user.pk, role=Membership.Role.MANAGER)
    calendar = Host.objects.filter(user=user.pk).values("calendar_state")
    row = (
        User.objects.filter(pk=user.pk)
        .values_list(CountOf(waiting), CountOf(news), Exists(manages), Subquery(calendar))
        .get()
    )
    return Shell(row[0], row[1], row[2] or user.is_administrator, row[3])
