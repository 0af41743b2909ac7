"""Answers to the steps of a new booking, and what stands on their pages."""

import re
from html import unescape

from bookings import availability
from bookings.models import Booking
from tests.cast import at, day_ahead

NEW = "/bookings/new/"
STEPS = ("type", "time", "host", "booker")
TYPED = {
    "name": "Ümit Yıldız",
    "email": "umit@mail.example",
    "phone": "+49 341 555 0100",
    "notes": "Two dogs",
}


def minute(hour, **options):
    return availability.epoch_minute(at(hour, **options))


def form(cast, *, kind=None, **more):
    kind = kind or cast.demo
    data = {
        "type": kind.pk,
        "location": cast.place.pk,
        "duration": kind.default_duration,
        "day": day_ahead().isoformat(),
        "start": str(minute(10)),
        "host": "",
        "name": "Ümit Yıldız",
        "email": "umit@mail.example",
        "phone": "",
        "zone": "Europe/Istanbul",
        "language": "en",
        "notes": "",
        "outcome": "pending",
        "nonce": "nonce-1",
        "deed": "create",
    }
    return {**data, **more}


def send(client, data, headers=None, *, follow=False):
    """Press *Create booking*; what is open or wrong before leads on to its step."""
    return client.post(f"{NEW}booker/", data, headers=headers or {}, follow=follow)


def only_booking():
    return Booking.objects.get()


def look(client, step, query=None, *, follow=False):
    return client.get(f"{NEW}{step}/" if step else NEW, query or {}, follow=follow)


def text_of(client, step, query=None):
    answer = look(client, step, query)
    assert answer.status_code == 200
    return answer.content.decode()


def starts(text):
    return [int(value) for value in re.findall(r'<button class="slot[^"]*" name="start" value="(\d+)"', text)]


def fields(text):
    """The hidden fields of the form, as a browser sends them."""
    form = text[text.index('id="new-booking"') :]
    return {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }


def led_to(answer):
    """The step and the answers that a redirect leads to."""
    path, _, query = answer.headers["Location"].partition("?")
    return path.removeprefix(NEW).rstrip("/"), dict(pair.split("=") for pair in query.split("&") if pair)


def pressed(client, data, url):
    """Press a way to another step in a form, as a browser does: it is sent on by redirects that keep the form."""
    return client.post(url, {name: value for name, value in data.items() if name != "deed"}, follow=True)


def led_to_address(answer):
    return answer.redirect_chain[-1][0].partition("?")[0].removeprefix(NEW).rstrip("/")
