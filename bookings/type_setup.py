"""The booking types of a team as a list: their order, copies, put away and brought back. Each verb is one transaction.

What one type says is written by its form (bookings.forms.type_editor); who may call is decided before.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext, pgettext

from bookings import slugs
from bookings.models import BookingType, Question, Team, TypeHost

_LONGEST_NAME = BookingType._meta.get_field("name").max_length


def begin(team: Team) -> BookingType:
    """A type as it stands before anybody has typed anything, with reasons on offer in the team's language; not saved."""
    with translation.override(team.language):
        reasons = [
            pgettext("reason", "No longer needed"),
            pgettext("reason", "Another time suits better"),
            pgettext("reason", "Illness"),
        ]
    return BookingType(team=team, durations=[30], preset_reasons=reasons)


@transaction.atomic
def move(kind: BookingType, *, steps: int) -> None:
    """Move a type in its team's list, towards the end by so many places, or towards the beginning by a negative number."""
    # The team's row is the lock: two moves at once must not work on the same order.
    list(Team.objects.select_for_update().filter(pk=kind.team_id).values_list("pk"))
    rows = list(BookingType.objects.filter(team=kind.team_id, archived_at__isnull=True))
    at = next((at for at, row in enumerate(rows) if row.pk == kind.pk), None)
    if at is None:
        return
    rows.insert(max(0, at + steps), rows.pop(at))
    for position, row in enumerate(rows):
        row.position = position
    BookingType.objects.bulk_update(rows, ["position"])


@transaction.atomic
def duplicate(kind: BookingType) -> BookingType:
    """Make a copy of a type with its hosts, places and questions, at the end of the list and closed for booking."""
    copy = BookingType.objects.get(pk=kind.pk)
    copy.pk = None
    copy._state.adding = True
    copy.name = gettext("Copy of %(name)s") % {"name": kind.name}
    copy.name = copy.name[:_LONGEST_NAME].strip()
    copy.slug = slugs.type_slug(copy.name, team=kind.team)
    copy.is_active, copy.link_nonce = False, ""
    copy.created_at, copy.archived_at = timezone.now(), None
    copy.position = BookingType.objects.filter(team=kind.team_id).count()
    copy.save()
    copy.locations.set(kind.locations.all())
    TypeHost.objects.bulk_create(
        TypeHost(
            booking_type=copy,
            host_id=part.host_id,
            weight=part.weight,
            priority=part.priority,
            is_fixed=part.is_fixed,
            is_paused=part.is_paused,
        )
        for part in kind.type_hosts.all()
    )
    Question.objects.bulk_create(
        Question(
            booking_type=copy,
            label=question.label,
            hint=question.hint,
            kind=question.kind,
            options=question.options,
            is_required=question.is_required,
            position=question.position,
        )
        for question in kind.questions.filter(archived_at__isnull=True)
    )
    return copy


def put_away(kind: BookingType, *, now: datetime) -> None:
    """Take a type out of every list, closed for booking; what is booked stands."""
    BookingType.objects.filter(pk=kind.pk, archived_at__isnull=True).update(archived_at=now, is_active=False)


def bring_back(kind: BookingType) -> None:
    """Put a type back into the list of its team, still closed for booking."""
    BookingType.objects.filter(pk=kind.pk).update(archived_at=None)
