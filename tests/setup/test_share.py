"""The page that gives a booking type to bookers, and the websites that a team names for it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from bookings.forms import wishes
from bookings.models import Question, Team, User
from tests.cast import Cast

SignIn = Callable[[User], Client]
SETTINGS = {
    "team-name": "Heliograf Solar",
    "team-slug": "heliograf",
    "team-time_zone": "Europe/Berlin",
    "team-language": "en",
    "team-undo_seconds": "0",
}


def test_the_lines_to_paste_name_the_page_and_the_script(
    cast: Cast, as_person: SignIn, settings: Any
) -> None:
    settings.BASE_URL = "https://hub.example"
    page = as_person(cast.ben).get(f"/types/{cast.demo.pk}/share/").content.decode()
    copied = re.findall(r'data-copy="([^"]+)"', page)
    link, script = (
        "https://hub.example/heliograf/product-demo/",
        "https://hub.example/static/embed/v1/embed.js",
    )
    assert copied[-1] == f"{link}?name=Zo%C3%AB+Lef%C3%A8vre&amp;email=zoe%40example.org"
    assert copied[:-1] == [
        link,
        *(
            f"&lt;a href=&quot;{link}&quot; data-booking-hub=&quot;{way}&quot;&gt;Book: Product demo&lt;/a&gt;\n"
            f"&lt;script src=&quot;{script}&quot; async&gt;&lt;/script&gt;"
            for way in ("inline", "popup")
        ),
        f"&lt;a href=&quot;{link}&quot;&gt;Book: Product demo&lt;/a&gt;",
    ]


def test_a_name_with_markup_stays_text_wherever_it_is_pasted(cast: Cast, as_person: SignIn) -> None:
    cast.demo.name = "<b>Demo</b> & more"
    cast.demo.save()
    page = as_person(cast.ada).get(f"/types/{cast.demo.pk}/share/").content.decode()
    assert "<b>Demo" not in page
    assert "&amp;lt;b&amp;gt;Demo" in page


def test_it_says_which_websites_may_show_it(cast: Cast, as_person: SignIn) -> None:
    url = f"/types/{cast.demo.pk}/share/"
    assert "No website may show it yet" in as_person(cast.ben).get(url).content.decode()
    assert "Name websites" not in as_person(cast.ben).get(url).content.decode()
    cast.team.embed_origins = ["https://shop.example", "*"]
    cast.team.save()
    page = as_person(cast.ada).get(url).content.decode()
    assert "<code>https://shop.example</code>." in page
    assert "Name websites" in page


def test_what_was_put_away_is_not_shared(cast: Cast, as_person: SignIn) -> None:
    as_person(cast.ada).post(f"/types/{cast.demo.pk}/archive/")
    assert as_person(cast.ada).get(f"/types/{cast.demo.pk}/share/").status_code == 404


def test_it_lists_what_a_link_may_hold_and_the_form_takes_it(cast: Cast, as_person: SignIn) -> None:
    """Each name in the table is one that the booking page reads."""
    question = Question.objects.create(
        booking_type=cast.demo, label="Which roof?", kind="choice", options=["Flat", "Pitched"]
    )
    page = as_person(cast.ben).get(f"/types/{cast.demo.pk}/share/").content.decode()
    names = re.findall(r"<code>(\w+)=</code>", page)
    assert names == ["name", "email", "phone", "guests", "notes", f"q_{question.pk}", "month", "day"]
    assert "<code>Flat</code>" in page
    filled = wishes.prefill(QueryDict("&".join(f"{name}=x" for name in names)))
    assert set(filled) == set(names) - {"month", "day"}


@pytest.mark.parametrize("rows", [1, 3])
def test_page_takes_nine_queries(
    cast: Cast, as_person: SignIn, rows: int, django_assert_num_queries: Any
) -> None:
    cast.team.embed_origins = [f"https://shop-{n}.example" for n in range(rows)]
    cast.team.save()
    ada = as_person(cast.ada)
    with django_assert_num_queries(9):
        ada.get(f"/types/{cast.demo.pk}/share/")


# -- Websites of a team --------------------------------------------------------------------------------------------------


def save(cast: Cast, as_person: SignIn, typed: str) -> Any:
    return as_person(cast.ada).post("/team/heliograf/settings/", {**SETTINGS, "team-embed_origins": typed})


def test_websites_are_kept_as_browsers_write_them(cast: Cast, as_person: SignIn) -> None:
    typed = "https://Shop.example/\r\n\r\nhttps://shop.example:443\r\nhttp://localhost:3000"
    assert save(cast, as_person, typed).status_code == 302
    assert Team.objects.get(pk=cast.team.pk).embed_origins == [
        "https://shop.example",
        "http://localhost:3000",
    ]
    assert "https://shop.example\nhttp://localhost:3000" in as_person(cast.ada).get("/team/").content.decode()
    assert save(cast, as_person, "").status_code == 302
    assert Team.objects.get(pk=cast.team.pk).embed_origins == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("shop.example", "is no website’s origin"),
        ("https://*.shop.example", "is no website’s origin"),
        ("https://shop.example; script-src *", "is no website’s origin"),
        ("https://shop.example/booking", "Type https://shop.example."),
        ("*", "which this hub does not allow"),
        ("\n".join(f"https://shop-{n}.example" for n in range(21)), "At most 20 lines."),
    ],
)
def test_what_is_no_website_is_refused(cast: Cast, as_person: SignIn, typed: str, says: str) -> None:
    response = save(cast, as_person, typed)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert Team.objects.get(pk=cast.team.pk).embed_origins == []


def test_all_websites_where_the_operator_allows_it(cast: Cast, as_person: SignIn, settings: Any) -> None:
    settings.HUB_EMBED_ANYWHERE = True
    assert save(cast, as_person, "*").status_code == 302
    assert Team.objects.get(pk=cast.team.pk).embed_origins == ["*"]
