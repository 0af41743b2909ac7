"""The forms of the team page: who is invited, what the team is called, how its mails sign."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.lines import OriginsField
from bookings.forms.setup import check_slug
from bookings.forms.zones import ZoneField
from bookings.models import Membership, Team
from bookings.models.fields import LANGUAGES, validate_line

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
