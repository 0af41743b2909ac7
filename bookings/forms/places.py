"""The forms of a place: what it is, when it is open, and which hosts can be met there."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Prefetch
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.hours import WeekForm
from bookings.forms.zones import ZoneField
from bookings.models import Host, Location, Team
from bookings.rules.hours import weekly_json


class LocationForm(forms.ModelForm):
    """A place. What its details are depends on the kind; opening hours only where it has any (`week`)."""

    time_zone = ZoneField(required=False, empty_label=gettext_lazy("As the team"))
    has_hours = forms.BooleanField(label=gettext_lazy("Has opening hours of its own"), required=False)

    class Meta:
        model = Location
        fields = ("name", "kind", "details", "instructions", "time_zone")
        labels = {
            "details": gettext_lazy("Address, number or link"),
            "instructions": gettext_lazy("How to get there"),
        }
        help_texts = {
            "details": gettext_lazy(
                "The address to come to, the number to call, or the link that is always the same. A meeting link made for each booking needs none."
            ),
        }
        widgets = {"kind": forms.RadioSelect, "instructions": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, data: QueryDict | None = None, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(data, *args, **options)
        self.instance.team = team
        self.fields["has_hours"].initial = self.instance.weekly_hours is not None
        always = weekly_json((((540, 1020),),) * 5 + ((), ()))
        self.week = WeekForm(data, weekly=self.instance.weekly_hours or always)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if Location.objects.filter(team=self.instance.team, name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("The team has a place of this name already."))
        return name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if problem := details_problem(values.get("kind", ""), str(values.get("details", ""))):
            self.add_error("details", problem)
        if values.get("has_hours") and not self.week.is_valid():
            self.add_error("has_hours", _("Some hours need another look."))
        return values

    def save(self, commit: bool = True) -> Location:
        self.instance.weekly_hours = weekly_json(self.week.weekly) if self.cleaned_data["has_hours"] else None
        return super().save(commit)


class ServersForm(forms.Form):
    """Which hosts can be met at a place, of those who name places; who names none is met at all of them (`everywhere`)."""

    hosts = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Met at some places alone"),
        help_text=gettext_lazy("Tick who can be met here too."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: QueryDict | None = None, *, place: Location, hosts: Sequence[Host]) -> None:
        self.place = place
        self.everywhere = [host for host in hosts if not named_of(host)]
        self.choosy = [host for host in hosts if named_of(host)]
        here = [host.pk for host in self.choosy if place in named_of(host)]
        super().__init__(data, initial={"hosts": here})
        self.fields["hosts"].choices = [(host.pk, host.name) for host in self.choosy]

    def clean_hosts(self) -> list[int]:
        chosen = list(self.cleaned_data["hosts"])
        for host in self.choosy:
            if host.pk not in chosen and named_of(host) == [self.place]:
                raise forms.ValidationError(
                    _("%(name)s is met nowhere else. Change that on the page of the host."),
                    params={"name": host.name},
                )
        return chosen

    @transaction.atomic
    def save(self, place: Location) -> None:
        """Write who can be met at the place, which may be new."""
        place.hosts.remove(*(host for host in self.choosy if host.pk not in self.cleaned_data["hosts"]))
        place.hosts.add(*self.cleaned_data["hosts"])


def hosts_for(team: Team) -> list[Host]:
    """The hosts of a team by name, with the places of it that each names. Two queries."""
    named = Prefetch("locations", team.locations.all(), to_attr="named")
    rows = Host.objects.filter(user__memberships__team=team, user__is_active=True)
    return list(rows.select_related("user").prefetch_related(named).order_by("user__name", "pk"))


def named_of(host: Any) -> list[Location]:
    """The places that a host of `hosts_for` names."""
    return host.named


def details_problem(kind: str, details: str) -> str:
    """What is wrong with the details of a place of this kind; "" for nothing."""
    details = details.strip()
    if kind == Location.Kind.ADDRESS and not details:
        return _("An address is needed.")
    if kind == Location.Kind.VIDEO and not details:
        return _("The link is needed.")
    if details and kind in (Location.Kind.VIDEO, Location.Kind.MEETING) and not _is_link(details):
        return _("Type a link that begins with https://.")
    return ""


def _is_link(words: str) -> bool:
    """A web address without anything that could run or hide in it."""
    try:
        forms.URLField(assume_scheme="https").clean(words)
    except forms.ValidationError:
        return False
    return words.startswith(("https://", "http://"))
