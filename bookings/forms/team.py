"""The forms of the team page: who is invited, what the team is called, where it meets."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.hours import WeekForm
from bookings.forms.lines import OriginsField
from bookings.forms.setup import check_slug
from bookings.forms.zones import ZoneField
from bookings.models import Location, Membership, Team
from bookings.models.fields import LANGUAGES, validate_line
from bookings.rules.hours import weekly_json

#: Longer would keep people waiting for their mails.
MOST_UNDO_SECONDS = 120


class InviteForm(forms.Form):
    """Whom a manager invites."""

    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=120, validators=[validate_line]
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Membership.Role.choices, initial=Membership.Role.HOST
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the invitation"), choices=LANGUAGES)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role.choices)


class TeamForm(forms.ModelForm):
    """The team's settings. The zone is that of its days and caps, and what its members begin with."""

    time_zone = ZoneField(label=gettext_lazy("Time zone"))
    embed_origins = OriginsField(
        label=gettext_lazy("Websites that may show the booking pages"),
        most=20,
        longest=260,
        required=False,
        help_text=gettext_lazy("One a line, such as https://www.example.org. Left empty, none may."),
    )

    class Meta:
        model = Team
        fields = (
            "name",
            "slug",
            "about",
            "time_zone",
            "language",
            "reply_to",
            "postal_address",
            "privacy_url",
            "hosts_see_colleagues",
            "undo_seconds",
            "embed_origins",
        )
        labels = {
            "slug": gettext_lazy("Address"),
            "reply_to": gettext_lazy("Answers to mails go to"),
            "privacy_url": gettext_lazy("Privacy notice"),
            "hosts_see_colleagues": gettext_lazy("Hosts see and cover each other’s bookings"),
            "about": gettext_lazy("About the team"),
            "undo_seconds": gettext_lazy("Time to undo"),
        }
        help_texts = {
            "slug": gettext_lazy("Links that are out there already end when it changes."),
            "about": gettext_lazy("Shown on the team’s public page."),
            "postal_address": gettext_lazy("At the end of every mail."),
            "reply_to": gettext_lazy("Left empty, to the hub’s own address."),
            "undo_seconds": gettext_lazy(
                "So long the mails wait when a host declines, cancels or records. 0 sends them at once."
            ),
        }
        widgets = {"about": forms.Textarea(attrs={"rows": 2})}

    def clean_undo_seconds(self) -> int:
        seconds = self.cleaned_data["undo_seconds"]
        if seconds > MOST_UNDO_SECONDS:
            raise ValidationError(_("At most %(most)d seconds.") % {"most": MOST_UNDO_SECONDS})
        return seconds

    def clean_slug(self) -> str:
        return check_slug(self.cleaned_data["slug"], but=self.instance.pk)


class NewTeamForm(forms.Form):
    """A further team, made by an administrator who becomes its first manager."""

    name = forms.CharField(label=gettext_lazy("Team"), max_length=80, validators=[validate_line])
    slug = forms.SlugField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Left empty, it is made from the name."),
    )
    zone = ZoneField()
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)

    def clean_undo_seconds(self) -> int:
        seconds = self.cleaned_data["undo_seconds"]
        if seconds > MOST_UNDO_SECONDS:
            raise ValidationError(_("At most %(most)d seconds.") % {"most": MOST_UNDO_SECONDS})
        return seconds

    def clean_slug(self) -> str:
        return check_slug(self.cleaned_data["slug"], but=None)


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
