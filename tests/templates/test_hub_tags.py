"""The template vocabulary: each tag's markup, and that every icon a template names is drawn."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from bookings.rules.statuses import Status

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
#: Mails are read outside of any policy and carry their styles in the markup.
PAGES = [path for path in TEMPLATES if "emails" not in path.parts]
SYMBOLS = set(re.findall(r'<symbol id="i-([\w-]+)"', (ROOT / "static/icons.svg").read_text()))


def render(source, **context):
    return Template("{% load hub %}" + source).render(Context(context)).strip()


class Roof(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the invitation")
    phone = forms.CharField(label="Phone", required=False)
    minutes = forms.IntegerField(label="Buffer")
    kind = forms.ChoiceField(
        label="Kind", choices=[("p", "Pitched"), ("f", "Flat")], widget=forms.RadioSelect
    )
    news = forms.BooleanField(label="News", required=False)
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        if self.cleaned_data.get("name") == "nobody":
            raise forms.ValidationError("Nobody can't book.")


def test_icon_is_decoration_unless_it_has_a_label():
    assert (
        render('{% icon "clock" %}')
        == '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#i-clock"/></svg>'
    )
    assert 'role="img" aria-label="Late &amp; open"' in render(
        '{% icon "clock" label=words %}', words="Late & open"
    )


@pytest.mark.parametrize("name", sorted({*Status}))
def test_every_status_has_an_icon(name):
    assert name in SYMBOLS


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_icon_a_template_names_is_drawn(path):
    named = set(re.findall(r"{% icon ['\"]([\w-]+)['\"]", path.read_text())) | set(
        re.findall(r"symbol=['\"]([\w-]+)['\"]", path.read_text())
    )

    assert named - SYMBOLS == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_breaks_the_content_policy(path):
    """Inline styles, scripts and handlers would be refused by the browser without a word on the page."""
    source = path.read_text()

    assert not re.search(r"<[^>]*\sstyle=", source)
    assert not re.search(r"<style[\s>]", source)
    assert not re.search(r"<[^>]*\son[a-z]+=", source)
    assert not re.search(r"<script(?![^>]*\b(?:src|type=\"application/json\"))[^>]*>", source)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Brandt", "AB"),
        ("Ana Jiménez-Ruiz", "AJ"),
        ("Wilhelmina van den Oudenhoven", "WO"),
        ("Zoë", "Z"),
        ("“Bo” 3rd", "3"),
        ("!", "?"),
    ],
)
def test_face_shows_initials(name, letters):
    assert (
        render("{% face person %}", person=SimpleNamespace(name=name, hue=4))
        == f'<span class="face" data-hue="4" aria-hidden="true">{letters}</span>'
    )


def test_face_without_hue_has_the_same_tint_every_time():
    one, two = render('{% face "Ümit Yıldız" size="big" %}'), render('{% face "Ümit Yıldız" size="big" %}')

    assert one == two
    assert re.fullmatch(r'<span class="face big" data-hue="([1-9]|1[0-2])" aria-hidden="true">ÜY</span>', one)


def test_face_escapes_the_name():
    assert "<b" not in render("{% face person %}", person=SimpleNamespace(name="<b> <i>", hue=1))


@pytest.mark.parametrize("status", list(Status))
def test_status_tag_has_colour_icon_and_word(status):
    html = render("{% status_tag status %}", status=str(status))

    assert f'data-status="{status}"' in html
    assert f"#i-{status}" in html
    assert html.endswith(f"{status.label}</span>")


def test_status_tag_refuses_an_unknown_status():
    with pytest.raises(ValueError, match="held"):
        render("{% status_tag status %}", status="held")


def test_field_ties_label_hint_and_error_to_the_control():
    html = render("{% field form.name %}", form=Roof({"name": ""}))

    assert '<label for="id_name">Name</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<div class="hint" id="id_name_helptext">As on the invitation</div>' in html
    assert '<p class="error" id="id_name_error">' in html
    assert "This field is required." in html


def test_field_in_order_is_not_marked_invalid():
    html = render("{% field form.name hint='' %}", form=Roof())

    assert "aria-invalid" not in html
    assert "aria-describedby" not in html


def test_field_marks_what_is_optional():
    assert '<span class="optional">optional</span>' in render("{% field form.phone %}", form=Roof())
    assert '<span class="optional">shown to Zoë</span>' in render(
        '{% field form.name mark="shown to Zoë" %}', form=Roof()
    )
    assert "optional" not in render('{% field form.phone mark="" %}', form=Roof())


def test_field_hands_other_options_to_the_control():
    html = render('{% field form.minutes unit="minutes" label="After" data_key="m" %}', form=Roof())

    assert '<span class="unit"><input' in html
    assert "<span>minutes</span>" in html
    assert '<label for="id_minutes">After</label>' in html
    assert 'data-key="m"' in html


def test_field_of_choices_is_a_group_with_a_legend():
    html = render("{% field form.kind %}", form=Roof({}))

    assert '<fieldset class="field" id="id_kind" aria-describedby="id_kind_error">' in html
    assert "<legend>Kind</legend>" in html
    assert html.count('<label class="check"') == 2
    assert render("{% field form.kind cards=True %}", form=Roof()).count('<label class="choice"') == 2


def test_field_of_one_box_may_be_a_switch():
    assert 'class="switch"' in render("{% field form.news as_switch=True %}", form=Roof())
    assert "optional" not in render("{% field form.news %}", form=Roof())


def test_errors_link_to_each_field():
    html = render("{% errors form %}", form=Roof({"name": "Zoë", "token": "x"}))

    assert 'role="alert"' in html
    assert "2 things need another look:" in html
    # The sheet sets the commas, inside the links: after one, a line could break and begin with a comma.
    assert '<a href="#id_minutes">Buffer</a> <a href="#id_kind">Kind</a>' in html


def test_errors_show_the_forms_own_sentence_and_those_of_hidden_fields():
    html = render("{% errors form brief=True %}", form=Roof({"name": "nobody", "minutes": 1, "kind": "p"}))

    assert "Nobody can&#x27;t book." in html
    assert "This field is required." in html
    assert "<a " not in html


def test_errors_are_silent_when_all_is_well():
    assert (
        render(
            "{% errors form nothing %}",
            form=Roof({"name": "Zoë", "minutes": 1, "kind": "p", "token": "x"}),
            nothing=None,
        )
        == ""
    )
    assert render("{% errors form %}", form=Roof()) == ""


def test_weekdays_start_where_the_reader_starts():
    source = "{% weekday_heads first as heads %}{% for head in heads %}{{ head.short }} {% endfor %}"

    assert render(source, first=0) == "Mo Tu We Th Fr Sa Su"
    assert render(source, first=6) == "Su Mo Tu We Th Fr Sa"


def test_current_marks_the_present_place():
    request = RequestFactory().get("/")
    request.resolver_match = SimpleNamespace(url_name="type_edit")

    assert render('{% current "types" "type_*" %}', request=request) == 'aria-current="page"'
    assert render('{% current "types" %}', request=request) == ""
    assert render('{% current "types" %}') == ""


@pytest.mark.parametrize(("count", "words"), [(1, "1"), (99, "99"), (100, "99+")])
def test_counts_are_capped(count, words):
    assert render("{{ count|capped }}", count=count) == words


def test_a_sentence_as_a_heading_loses_its_full_stop():
    assert render("{{ said|headline }}", said="You have answered.") == "You have answered"
    assert render("{{ said|headline }}", said="Ready?") == "Ready?"
