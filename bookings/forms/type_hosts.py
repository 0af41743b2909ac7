"""Who hosts a booking type, as forms: one part for each host of the team."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext_lazy

from bookings.models import BookingType, Host, TypeHost, User

PRIORITIES = (
    (0, gettext_lazy("Lowest")),
    (1, gettext_lazy("Low")),
    (2, gettext_lazy("Normal")),
    (3, gettext_lazy("High")),
    (4, gettext_lazy("Highest")),
)
#: What a part consists of, beside whose it is.
COLUMNS = ("weight", "priority", "is_fixed", "is_paused")


class PartForm(forms.Form):
    """One host's part in the type."""

    takes_part = forms.BooleanField(label=gettext_lazy("Hosts it"), required=False)
    weight = forms.IntegerField(label=gettext_lazy("Weight"), min_value=0, max_value=1000, required=False)
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"), coerce=int, choices=PRIORITIES, required=False, empty_value=2
    )
    is_fixed = forms.BooleanField(label=gettext_lazy("Always"), required=False)
    is_paused = forms.BooleanField(label=gettext_lazy("Paused"), required=False)

    def __init__(self, *args: Any, host: Host, **options: Any) -> None:
        self.host = host
        super().__init__(*args, **options)

    def clean_weight(self) -> int:
        weight = self.cleaned_data["weight"]
        return 100 if weight is None else weight

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, once it is checked; else what stands."""
        return self.cleaned_data if self.is_bound else self.initial

    def part(self, kind: BookingType) -> TypeHost:
        """The row as it would be."""
        return TypeHost(booking_type=kind, host=self.host, **{name: self.values[name] for name in COLUMNS})


def part_forms(data: Any, *, kind: BookingType, by: User) -> list[PartForm]:
    """A form for each host of the team. A new type begins with whoever makes it, else with the first. Two queries."""
    hosts = list(_hosts(kind))
    first = next((host.pk for host in hosts if host.user_id == by.pk), hosts[0].pk if hosts else 0)
    return [
        PartForm(data, prefix=f"host-{host.pk}", host=host, initial=_initial(host, kind, first=first))
        for host in hosts
    ]


def _hosts(kind: BookingType) -> Iterable[Host]:
    """The hosts of the team, by name, with the places they serve and their part in the type."""
    return (
        Host.objects.filter(user__memberships__team=kind.team, user__is_active=True, is_active=True)
        .select_related("user")
        .prefetch_related("locations")
        .annotate(part=FilteredRelation("type_hosts", condition=Q(type_hosts__booking_type=kind.pk)))
        .annotate(part_id=F("part__pk"), **{f"part_{name}": F(f"part__{name}") for name in COLUMNS})
        .order_by("user__name", "pk")
    )


def _initial(host: Any, kind: BookingType, *, first: int) -> dict[str, Any]:
    if host.part_id is None:
        row = TypeHost()
        return {"takes_part": kind.pk is None and host.pk == first} | {n: getattr(row, n) for n in COLUMNS}
    return {"takes_part": True} | {name: getattr(host, f"part_{name}") for name in COLUMNS}
