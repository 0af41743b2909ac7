"""What bookers are asked, as forms: the questions of a type, in their order."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.lines import LinesField
from bookings.models import BookingType, Question

MOST_QUESTIONS = 20


class QuestionForm(forms.ModelForm):
    """One question to the booker."""

    options = LinesField(
        label=gettext_lazy("Answers on offer"),
        most=30,
        longest=120,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One a line."),
    )

    class Meta:
        model = Question
        fields = ("label", "hint", "kind", "options", "is_required")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (
            values.get("kind") in (Question.Kind.CHOICE, Question.Kind.CHOICES)
            and "options" in values
            and not values["options"]
        ):
            self.add_error("options", _("Type at least one answer."))
        return values


class _QuestionFormSet(forms.BaseInlineFormSet):
    """Questions in the order of their numbers; a removed one is put away, because answers to it are kept."""

    def get_queryset(self) -> Any:
        # Kept, or each of the forms would ask the database again.
        if not hasattr(self, "_shown"):
            self._shown = (
                super().get_queryset().filter(archived_at__isnull=True)
                if self.instance.pk
                else Question.objects.none()
            )
        return self._shown

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].widget = forms.NumberInput(attrs={"min": 1, "max": 99, "class": "place"})
        form.fields["ORDER"].label = _("Position")
        form.fields["DELETE"].label = _("Remove")

    @property
    def kept(self) -> list[Question]:
        """The questions as they would be asked, in order; those not saved yet have no number."""
        if not self.is_bound:
            return list(self.get_queryset())
        kept = [
            form
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE") and form.cleaned_data.get("label")
        ]
        kept.sort(key=lambda form: form.cleaned_data.get("ORDER") or 999)
        return [form.instance for form in kept]


QuestionFormSet = forms.inlineformset_factory(
    BookingType,
    Question,
    form=QuestionForm,
    formset=_QuestionFormSet,
    extra=0,
    can_order=True,
    can_delete=True,
    max_num=MOST_QUESTIONS,
    validate_max=True,
    absolute_max=MOST_QUESTIONS + 10,
)
