"""The stage that all pictures are taken on: a served site, what stands on it, and what happens while a picture is taken."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from bookings import lifecycle, links
from bookings.models import Attempt, Booking, BookingType, BusyTime, Hold, Invitation, User
from bookings.rules.zones import zone
from tests.services.asgi import LiveSite
from tests.shots.cast import BOOKER_ZONE
from tests.shots.deeds import first_free, settle


@dataclass
class Stage:
    """The served site and what stands on it. `things` are rows by name, for the list of pages."""

    site: LiveSite
    mail_folder: Path
    language: str = "en"
    things: dict[str, Any] = field(default_factory=dict)
    #: The names of the mails in the folder, by language, kind and audience.
    written: dict[str, dict[str, str]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["things"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def mails(self) -> dict[str, str]:
        """The mails in the folder, by kind and audience, in the language of the moment."""
        return self.written[self.language]

    @property
    def zone(self) -> ZoneInfo:
        """Where the Workshop's clock hangs."""
        return zone("Europe/Berlin")

    def speak(self, language: str) -> None:
        """Let everybody read this language."""
        self.language = language
        User.objects.update(language=language)
        Booking.objects.update(booker_language=language)

    def cookie(self, email: str) -> dict[str, Any]:
        """A session cookie of somebody, as Playwright takes it."""
        user = User.objects.get(email=email)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": self.site.url}

    # -- What happens while a picture is taken ---------------------------------------------------------------------------

    def book(self, kind: BookingType, name: str = "Zoë Lefèvre", **more: Any) -> Booking:
        """Book the first free time of a type, as its page would."""
        details = {
            "name": name,
            "email": "zoe@riviere.example",
            "phone": "+1 416 555 0100",
            "zone": BOOKER_ZONE,
            "language": self.language,
        }
        booker = lifecycle.Booker(**{**details, **more})
        return lifecycle.book(first_free(kind), booker, actor=lifecycle.booker(name))

    def confirmed(self, kind: BookingType, name: str = "Zoë Lefèvre", **more: Any) -> Booking:
        """Book, and let the worker do its part."""
        return settle(self.book(kind, name, **more))

    def manage_token(self, booking: Booking) -> str:
        return urlsplit(links.manage_url(booking.chain)).path.split("/")[2]

    def answer_token(self, booking: Booking) -> str:
        """The token of the link on which the host of a booking answers."""
        part = booking.booking_hosts.select_related("booking__chain").order_by("position")[:1].get()
        return links.answer_url(part).rstrip("/").rsplit("/", 1)[1]

    def invite_token(self, invitation: Invitation) -> str:
        return urlsplit(links.invite_url(invitation)).path.split("/")[2]

    def let_holds_end(self) -> None:
        """Let all holds run out, and forget how often anybody tried."""
        Hold.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        BusyTime.objects.filter(source="hold").update(expires=0)
        Attempt.objects.all().delete()

    def take_held_time(self, name: str) -> None:
        """Let the newest hold run out, and somebody else book its time."""
        held = Hold.objects.latest("created_at")
        self.let_holds_end()
        time = lifecycle.Time(held.booking_type, held.location, held.starts_at, held.duration_minutes)
        lifecycle.book(time, lifecycle.Booker(name=name, zone=BOOKER_ZONE), actor=lifecycle.booker(name))

    def password_key(self) -> list[str]:
        """What the address in a mail for a new password is made of."""
        wanda = self.things["wanda"]
        return [user_pk_to_url_str(wanda), default_token_generator.make_token(wanda)]
