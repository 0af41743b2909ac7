"""What people do to bookings in bench/live: by a press in their browser, by the form it would send, or as a booker."""

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from bench.live_scene import Scene, epoch_minute
from bookings import lifecycle, links
from bookings.models import Booking, User

#: Milliseconds for anything in a browser.
PATIENCE = 5_000


class NotDone(Exception):
    """The hub refused a deed, or a page was not as it was taken to be."""


@dataclass
class Person:
    """Somebody at their browser."""

    user: User
    page: Any
    url: str

    def go(self, path: str) -> None:
        if self.page.url != f"{self.url}{path}":
            self.page.goto(f"{self.url}{path}")
            self.page.locator("#live[data-state=on]").wait_for(timeout=PATIENCE)

    def post(self, path: str, **fields: Any) -> float:
        """Send a form as another tab of the same browser would; returns when it was answered."""
        token = next(each["value"] for each in self.page.context.cookies() if each["name"] == "csrftoken")
        return _post(self.page.request, f"{self.url}{path}", csrfmiddlewaretoken=token, **fields)[0]

    def press(self, act: Callable[[Any], None]) -> float:
        """Do something on the page that sends a form; returns when that was answered."""
        with self.page.expect_response(lambda it: it.request.method == "POST", timeout=PATIENCE) as waited:
            act(self.page)
        answer = waited.value
        if answer.status >= 400:
            raise NotDone(f"{answer.status} for {answer.url}")
        timing = answer.request.timing
        return float(timing["startTime"] + timing["responseStart"]) / 1000


def _post(request: Any, url: str, **fields: Any) -> tuple[float, str]:
    """When a form was answered, and where the answer leads."""
    # Fields may have several values, which only the body as it is sent can say.
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({name: value for name, value in fields.items() if value is not None}, doseq=True)
    answer = request.post(url, data=body, headers=headers, max_redirects=0)
    at = time.time()
    if answer.status not in (302, 303):
        raise NotDone(f"{answer.status} for {url}")
    return at, answer.headers["location"]


Deed = Callable[["Deeds", Person], float]


class Deeds:
    """One method for each deed: it finds a booking for it, does it, and returns when the hub had answered.

    Raises LookupError where there is none, NotDone where the hub refuses.
    """

    def __init__(self, scene: Scene, chance: random.Random, *, url: str, booker: Any) -> None:
        self._scene, self._chance, self._url, self._booker = scene, chance, url, booker

    # -- By bookers, on the public pages -------------------------------------------------------------------------------

    def book(self, _person: Person) -> float:
        return self._book_publicly("site-visit")

    def ask(self, _person: Person) -> float:
        return self._book_publicly("first-talk")

    def ask_again(self, _person: Person) -> float:
        return self._book_publicly("advice")

    def cancel_by_booker(self, _person: Person) -> float:
        booking = self._scene.any(None, "confirmed", "pending", is_proposal=False)
        path = f"/m/{links.manage_token(booking.chain)}/cancel/"
        return _post(self._booker, f"{self._url}{path}", version=booking.version, reason="Not needed")[0]

    def move_by_booker(self, _person: Person) -> float:
        """At once, or a wish for a host to answer where the type wants one."""
        booking = self._scene.any(None, "confirmed")
        path = f"/m/{links.manage_token(booking.chain)}/reschedule/hold/"
        start = epoch_minute(self._scene.free())
        _at, form = _post(self._booker, f"{self._url}{path}", start=start)
        return _post(self._booker, f"{self._url}{form}", reason="Train is late")[0]

    def _book_publicly(self, slug: str) -> float:
        name, start = self._scene.name(), epoch_minute(self._scene.free())
        page = f"{self._url}/heliograf/{slug}/"
        _at, form = _post(self._booker, f"{page}hold/", start=start, zone="Europe/Berlin", duration=30)
        who = {"name": name, "email": f"{name.lower().replace(' ', '')}@lists.example"}
        return _post(self._booker, f"{self._url}{form}", **who, notes="", phone="", guests="")[0]

    # -- By hosts, as a form ---------------------------------------------------------------------------------------------

    def new(self, person: Person) -> float:
        name, kind = self._scene.name(), self._scene.visit
        answers = {
            "type": kind.pk,
            "location": self._scene.place.pk,
            "duration": 30,
            "start": epoch_minute(self._scene.free()),
            "host": "",
        }
        typed = {"name": name, "zone": "Europe/Berlin", "language": "en", "outcome": "confirmed"}
        nonce = f"{self._chance.getrandbits(120):x}"
        return person.post("/bookings/new/booker/", **answers, **typed, nonce=nonce, deed="create")

    def confirm(self, person: Person) -> float:
        return self._do("confirm", person, self._scene.any(person.user, "pending"))

    def decline(self, person: Person) -> float:
        return self._do("decline", person, self._scene.any(person.user, "pending"), reason="Full")

    def cancel(self, person: Person) -> float:
        booking = self._scene.any(person.user, "confirmed", "confirming")
        return self._do("cancel", person, booking, reason="Ill")

    def reschedule(self, person: Person) -> float:
        booking = self._scene.any(person.user, "confirmed", "pending", is_proposal=False)
        return self._do("reschedule", person, booking, start=epoch_minute(self._scene.free()), deed="move")

    def reassign(self, person: Person) -> float:
        kind = self._scene.visit
        booking = self._scene.any(person.user, "confirmed", "confirming", booking_type=kind)
        return self._do("reassign", person, booking, to="", reason="Cover")

    def complete(self, person: Person) -> float:
        return self._do("complete", person, self._scene.any(person.user, "confirmed", is_over=True))

    def booker_no_show(self, person: Person) -> float:
        return self._do("booker_no_show", person, self._scene.any(person.user, "confirmed", is_over=True))

    def host_no_show(self, person: Person) -> float:
        booking = self._scene.any(person.user, "confirmed", is_over=True)
        absent = [host.pk for host in self._scene.hosts_of(booking)]
        return self._do("host_no_show", person, booking, absent=absent)

    def edit(self, person: Person) -> float:
        booking = self._scene.any(person.user, "confirmed", "pending", is_proposal=False)
        name = f"{booking.booker_name} again"[:60]
        return self._do("edit", person, booking, name=name, email=booking.booker_email, notes="By phone")

    def ask_new_time(self, person: Person) -> float:
        booking = self._scene.any(person.user, "confirmed")
        return self._do("ask_new_time", person, booking, reason="The room is taken")

    def undo(self, person: Person) -> float:
        """Decline, which others see, and take it back a moment later: that is what is measured."""
        booking = self._scene.any(person.user, "pending")
        self._do("decline", person, booking, reason="By mistake")
        time.sleep(0.5)
        booking.refresh_from_db()
        return self._do("undo", person, booking)

    def decide_on_wish(self, person: Person) -> float:
        booking = self._scene.any(person.user, "pending", is_proposal=True)
        verb = self._chance.choice(("confirm", "decline"))
        return self._do(verb, person, booking, reason="As you like" if verb == "decline" else None)

    def decline_several(self, person: Person) -> float:
        rows = {booking.pk: booking for booking in (self._scene.any(person.user, "pending") for _n in "ab")}
        chosen = [f"{booking.pk}:{booking.version}" for booking in rows.values()]
        return person.post("/bookings/bulk/", action="decline", booking=chosen, sure="1", reason="Full")

    def _do(self, action: str, person: Person, booking: Booking, **fields: Any) -> float:
        path = reverse(f"bookings:{action}", args=[booking.pk])
        return person.post(path, version=booking.version, **fields)

    # -- By hosts, with hand and keys --------------------------------------------------------------------------------------

    def press_confirm(self, person: Person) -> float:
        booking = self._on_pending(person)
        return person.press(lambda page: page.locator(f"#confirm-{booking.pk}").press("Enter"))

    def press_decline(self, person: Person) -> float:
        booking = self._on_pending(person)
        page = person.page
        page.locator(f"#decline-{booking.pk}").press("Enter")
        page.get_by_role("dialog").get_by_label("Reason").fill("Away that week")
        return person.press(lambda page: page.get_by_role("button", name="Decline request").click())

    def press_undo(self, person: Person) -> float:
        self.press_decline(person)
        return person.press(
            lambda page: page.locator("#toasts form[action*=undo] button").last.click(timeout=PATIENCE)
        )

    def press_several(self, person: Person) -> float:
        """Tick two requests and confirm both."""
        self._on_pending(person)
        for box in person.page.locator("[id^=pick-]").all()[:2]:
            box.check()
        return person.press(lambda page: page.locator("#bulk [value=confirm]").click())

    def drag(self, person: Person) -> float:
        """Pull a booking an hour down in the week, and move it in the dialog that comes."""
        booking = self._scene.any(person.user, "confirmed")
        person.go(f"/calendar/?view=week&on={timezone.localtime(booking.starts_at):%Y-%m-%d}")
        page, item = person.page, person.page.locator(f"[id^=e-{booking.pk}-][data-move]").first
        if not item.count():
            raise LookupError
        item.evaluate("item => item.scrollIntoView({ block: 'center' })")
        box = item.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 10, y)
        page.mouse.move(x, y + 2 * box["height"])
        page.mouse.up()
        deed = page.get_by_role("dialog").get_by_role("button", name=re.compile("^Move( anyway)?$"))
        deed.wait_for(timeout=PATIENCE)
        return person.press(lambda _page: deed.click())

    def _on_pending(self, person: Person) -> Booking:
        booking = self._scene.any(person.user, "pending", is_proposal=False)
        person.go("/?tab=pending")
        if not person.page.locator(f"#confirm-{booking.pk}").count():
            raise NotDone(f"booking {booking.pk} is not on the page")
        return booking

    # -- Beside the pages --------------------------------------------------------------------------------------------------

    def confirm_unreached(self, person: Person) -> float:
        """While no page reaches the hub."""
        booking = self._scene.any(person.user, "pending", is_proposal=False)
        lifecycle.confirm(booking.pk, actor=lifecycle.person(person.user), version=booking.version)
        return time.time()


#: How often each is done, beside the others.
WEIGHTS: dict[Deed, int] = {
    Deeds.book: 6,
    Deeds.ask: 6,
    Deeds.ask_again: 6,
    Deeds.cancel_by_booker: 2,
    Deeds.move_by_booker: 5,
    Deeds.new: 4,
    Deeds.confirm: 3,
    Deeds.decline: 2,
    Deeds.cancel: 4,
    Deeds.reschedule: 4,
    Deeds.reassign: 4,
    Deeds.complete: 1,
    Deeds.booker_no_show: 1,
    Deeds.host_no_show: 1,
    Deeds.edit: 3,
    Deeds.ask_new_time: 2,
    Deeds.undo: 2,
    Deeds.decide_on_wish: 4,
    Deeds.decline_several: 1,
    Deeds.press_confirm: 6,
    Deeds.press_decline: 3,
    Deeds.press_undo: 2,
    Deeds.press_several: 1,
    Deeds.drag: 4,
}
