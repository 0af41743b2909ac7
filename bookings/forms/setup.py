"""The forms of the first run, of accepting an invitation, and of one's own account."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import slugs
from bookings.forms.zones import ZoneField
from bookings.models import Team, User
from bookings.models.fields import LANGUAGES, validate_line
from bookings.setup import NewPerson


class PersonForm(forms.Form):
    """Name, password, zone and language of somebody new. The mail address comes from a subclass or from an invitation."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=200,
        help_text=gettext_lazy("At least 10 characters; a few words in a row are good."),
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password"}),
    )
    zone = ZoneField(label=gettext_lazy("Your time zone"))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        password, email = values.get("password"), self.mail_address()
        if password:
            try:
                password_validation.validate_password(
                    password, User(name=values.get("name", ""), email=email)
                )
            except ValidationError as error:
                self.add_error("password", error)
        return values

    def mail_address(self) -> str:
        """Whose password it is; it must not resemble it."""
        return str(self.cleaned_data.get("email", ""))

    def person(self) -> NewPerson:
        values = self.cleaned_data
        return NewPerson(
            values["name"], self.mail_address(), values["password"], values["zone"], values["language"]
        )


class FirstRunForm(PersonForm):
    """The administrator and the first team."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    team = forms.CharField(
        label=gettext_lazy("Team or company"),
        max_length=80,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    slug = forms.SlugField(
        label=gettext_lazy("Address of the team"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Left empty, it is made from the name."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("name", "email", "password", "team", "slug", "zone", "language")

    def clean_slug(self) -> str:
        return check_slug(self.cleaned_data["slug"], but=None)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("team") and not values.get("slug") and "slug" not in self.errors:
            values["slug"] = slugs.team_slug(values["team"])
        return values


def check_slug(slug: str, *, but: int | None) -> str:
    """Return a team's address in lower case if it is free; `but` is the team that has it already."""
    slug = slug.lower()
    if slug and (not slugs.is_free_slug(slug) or Team.objects.filter(slug=slug).exclude(pk=but).exists()):
        raise ValidationError(_("This address is in use. Choose another one."), code="slug_taken")
    return slug


class JoinForm(PersonForm):
    """What somebody who was invited says about themselves."""

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        self.email = email
        super().__init__(*args, **options)

    def mail_address(self) -> str:
        return self.email


class AccountForm(forms.ModelForm):
    """How somebody reads the hub: name, zone, language, clock, first day of the week, single keys."""

    time_zone = ZoneField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Of the times you read. Your bookable hours have a zone of their own."),
    )
    first_weekday = forms.TypedChoiceField(
        label=gettext_lazy("First day of the week"),
        coerce=int,
        choices=[(day, WEEKDAYS[day]) for day in (0, 5, 6)],
    )

    class Meta:
        model = User
        fields = ("name", "time_zone", "language", "hour_cycle", "first_weekday", "has_single_keys")
        labels = {
            "name": gettext_lazy("Name"),
            "language": gettext_lazy("Language"),
            "hour_cycle": gettext_lazy("Clock"),
            "has_single_keys": gettext_lazy("Single-key shortcuts"),
        }
        help_texts = {
            "has_single_keys": gettext_lazy(
                "Such as C to confirm and J for the next booking. They work outside of fields."
            )
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].required = True
