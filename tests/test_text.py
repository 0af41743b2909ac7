"""The boundary of text: what no page, mail, invitation or table could show is refused at the form.

Break: let `is_visible` answer yes, and the names of zero-width spaces pass.
"""

import pytest
from django.core.exceptions import ValidationError

from bookings.models.fields import validate_line, validate_name, validate_text


@pytest.mark.parametrize(
    "name",
    ["Zoë Lefèvre", "نور الهاشمي", "O’Donnell", "Nguyễn Thị Ánh", "李雷", "J. 👩‍🚀", "नमस्ते", "Ångström"],
)
def test_names_of_people_pass(name: str) -> None:
    validate_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "a\x00b",
        "a\rb",
        "a\nb",
        "a\u202eb",
        "a\u2028b",
        "\ud800",
        "a\ufffdb",
        "a\ufffeb",
        "a\U0001ffffb",
        "\u200b\u200b",
        "\u00a0",
        "Z" + "\u0301" * 80,
    ],
)
def test_what_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        validate_line(name)


@pytest.mark.parametrize("name", ["Win at http://evil.example/x", "www.evil.example", "HTTPS://E"])
def test_a_name_carries_no_web_address(name: str) -> None:
    """Break: validate the name as any line, and a stranger's link goes out to ten guests under our name."""
    validate_line(name)
    with pytest.raises(ValidationError):
        validate_name(name)


def test_text_of_several_lines_keeps_its_lines() -> None:
    validate_text("One\nTwo\tThree")
    with pytest.raises(ValidationError):
        validate_text("One\x07")
