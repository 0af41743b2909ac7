"""A host as one form: whether they can be booked, where they are met, and which types they take with which share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Count, F, FilteredRelation, Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.type_hosts import COLUMNS, PartForm
from bookings.forms.types import PlacesField
from bookings.models import BookingType, Host, Location, Team, TypeHost

EVERYWHERE, NAMED = "everywhere", "named"


class BookableForm(forms.ModelForm):
    class Meta:
        model = Host
        fields = ("is_active",)
        labels = {"is_active": gettext_lazy("Can be booked")}
        help_texts = {
            "is_active": gettext_lazy(
                "Off, no new booking goes to them, in any of their teams. What is booked stands."
            )
        }


class ServesForm(forms.Form):
    """At which places of one team a host is met."""

    where = forms.ChoiceField(
        label=gettext_lazy("Where they are met"),
        choices=[
            (EVERYWHERE, gettext_lazy("At every place of the team")),
            (NAMED, gettext_lazy("At these places alone")),
        ],
        widget=forms.RadioSelect,
    )
    places = PlacesField()

    def __init__(self, *args: Any, places: Sequence[Location], served: set[int], **options: Any) -> None:
        named = [place.pk for place in places if place.pk in served]
        start = {"where": NAMED if named else EVERYWHERE, "places": named}
        super().__init__(*args, initial=start, **options)
        self.fields["places"].offer(places)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("where") == NAMED and not values.get("places"):
            self.add_error("places", _("Choose at least one place."))
        return values

    @property
    def named(self) -> list[Location]:
        """The places that are named; none for all of them."""
        return self.cleaned_data["places"] if self.cleaned_data["where"] == NAMED else []


class TakesForm(PartForm):
    """One type of the team, and the host's part in it. `others`: how many other hosts it has."""

    def __init__(self, *args: Any, kind: BookingType, others: int, **options: Any) -> None:
        self.kind, self.others = kind, others
        super().__init__(*args, **options)

    @property
    def has_shares(self) -> bool:
        return self.kind.assignment == BookingType.Assignment.ROUND_ROBIN

    def clean_takes_part(self) -> bool:
        takes_part = bool(self.cleaned_data["takes_part"])
        if not takes_part and self.initial["takes_part"] and not self.others:
            raise forms.ValidationError(_("Nobody else hosts it. Name another host first, or pause it."))
        if takes_part and self.others and self.kind.assignment == BookingType.Assignment.SOLO:
            raise forms.ValidationError(_("It has one host, and that is somebody else."))
        return takes_part


@dataclass
class InTeam:
    """What a host does in one team."""

    team: Team
    serves: ServesForm
    takes: list[TakesForm]


@dataclass
class HostEditor:
    """The forms of one page: the host, and what they do in each team."""

    host: Host
    form: BookableForm
    teams: list[InTeam]

    def is_valid(self) -> bool:
        """Check every form, so that every error shows at once."""
        everything = [self.form, *(form for each in self.teams for form in (each.serves, *each.takes))]
        results = [form.is_valid() for form in everything]
        return all(results)

    @transaction.atomic
    def save(self) -> None:
        """Write it all; what the host does in other teams stays as it is, and so do places that were put away."""
        self.form.save()
        for each in self.teams:
            offered = [place.pk for place in each.serves.fields["places"].places]
            self.host.locations.remove(*offered)
            self.host.locations.add(*each.serves.named)
            for take in each.takes:
                self._save_part(take)

    def _save_part(self, take: TakesForm) -> None:
        rows = TypeHost.objects.filter(booking_type=take.kind, host=self.host)
        if not take.cleaned_data["takes_part"]:
            rows.delete()
        else:
            values = {name: take.cleaned_data[name] for name in COLUMNS}
            TypeHost.objects.update_or_create(booking_type=take.kind, host=self.host, defaults=values)


def host_editor(host: Host, *, teams: Sequence[Team], data: QueryDict | None = None) -> HostEditor:
    """The forms of a host, for these of their teams. Three queries."""
    served = set(host.locations.values_list("pk", flat=True))
    places = list(Location.objects.filter(team__in=teams, archived_at__isnull=True))
    kinds = list(_kinds(host, teams))
    return HostEditor(
        host=host,
        form=BookableForm(data, instance=host),
        teams=[
            InTeam(
                team,
                ServesForm(
                    data,
                    prefix=f"team-{team.pk}",
                    places=[place for place in places if place.team_id == team.pk],
                    served=served,
                ),
                [_takes(data, host, kind) for kind in kinds if kind.team_id == team.pk],
            )
            for team in teams
        ],
    )


def _kinds(host: Host, teams: Sequence[Team]) -> Any:
    """The types of the teams in order, each with the host's part in it and how many others host it."""
    return (
        BookingType.objects.filter(team__in=teams, archived_at__isnull=True)
        .annotate(part=FilteredRelation("type_hosts", condition=Q(type_hosts__host=host)))
        .annotate(part_id=F("part__pk"), **{f"part_{name}": F(f"part__{name}") for name in COLUMNS})
        .annotate(others=Count("type_hosts", filter=~Q(type_hosts__host=host)))
    )


def _takes(data: QueryDict | None, host: Host, kind: Any) -> TakesForm:
    row = {name: getattr(kind, f"part_{name}") for name in COLUMNS} if kind.part_id else None
    start = row or {name: TypeHost._meta.get_field(name).default for name in COLUMNS}
    return TakesForm(
        data,
        prefix=f"type-{kind.pk}",
        host=host,
        kind=kind,
        others=kind.others,
        initial={"takes_part": row is not None, **start},
    )
