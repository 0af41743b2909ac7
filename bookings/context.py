"""What the shell of every hub page shows: the count of pending bookings, and whether set-up pages are offered."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from bookings.access import teams_managed_by
from bookings.models import Booking, Host

#: Counts are shown up to 99+, so no page counts further.
COUNTED = 100


def hub(request: HttpRequest) -> dict[str, Any]:
    """Context for signed-in people; nothing at all for the public pages, which read no cookie."""
    user = getattr(request, "user", None)
    if getattr(request, "is_public", False) or user is None:
        return {}
    return {
        "pending_count": SimpleLazyObject(lambda: pending_count(user)),
        "is_manager": SimpleLazyObject(lambda: user.is_authenticated and teams_managed_by(user).exists()),
        "is_host": SimpleLazyObject(
            lambda: user.is_authenticated and Host.objects.filter(user=user).exists()
        ),
    }


def pending_count(user: Any) -> int:
    """How many bookings wait for a decision, counted up to 100."""
    return Booking.objects.visible_to(user).pending().order_by()[:COUNTED].count()
