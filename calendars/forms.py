"""The forms of somebody's own calendars."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models.fields import HUES, validate_line
from bookings.rules.refusals import Refused
from calendars.models import Calendar, CalendarAccount
from calendars.providers.base import Failure
from calendars.rules.ics import MOST_BYTES
from calendars.services import SERVICES


class FileField(forms.FileField):
    """An .ics file. An empty one is a file that can't be read, and one that is too large is not looked at."""

    widget = forms.FileInput(attrs={"accept": ".ics,text/calendar"})

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty_file=True, **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(Refused("calendar_too_big").sentence)
        return file


class NewFileForm(forms.Form):
    """A calendar from a file; without a name it gets the one that the file holds."""

    file = FileField(label=gettext_lazy("File"), help_text=gettext_lazy("An .ics file, at most 10 MB."))
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, required=False, validators=[validate_line]
    )


class AddressField(forms.CharField):
    """The address of a server or a feed; https where nothing else is said, and webcal is https."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(
            max_length=1000, validators=[validate_line], widget=forms.TextInput(attrs=attrs), **options
        )

    def clean(self, value: Any) -> str:
        # Late: it brings the HTTP client with it, which no other page needs.
        from calendars.remote import web_url

        typed = super().clean(value)
        try:
            return web_url(typed) if typed else ""
        except Failure as failure:
            raise forms.ValidationError(Refused("calendar_address").sentence) from failure


class PasswordField(forms.CharField):
    """A password for another server: never filled in by a program that knows the one of the hub, never sent back."""

    widget = forms.PasswordInput(attrs={"autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(label=gettext_lazy("App password"), max_length=500, strip=False, **options)


class UserNameField(forms.CharField):
    """How somebody is called at another server."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(
            label=gettext_lazy("User name"),
            max_length=254,
            validators=[validate_line],
            widget=forms.TextInput(attrs=attrs),
            **options,
        )


class ConnectForm(forms.Form):
    """Who signs in where. An address is only asked for where everybody has one of their own."""

    service = forms.ChoiceField(
        label=gettext_lazy("Where is your calendar?"),
        choices=[(service.key, service.name) for service in SERVICES.values()],
        widget=forms.RadioSelect,
        initial="nextcloud",
    )
    address = AddressField(label=gettext_lazy("Address of the server"), required=False)
    username = UserNameField()
    password = PasswordField()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        service = SERVICES.get(values.get("service", ""))
        if service and service.url:
            values["address"] = service.url
            self.errors.pop("address", None)
        elif service and not values.get("address") and "address" not in self.errors:
            self.add_error("address", Refused("calendar_address").sentence)
        return values


class SubscribeForm(forms.Form):
    """A feed that somebody publishes."""

    address = AddressField(label=gettext_lazy("Address of the calendar"))
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, required=False, validators=[validate_line]
    )


class SignInForm(forms.Form):
    """Another password for an account, and another user name where that has changed too."""

    username = UserNameField()
    password = PasswordField()


class LostForm(SignInForm):
    """The same for an account of which nothing can be opened any more: where it is, is asked for too."""

    address = AddressField(label=gettext_lazy("Address of the server"))
    field_order = ("address", "username", "password")


class NewAddressForm(forms.Form):
    """Another address of a feed."""

    address = AddressField(label=gettext_lazy("Address of the calendar"))


class AccountForm(forms.ModelForm):
    """What an account is called."""

    class Meta:
        model = CalendarAccount
        fields = ("name",)
        labels = {"name": gettext_lazy("Name of the account")}

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if not name:
            raise forms.ValidationError(_("An account needs a name."))
        return name


class ChoiceForm(forms.ModelForm):
    """What counts of one calendar of an account."""

    class Meta:
        model = Calendar
        fields = ("counts_as_busy", "is_shown", "all_day_counts", "tentative_counts")


class WriteForm(forms.Form):
    """The one calendar that a host's bookings are written to, or none."""

    write_to = forms.TypedChoiceField(
        label=gettext_lazy("Bookings are written here"), coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["write_to"].choices = choices  # type: ignore[attr-defined]


class CalendarForm(forms.ModelForm):
    """How a calendar is called and what counts of it, and a newer file for what was read from one."""

    hue = forms.TypedChoiceField(
        label=gettext_lazy("Colour"),
        coerce=int,
        choices=[(n, n) for n in range(1, HUES + 1)],
        widget=forms.RadioSelect,
    )
    file = FileField(
        label=gettext_lazy("A newer file"),
        required=False,
        help_text=gettext_lazy("What the old file held and the new one does not is gone."),
    )

    class Meta:
        model = Calendar
        fields = ("name", "hue", "counts_as_busy", "is_shown", "all_day_counts", "tentative_counts")
        help_texts = {
            "counts_as_busy": gettext_lazy("No times are offered while its events last."),
            "all_day_counts": gettext_lazy("An event that lasts whole days takes them off."),
            "tentative_counts": gettext_lazy("So does what is not certain yet, or not answered."),
            "is_shown": gettext_lazy(
                "It stands in the list of calendars. Others see no more of it than that you are busy."
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.account.is_remote:
            del self.fields["file"]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if not name:
            raise forms.ValidationError(_("A calendar needs a name."))
        return name
