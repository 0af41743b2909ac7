"""Load the demonstration, once: in one transaction, the same from the same day on, with no mail leaving the house."""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from bookings import elsewhere
from bookings.demo import cast, coming, past
from bookings.models import BookingChange, Team, User

SEED = 20270309


def is_loaded() -> bool:
    return Team.objects.filter(slug__in=cast.SLUGS).exists()


def has_other_teams() -> bool:
    return Team.objects.exclude(slug__in=cast.SLUGS).exists()


def load(now: datetime) -> None:
    """Make people, types and bookings around `now`. Nothing is made when it is there already."""
    with transaction.atomic():
        if is_loaded():
            return
        random = Random(SEED)  # noqa: S311 - the same demonstration each time is the point
        stage = cast.build(now)
        past.relate(stage, random=random, now=now)
        coming.arrange(stage, random=random, now=now)
        cast.converse(stage, now)
        elsewhere.sample_calendar.ask(stage.hosts["ben"], now)
        _look_at_the_bell(now)


def _look_at_the_bell(now: datetime) -> None:
    """Let everybody have looked yesterday, so that the bell tells of some things and not of all."""
    before = BookingChange.objects.filter(at__lte=now - timedelta(hours=20)).order_by("-pk")
    mark = before.values_list("pk", flat=True).first() or 0
    User.objects.update(bell_seen_change=mark)
