"""A booking type with all that belongs to it, as one thing to check, to look at beforehand and to save."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.forms.models import model_to_dict
from django.http import QueryDict
from django.utils import timezone

from bookings import availability, lifecycle
from bookings.forms import standing
from bookings.forms.prices import PriceForm
from bookings.forms.type_hosts import PartForm, part_forms
from bookings.forms.type_questions import QuestionFormSet
from bookings.forms.types import PlaceForm, TypeForm, hosts_problem
from bookings.models import BookingType, Host, Location, Question, Team, TypeHost, User
from bookings.rules.refusals import Refused


@dataclass
class TypeEditor:
    """The forms of one page: the type, its price, its hosts, its questions, and a place to be made along with it."""

    team: Team
    form: TypeForm
    parts: list[PartForm]
    questions: Any
    place: PlaceForm
    price: PriceForm
    host_error: str = ""

    @property
    def kind(self) -> BookingType:
        """The type as the form would make it; saved or not."""
        return self.form.instance

    @property
    def is_bound(self) -> bool:
        return self.form.is_bound

    @property
    def standing(self) -> str:
        """The mark of the type as it stands in the database; ask before `is_valid`."""
        forms = (self.form, self.price, *self.parts)
        questions = [model_to_dict(row) for row in self.questions.get_queryset()]
        return standing.mark_of([standing.begins_with(form) for form in forms], questions)

    @property
    def chosen(self) -> list[PartForm]:
        return [part for part in self.parts if part.values.get("takes_part")]

    @property
    def places(self) -> list[Location]:
        """The places that are chosen."""
        if self.is_bound:
            return list(self.form.cleaned_data["locations"])
        offered = self.form.fields["locations"].places
        return [place for place in offered if place.pk in self.form.initial["locations"]]

    def is_valid(self) -> bool:
        """Check every form, so that every error shows at once."""
        results = [
            form.is_valid() for form in (self.form, self.price, self.questions, self.place, *self.parts)
        ]
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
        # Places put away are no choice here, and stay for when they come back.
        put_away = kind.locations.filter(archived_at__isnull=False)
        kind.locations.set([*self.places, *([made] if made else []), *put_away])
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
        for position, question in enumerate(self.questions.kept):
            question.booking_type = kind
            question.position = position
            question.save()

    # -- Looking at it beforehand

    def load_offer(
        self, kind: BookingType, *, location: Location | None, duration: int, now: datetime
    ) -> availability.Offer:
        """What the type would offer as it stands in the checked forms, nothing saved; as `availability.load_offer`. No query.

        Raises Refused: no_hosts.
        """
        parts = [part.part(kind) for part in self.chosen if _serves(part.host, location)]
        pool = tuple(availability.pool_of(kind, [part for part in parts if not part.is_paused]))
        if not pool:
            raise Refused("no_hosts")
        rules = availability.slot_rules(kind, location=location, pool=pool, duration=duration, now=now)
        return availability.Offer(kind, location, rules, pool)


def _serves(host: Host, place: Location | None) -> bool:
    """As `availability.serves`, from rows in hand."""
    if place is None:
        return True
    served = {row.pk for row in host.locations.all() if row.team_id == place.team_id}
    return not served or place.pk in served


def editor(kind: BookingType, *, by: User, data: QueryDict | None = None) -> TypeEditor:
    """The forms of a type, filled from `data` where something was sent. Four queries."""
    team = kind.team
    chosen = BookingType.locations.through.objects.filter(bookingtype=kind.pk, location=OuterRef("pk"))
    places = list(team.locations.filter(archived_at__isnull=True).annotate(is_chosen=Exists(chosen)))
    first = min((place.pk for place in places), default=None)
    begins_with = [place.pk for place in places if (place.is_chosen if kind.pk else place.pk == first)]
    return TypeEditor(
        team=team,
        form=TypeForm(data, instance=kind, team=team, places=places, initial={"locations": begins_with}),
        parts=part_forms(data, kind=kind, by=by),
        questions=QuestionFormSet(data, instance=kind, prefix="q"),
        place=PlaceForm(data, prefix="place", team=team),
        price=PriceForm(data, prefix="price", kind=kind),
    )
