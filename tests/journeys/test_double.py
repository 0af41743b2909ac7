"""Doing a thing twice has the effect of doing it once, and acting on what somebody else changed is told, not done."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.closing import close, mail_to, statuses
from tests.journeys.conftest import BERLIN, PHONE
from tests.journeys.hand import Hand
from tests.journeys.steps import AT_ONCE, ON_REQUEST, Person, Team

pytestmark = [pytest.mark.browser, pytest.mark.both_databases, pytest.mark.slow]


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_double_click_books_confirms_and_cancels_once(
    team: Team, new_hand: Callable[..., Hand], has_script: bool
) -> None:
    eva = Person(f"Eva {'Quick' if has_script else 'Plain'}", f"eva{has_script:d}@quick.example")
    ada = new_hand(**BERLIN, java_script_enabled=has_script)
    hers = new_hand(**PHONE, java_script_enabled=has_script)
    hers.open(team.links[ON_REQUEST])
    steps.pick_time(hers, day=2)
    steps.fill_in(hers, eva)
    hers.press_twice("Ask for this time")
    hers.stands("Pending")

    steps.sign_in(ada, team.hub, team.ada)
    steps.tab(ada, "Pending")
    expect(steps.row_of(ada, eva)).to_have_count(1)
    if has_script:
        ada.follow(eva.name)
        ada.press_twice("Confirm")
        ada.stands("Confirmed")  # The page becomes so by itself.
    else:
        ada.press_twice(f"Confirm {eva.name}")
    mail_to(team.hub, eva.email, subject="Confirmed")
    hers.page.reload()
    hers.stands("Confirmed")
    hers.follow("Cancel booking")
    hers.press_twice("Cancel booking")
    hers.stands("Cancelled")
    mail_to(team.hub, eva.email, subject="Cancelled")

    assert statuses(close(team.hub), eva.email) == {eva.email: ["CANCELLED"]}
    assert [mail.subject.split(":")[0] for mail in team.hub.catcher.mails_to(eva.email)] == [
        "Request received",
        "Confirmed",
        "Cancelled",
    ]


def test_going_back_and_sending_again_books_once(team: Team, booker: Hand) -> None:
    abe = Person("Abe Again", "abe@again.example")
    booker.open(team.links[AT_ONCE])
    steps.pick_time(booker, day=2)
    form = booker.page.url
    steps.fill_in(booker, abe)
    booker.press("Book this time")
    booker.stands("Confirmed")

    booker.page.go_back()
    booker.heads("This form was sent")
    booker.sees("A form books once.")
    booker.open(form)
    booker.heads("This form was sent")

    mail_to(team.hub, abe.email, subject="Confirmed")
    assert statuses(close(team.hub), abe.email) == {abe.email: ["CONFIRMED"]}


def test_one_form_in_two_tabs_books_once(team: Team, booker: Hand) -> None:
    tea = Person("Tea Twice", "tea@twice.example")
    booker.open(team.links[AT_ONCE])
    steps.pick_time(booker, day=3)
    same, other = booker.another_tab(), booker.another_tab()
    for tab in (booker, same, other):
        steps.fill_in(tab, tea)
    other.fill("Name", "Somebody Else")

    for tab in (booker, same):
        tab.press("Book this time")
        tab.stands("Confirmed")
    assert booker.page.url == same.page.url, "the second answer is the first one again"
    other.press("Book this time")
    other.sees("This form was sent before with other answers.")

    assert statuses(close(team.hub), tea.email) == {tea.email: ["CONFIRMED"]}


def test_confirming_in_two_tabs_confirms_once(team: Team, ada: Hand, booker: Hand) -> None:
    uma = Person("Uma Stale", "uma@stale.example")
    steps.ask(booker, team.links[ON_REQUEST], uma, day=3)
    steps.tab(ada, "Pending")
    late = ada.another_tab(is_deaf=True)
    expect(steps.row_of(late, uma)).to_be_visible()

    for tab in (ada, late):
        tab.press(f"Confirm {uma.name}")
        tab.sees(f"{uma.name} is confirmed.")
        expect(steps.row_of(tab, uma)).to_have_count(0)
    mail_to(team.hub, uma.email, subject="Confirmed")
    booker.page.reload()
    booker.follow("Cancel booking")
    again = booker.another_tab()
    for tab in (booker, again):
        tab.press("Cancel booking")
        tab.stands("Cancelled")

    mail_to(team.hub, uma.email, subject="Cancelled")
    assert statuses(close(team.hub), uma.email) == {uma.email: ["CANCELLED"]}
    assert len(team.hub.catcher.mails_to(uma.email)) == 3


def test_stale_tab_tells_who_was_faster_and_changes_nothing(team: Team, ada: Hand, booker: Hand) -> None:
    vic = Person("Vic Withdraws", "vic@stale.example")
    steps.ask(booker, team.links[ON_REQUEST], vic, day=3)
    ada.hear_nothing()
    steps.tab(ada, "Pending")
    expect(steps.row_of(ada, vic)).to_be_visible()
    booker.follow("Withdraw request")
    booker.press("Withdraw request")
    booker.stands("Cancelled")

    ada.press(f"Confirm {vic.name}")
    ada.sees("Nothing was changed")
    ada.sees(f"{vic.name} cancelled this booking at")
    ada.page.get_by_role("dialog").get_by_text("Close", exact=True).click()
    expect(steps.row_of(ada, vic)).to_have_count(0)

    mail_to(team.hub, team.ada.email, subject=f"Cancelled: {ON_REQUEST} with {vic.name}")
    assert statuses(close(team.hub), vic.email) == {vic.email: []}
