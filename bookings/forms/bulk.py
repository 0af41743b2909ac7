"""Several bookings chosen in a list, what is to be done with them, and the reason where one is given."""

from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy

from bookings.forms.actions import LONGEST_REASON
from bookings.models.fields import validate_text
from bookings.rules.statuses import FOR_SEVERAL

#: A page of a list, and no more.
MOST = 100


class Chosen(NamedTuple):
    """A booking as it stood in the list."""

    pk: int
    version: int


class BulkForm(forms.Form):
    """`booking` holds "<id>:<version>" of each chosen row; `sure` that the question was answered."""

    action = forms.ChoiceField(choices=[(a.value, a.label) for a in FOR_SEVERAL])
    back = forms.CharField(required=False, max_length=20)
    sure = forms.BooleanField(required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_REASON}),
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.chosen = read_chosen(data.getlist("booking")) if data is not None else []


def read_chosen(values: list[str]) -> list[Chosen]:
    """The chosen rows, each once; what was made up is left out."""
    found: dict[int, Chosen] = {}
    for value in values[:MOST]:
        pk, _sep, version = value.partition(":")
        if all(part.isascii() and part.isdigit() and len(part) < 10 for part in (pk, version)):
            found.setdefault(int(pk), Chosen(int(pk), int(version)))
    return list(found.values())
