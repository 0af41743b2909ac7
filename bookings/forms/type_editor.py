"""A booking type with all that belongs to it, as one thing to check, to look at beforehand and to save."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from bookings import availability, lifecycle
from bookings.forms.types import PartForm, PlaceForm, QuestionFormSet, TypeForm, hosts_problem, part_forms
from bookings.models import BookingType, Host, Location, Question, Team, TypeHost, User


@dataclass
class TypeEditor:
    """The forms of one page: the type, its hosts, its questions, and a place to be made along with it."""

    team: Team
    form: TypeForm
    parts: list[PartForm]
    questions: Any
    place: PlaceForm
    host_error: str = ""

    @property
    def kind(self) -> BookingType:
        """The type as the form would make it; saved or not."""
        return self.form.instance

    @property
    def is_bound(self) -> bool:
        return self.form.is_bound

    @property
    def chosen(self) -> list[PartForm]:
        return [part for part in self.parts if part.cleaned_data.get("takes_part")]

    def is_valid(self) -> bool:
        """Check every form, so that every error shows at once."""
        results = [form.is_valid() for form in (self.form, self.questions, self.place, *self.parts)]
        if all(part.is_valid() for part in self.parts):
            self.host_error = hosts_problem(self.form.cleaned_data.get("assignment", ""), len(self.chosen))
        return all(results) and not self.host_error

    @transaction.atomic
    def save(self) -> BookingType:
        """Write the type, its hosts, places and questions together."""
        kind = self.form.save(commit=False)
        if kind.pk is None:
            kind.position = BookingType.objects.filter(team=self.team).count()
        kind.save()
        made = self.place.save()
        kind.locations.set([*self.form.cleaned_data["locations"], *([made] if made else [])])
        self._save_parts(kind)
        self._save_questions(kind)
        if "reminders" in self.form.changed_data:
            lifecycle.reset_reminders(kind, now=timezone.now())
        return kind

    def _save_parts(self, kind: BookingType) -> None:
        """Hosts who stay keep the day they joined, which the fair pick counts from."""
        kept = {part.host.pk for part in self.chosen}
        team_hosts = [part.host.pk for part in self.parts]
        kind.type_hosts.filter(host__in=team_hosts).exclude(host__in=kept).delete()
        for part in self.chosen:
            row = part.part(kind)
            values = {
                "weight": row.weight,
                "priority": row.priority,
                "is_fixed": row.is_fixed,
                "is_paused": row.is_paused,
            }
            TypeHost.objects.update_or_create(booking_type=kind, host=part.host, defaults=values)

    def _save_questions(self, kind: BookingType) -> None:
        self.questions.instance = kind
        self.questions.save(commit=False)
        Question.objects.filter(pk__in=[row.pk for row in self.questions.deleted_objects]).update(
            archived_at=timezone.now()
        )
        kept = [
            form
            for form in self.questions.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE") and form.cleaned_data.get("label")
        ]
        kept.sort(key=lambda form: form.cleaned_data.get("ORDER") or 999)
        for position, form in enumerate(kept):
            form.instance.booking_type = kind
            form.instance.position = position
            form.instance.save()


def editor(kind: BookingType, *, by: User, data: QueryDict | None = None) -> TypeEditor:
    """The forms of a type, filled from `data` where something was sent."""
    team = kind.team
    hosts = (
        Host.objects.filter(user__memberships__team=team, user__is_active=True, is_active=True)
        .select_related("user")
        .prefetch_related("locations")
        .order_by("user__name", "pk")
    )
    own = Host.objects.filter(user=by, user__memberships__team=team).first()
    start = (
        {}
        if kind.pk
        else {"locations": list(team.locations.filter(archived_at__isnull=True).order_by("pk")[:1])}
    )
    return TypeEditor(
        team=team,
        form=TypeForm(data, instance=kind, team=team, initial=start),
        parts=part_forms(data, kind=kind, hosts=hosts, own=own),
        questions=QuestionFormSet(data, instance=kind, prefix="q"),
        place=PlaceForm(data, prefix="place", team=team),
    )


# -- Looking at it beforehand ------------------------------------------------------------------------------------------


def offer_of(edited: TypeEditor, *, now: datetime) -> availability.Offer | None:
    """What the type would offer as it stands in the checked forms, nothing saved; None where nobody would host it."""
    kind = edited.kind
    places = list(edited.form.cleaned_data["locations"])
    place = places[0] if places else None
    parts = [
        part.part(kind)
        for part in edited.chosen
        if not part.cleaned_data["is_paused"] and _serves(part.host, place)
    ]
    pool = tuple(availability.pool_of(kind, parts))
    if not pool:
        return None
    rules = availability.slot_rules(kind, location=place, pool=pool, duration=kind.default_duration, now=now)
    return availability.Offer(kind, place, rules, pool)


def _serves(host: Host, place: Location | None) -> bool:
    served: Sequence[int] = [row.pk for row in host.locations.all()]
    return place is None or not served or place.pk in served
