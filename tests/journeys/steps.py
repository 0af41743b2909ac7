"""What people do in the journeys, one step each, by visible labels alone."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Locator, expect

from tests.journeys.closing import link_in, mail_to
from tests.journeys.hand import Hand
from tests.journeys.hub_process import Hub

PASSWORD = "three quiet otters swim"
ON_REQUEST, AT_ONCE = "Site visit", "First call"
#: The place in the rail; behind its name stands how many requests wait, as soon as one does.
HUB = re.compile("^Hub")


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    password: str = PASSWORD


@dataclass
class Team:
    """A hub in use: who runs it, and the public links by the name of their type."""

    hub: Hub
    ada: Person
    links: dict[str, str] = field(default_factory=dict)


ADA = Person("Ada Brandt", "ada@heliograf.example")


# -- Setting up --------------------------------------------------------------------------------------------------------


def found_team(hand: Hand, hub: Hub) -> Team:
    """Set a hub up and make the two booking types that most journeys need."""
    team = Team(hub, ADA)
    hand.open(hub.url)
    set_up(hand, ADA)
    hand.follow("Make a booking type")
    team.links[AT_ONCE] = make_type(hand, AT_ONCE)
    hand.follow("Types")
    hand.follow("New booking type")
    team.links[ON_REQUEST] = make_type(hand, ON_REQUEST, approval="A host confirms each one")
    return team


def set_up(hand: Hand, person: Person, *, team: str = "Heliograf Solar") -> None:
    """The first page: administrator, team and zone, the browser's zone being chosen already."""
    hand.fill("Your name", person.name)
    hand.fill("Your e-mail", person.email)
    hand.fill("Password", person.password)
    hand.fill("Team or company", team)
    expect(hand.field("Your time zone").locator("option:checked")).to_have_text(re.compile("^Berlin"))
    hand.press("Set up the hub")
    hand.heads("First steps")


def make_type(hand: Hand, name: str, *, approval: str = "") -> str:
    """Fill in the page of a new booking type and return its public link as it is shown."""
    hand.fill("Name", name)
    if approval:
        hand.unfold("Rules for bookers")
        hand.tick(approval)
    hand.press("Make booking type")
    hand.heads(name)
    return (hand.region("Public link").get_by_role("link").text_content() or "").strip()


def sign_in(hand: Hand, hub: Hub, person: Person) -> None:
    hand.open(hub.url)
    hand.fill("E-mail", person.email)
    hand.fill("Password", person.password)
    hand.press("Sign in")
    hand.heads("Bookings")


def invite(host: Hand, person: Person, *, role: str = "Host") -> None:
    """Ask somebody into the team, from any page of a manager's; their mail holds the link."""
    host.follow("Team")
    invitations = host.region("Invitations")
    host.fill("Name", person.name, within=invitations)
    host.fill("E-mail", person.email, within=invitations)
    host.choose("Role", role, within=invitations)
    host.press("Send invitation")
    host.sees(f"An invitation is on its way to {person.email}.")


def join(hand: Hand, hub: Hub, person: Person) -> None:
    """Follow the link of an invitation; ends at the hours of the new member."""
    hand.open(link_in(mail_to(hub, person.email, subject="Join"), "Choose a password"))
    hand.fill("Password", person.password)
    hand.press("Join the team")
    hand.heads("My hours")


# -- Booking -----------------------------------------------------------------------------------------------------------


def pick_time(hand: Hand, *, day: int = 0, time: int = 0) -> tuple[str, str]:
    """Choose a day of the month on show and one of its times, counted from 0; return both as they are written."""
    # The times are put on the clock of the booker's zone as soon as the page knows it.
    hand.page.wait_for_load_state("networkidle")
    days = hand.page.get_by_role("grid").get_by_role("link")
    expect(days.first).to_be_visible()
    word = days.nth(day % days.count()).get_attribute("aria-label") or ""
    hand.follow(word)
    region = hand.region(word)
    expect(region).to_be_visible()
    clock = (region.get_by_role("button").nth(time).text_content() or "").strip()
    hand.press(clock, within=region)
    hand.heads("Your details", level=2)
    return word, clock


def fill_in(hand: Hand, booker: Person, *, guests: tuple[str, ...] = (), notes: str = "") -> None:
    """Fill in the form for a time that was chosen."""
    hand.fill("Name", booker.name)
    hand.fill("E-mail", booker.email)
    if guests:
        hand.unfold("Bring guests")
        hand.fill("Guests", "\n".join(guests))
    if notes:
        hand.fill("Anything we should know", notes)


def ask(hand: Hand, link: str, booker: Person, *, day: int = 0, time: int = 0) -> tuple[str, str]:
    """Ask for a time that a host has to confirm; ends on the booker's own page."""
    hand.open(link)
    chosen = pick_time(hand, day=day, time=time)
    fill_in(hand, booker)
    hand.press("Ask for this time")
    hand.stands("Pending")
    return chosen


# -- The booker's page and the hub -------------------------------------------------------------------------------------


def tab(hand: Hand, name: str) -> None:
    """Go to one of the hub's lists, whatever count stands behind its name."""
    tabs = hand.page.get_by_role("navigation", name="Bookings by state")
    hand.follow(re.compile(rf"^{name}( \d+\+?)?$"), within=tabs)
    expect(
        tabs.get_by_role("link", name=re.compile(f"^{name}")).and_(hand.page.locator("[aria-current=page]"))
    ).to_be_visible()


def row_of(hand: Hand, booker: Person) -> Locator:
    """The row of a booking in the hub's lists."""
    named = hand.page.get_by_role("link", name=booker.name, exact=True)
    return hand.page.get_by_role("listitem").filter(has=named)


def row_shows(hand: Hand, booker: Person, status: str) -> None:
    """Fail unless the row of a booking comes to show this status by itself."""
    expect(row_of(hand, booker)).to_contain_text(status)
