"""Limits on what strangers may try, counted in the database, so that no broker outage lifts them."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from bookings.models import Attempt
from bookings.rules.refusals import Refused

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    """At most `most` tries within `minutes`, for each who; HUB_LIMITS_TIMES widens all of them."""

    scope: str
    most: int
    minutes: int


#: Choosing a time, and asking to keep it.
HOLDS = Limit("hold", 120, 10)
#: Sending the form. A household behind one address counts as one, so there is room.
BOOKINGS = Limit("book", 100, 10)
#: Mails that a stranger's form makes us send to one address.
MAILS = Limit("mail", 30, 60)
#: Cancelling from the manage page.
CHANGES = Limit("change", 60, 10)
#: Asking a calendar server on somebody's word, and reading a file of theirs; counted for each person.
CALENDARS = Limit("calendar", 30, 10)
#: Links that nobody was given.
BAD_LINKS = Limit("link", 60, 10)


def count(limit: Limit, who: str) -> None:
    """Count one try. Raises Refused("too_many_requests") when the limit was reached before; that try isn't counted."""
    count_all([(limit, who)])


def count_all(tries: Collection[tuple[Limit, str]]) -> None:
    """Count several tries as one: none is counted when any limit was reached. Two queries.

    `who` is a keyed hash of at most 64 characters. Two at the very same moment may both pass the last place; a limit
    of this kind needs no lock.
    """
    now = timezone.now()
    mine = Q(pk__in=())
    for limit, who in tries:
        mine |= Q(scope=limit.scope, who=who, at__gt=now - timedelta(minutes=limit.minutes))
    rows = Attempt.objects.filter(mine).order_by().values_list("scope", "who").annotate(n=Count("pk"))
    counted = {(scope, who): n for scope, who, n in rows}
    if any(
        counted.get((limit.scope, who), 0) >= limit.most * settings.HUB_LIMITS_TIMES for limit, who in tries
    ):
        raise Refused("too_many_requests")
    Attempt.objects.bulk_create(Attempt(scope=limit.scope, who=who, at=now) for limit, who in tries)


def count_refusal(limit: Limit, who: str) -> None:
    """Count something refused on a page that itself changes nothing; a database that takes no writes doesn't matter here.

    Raises Refused("too_many_requests") as `count` does.
    """
    try:
        with transaction.atomic():
            count(limit, who)
    except DatabaseError:
        logger.warning("A refusal could not be counted.")
