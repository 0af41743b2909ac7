"""The stage that all pictures are taken on: a served site, the demonstration team, and small teams for what it lacks.

Kite Atelier has one of everything, Silent Studio nothing at all. A third team has the longest names that may be. What a
picture changes, it changes in the Workshop, so that the others look the same in whatever order they are taken.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Count
from django.utils import timezone

from bookings import availability, invitations, lifecycle, links, mail_folder, mails, private_links
from bookings.demo import load
from bookings.lifecycle.actors import Actor
from bookings.models import (
    Attempt,
    Booking,
    BookingType,
    BusyTime,
    Contact,
    Delivery,
    ExceptionRequest,
    Hold,
    Host,
    Invitation,
    InvitationReply,
    Location,
    Membership,
    SingleUseLink,
    Team,
    User,
)
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Status
from bookings.rules.zones import zone
from calendars import standing
from calendars.models import Access, Calendar, CalendarAccount, EventLink, Feed
from calendars.providers.base import SignInRefused, Silent
from tests.cast import make_host, make_type, make_user
from tests.mails.letters import NAMES, a_calendar_broken, named
from tests.services.asgi import LiveSite

ADA, BEN, INES, ROOT = (
    "ada@heliograf.example",
    "ben@heliograf.example",
    "ines@northwind.example",
    "ruth@heliograf.example",
)
EVE, KIM, LOU, WANDA = "eve@silent.example", "kim@kite.example", "lou@long.example", "wanda@workshop.example"
#: The host whose calendar is broken.
YARA = "yara@workshop.example"

#: As long as a name may be, without and with places to break.
LONG_WORD = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauun"
LONG_NAME = "Maria Alexandrovna Wolkonskaja-Trubezkaja von Hohenlohe-Bart"
FROM_RIGHT = "فاطمة الزهراء بنت محمد الإدريسي"
LONG_REASON = (
    "The scaffolding on our street was put up a week earlier than the city had told us, so that neither the van nor "
    "the lift gets near the house; the owner of the yard behind it has not answered our letter so far, and without his "
    "word we must not drive through. "
) * 3
BOOKER_ZONE = "America/Toronto"
#: One mail of each kind for each reader, and where it reads otherwise.
MAIL_NAMES = [*NAMES, "team_invitation-member", "calendar_broken-host"]


@dataclass
class Stage:
    """The served site and what stands on it. `things` are rows by name, for the list of pages."""

    site: LiveSite
    mail_folder: Path
    language: str = "en"
    things: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["things"][name]
        except KeyError:
            raise AttributeError(name) from None

    def furnish(self) -> None:
        """Load everything that pictures show, once."""
        if self.things:
            return
        load.load(timezone.now())
        self._silent()
        self._kite()
        self._long()
        self._workshop()
        self._invitations()
        self._mails()
        self._find_in_demo()

    @property
    def mails(self) -> dict[str, str]:
        """The mails in the folder, by kind and audience, in the language of the moment."""
        return self._written[self.language]

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

    # -- Furniture -------------------------------------------------------------------------------------------------------

    def _silent(self) -> None:
        team = _team("Silent Studio", "silent")
        self.things["silent_user"] = _member(team, "Eve Lund", EVE, "manager")
        self.things["silent_team"] = team

    def _kite(self) -> None:
        team = _team("Kite Atelier", "kite")
        host = make_host(_member(team, "Kim Sato", KIM, "manager"))
        kind = make_type(team, host, name="Fitting", location=_place(team), approval="always")
        self.things |= {
            "kite_team": team,
            "kite_type": kind,
            "kite_host": host,
            "one_pending": self.book(kind, "Noor Haddad"),
        }

    def _long(self) -> None:
        team = _team("Internationale Gesellschaft für Photovoltaik-Planung Leipzig", "long")
        host = make_host(_member(team, LONG_NAME, LOU, "manager"))
        Feed.objects.create(host=host, shows=Feed.Shows.DETAILS, nonce=links.new_nonce())
        place = _place(
            team,
            name="Besprechungsraum Friedrich-Wilhelm-Raiffeisen im Hinterhaus",
            details=f"{LONG_WORD}straße 12, Leipzig",
        )
        other = make_host(_member(team, LONG_WORD, "word@long.example", "host"))
        kind = make_type(
            team,
            host,
            other,
            name="Erstberatung zu Photovoltaik, Speicher, Wärmepumpe und Netz",
            location=place,
            approval="always",
            slug="erstberatung",
            assignment="collective",
        )
        first = self.book(
            kind, LONG_WORD, email=f"{LONG_WORD.lower()}@{'sub.' * 8}riviere.example", notes=LONG_REASON
        )
        self.book(kind, FROM_RIGHT, notes="الرجاء الاتصال قبل الموعد")
        self.book(kind, LONG_NAME)
        gone = settle(self.book(kind, FROM_RIGHT))
        lifecycle.cancel(gone.pk, actor=host_of(gone), version=gone.version, reason=LONG_REASON[:900])
        done = lifecycle.decline(
            self.book(kind, LONG_NAME).pk, actor=host_of(gone), version=1, reason=LONG_REASON[:900]
        )
        self.things |= {
            "long_team": team,
            "long_type": kind,
            "long_pending": first,
            "long_cancelled": gone,
            "long_declined": done,
            "long_host": host,
            "long_account": self._full_account(host),
        }

    def _full_account(self, host: Host) -> CalendarAccount:
        """An account in step with whatever a calendar of it can be."""
        account = _account(
            host, "Nextcloud der Gesellschaft für Solartechnik und Energieberatung Leipzig mbH"
        )
        common = {"account": account, "can_write": True, "read_at": account.read_at}
        Calendar.objects.create(name="Personal", url="a/", hue=9, written_for=host, **common)
        Calendar.objects.create(
            name=LONG_NAME, url="b/", hue=4, skipped=2, found=240, **{**common, "can_write": False}
        )
        Calendar.objects.create(
            name="Choir", url="c/", hue=12, is_new=True, counts_as_busy=False, is_shown=False, **common
        )
        Calendar.objects.create(
            name="Sports club", url="d/", hue=6, state="gone", counts_as_busy=False, **common
        )
        standing.settle(host.pk)
        return account

    def _refused_account(self, host: Host) -> None:
        """An account whose password was changed, with a subscription beside it that doesn't answer."""
        account = _account(host, "Nextcloud")
        Calendar.objects.create(
            account=account, name="Yara’s calendar", url="a/", hue=9, written_for=host, can_write=True
        )
        standing.settle(host.pk)
        standing.failed(account.pk, SignInRefused())
        feed = _account(host, "School holidays", kind=CalendarAccount.Kind.FEED)
        Calendar.objects.create(account=feed, name="School holidays", hue=4, counts_as_busy=False)
        standing.failed(feed.pk, Silent())
        CalendarAccount.objects.filter(pk=feed.pk).update(next_try_at=timezone.now() + timedelta(minutes=8))
        self.things["refused_account"] = account

    def _workshop(self) -> None:
        team = _team("Workshop", "workshop")
        wanda = _member(team, "Wanda Berg", WANDA, "manager")
        host = make_host(wanda)
        place = _place(team)
        reasons = ["No longer needed", "Another time suits better"]
        common = {"location": place, "durations": [15], "slot_interval_minutes": 15, "window_days": 90}
        by_hand = make_type(
            team,
            host,
            name="Repair",
            approval="always",
            cancel_reason="both",
            reschedule_reason="booker",
            preset_reasons=reasons,
            **common,
        )
        free = make_type(
            team, host, name="Fitting", cancel_reason="both", preset_reasons=reasons, max_guests=5, **common
        )
        never = make_type(team, host, name="Hire", cancel_policy="never", reschedule_policy="never", **common)
        late = make_type(
            team,
            host,
            name="Loan",
            cancel_policy="with_notice",
            cancel_notice_hours=24 * 80,
            reschedule_policy="with_notice",
            reschedule_notice_hours=24 * 80,
            **common,
        )
        second = make_host(_member(team, "Yara Adler", YARA, "host"))
        either = make_type(team, host, second, name="Survey", assignment="round_robin", **common)
        self._refused_account(second)
        course = make_type(
            team,
            host,
            name="Course",
            price_cents=9050,
            currency="EUR",
            payment_window_minutes=7 * 1440,
            payment_instructions="Workshop, IBAN DE02 1203 0000 0000 2020 51\nName the reference of the booking.",
            **common,
        )
        closed = make_type(team, host, name="Sale", is_active=False, **common)
        full = make_type(
            team,
            make_host(
                _member(team, "Zac Closed", "zac@workshop.example", "host"), weekly=[[] for _ in range(7)]
            ),
            name="Auction",
            **common,
        )
        self.things |= {
            "workshop": team,
            "by_hand": by_hand,
            "free": free,
            "never": never,
            "late": late,
            "course": course,
            "closed": closed,
            "full": full,
            "wanda": wanda,
        }
        self._links(free, closed, by=wanda)
        _member(team, "Noa Pass", "nopass@workshop.example", "host")
        User.objects.filter(email="nopass@workshop.example").update(password=make_password(None))
        self.things |= {
            "stands": self.confirmed(free),
            "no_cancel": self.confirmed(never),
            "too_late": self.confirmed(late),
            "asked": self.book(by_hand),
            "settling": self.book(free),
            "unchecked": self.confirmed(make_type(team, second, name="Advice", **common)),
        }
        self.things["replied"] = self._replied(free)
        self.things["astray"] = self._astray(make_type(team, second, name="Visit", **common), second)
        called_off = self.confirmed(free)
        self.things["called_off"] = lifecycle.cancel_by_booker(
            called_off.pk, version=called_off.version, name=called_off.booker_name, reason="No longer needed"
        )
        turned_down = self.book(by_hand)
        self.things["turned_down"] = lifecycle.decline(
            turned_down.pk,
            actor=host_of(turned_down),
            version=turned_down.version,
            reason="We are away that day.",
        )
        self._changes(by_hand, free, never, either)
        self._money(course)

    def _changes(
        self, by_hand: BookingType, free: BookingType, never: BookingType, either: BookingType
    ) -> None:
        """Bookings that were moved, or whose booker asked for something."""
        wished = self.confirmed(by_hand)
        wish = move_by_booker(wished, reason="The train is late that day.")
        first = self.confirmed(free)
        moved = settle(move_by_booker(first, reason="Another time suits better"))
        moved = settle(move_by_host(moved, reason="The van is at the garage."))
        self.things |= {
            "wished": wished,
            "wish": wish,
            "moved": moved,
            "either_booking": self.confirmed(either),
        }
        to_move = self.confirmed(never)
        self.things["to_move"] = lifecycle.ask_new_time(
            to_move.pk, actor=host_of(to_move), version=to_move.version, reason="The lift is out of order."
        )
        answers = {"open": None, "granted": lifecycle.grant_exception, "refused": lifecycle.refuse_exception}
        for name, answer in answers.items():
            booking = self.confirmed(never)
            asked = lifecycle.ask_exception(
                booking.pk, wish="reschedule", name=booking.booker_name, reason="I have to travel that week."
            )
            if answer:
                answer(asked.pk, actor=host_of(booking), answer="Choose any day of the week after.")
            self.things[f"exception_{name}"] = booking

    def _links(self, free: BookingType, closed: BookingType, *, by: User) -> None:
        """Private links of every kind and state."""
        for kind in (free, closed):
            private_links.renew(kind)
        facts, ahead = private_links.Facts, timezone.now() + timedelta(days=20)
        self.things["once"] = private_links.make(
            free, facts("After the fair", "Zoë Lefèvre", "zoe@riviere.example", ahead), by=by
        )
        private_links.make(free, facts(name=LONG_NAME, note=LONG_WORD * 2), by=by)
        used, late, revoked = (
            private_links.make(free, facts(note=note), by=by) for note in ("Used", "Late", "Gone")
        )
        private_links.revoke(revoked, now=timezone.now())
        SingleUseLink.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(days=3))
        booker = lifecycle.Booker("Omar Field", email="omar@riviere.example")
        lifecycle.book(
            first_free(free),
            booker,
            actor=lifecycle.booker(booker.name),
            admission=lifecycle.SingleUse(used.pk),
        )
        self.things["once_used"] = used

    def _replied(self, kind: BookingType) -> Booking:
        """A booking whose booker declined the invitation, and whose guests answered otherwise."""
        booking = self.confirmed(kind, guests=["guy@riviere.example", "ana@riviere.example"])
        later = booking.starts_at + timedelta(hours=3)
        for email, name, audience, answer, comment in (
            ("zoe@riviere.example", "Zoë Lefèvre", "booker", "declined", "We have to travel that week."),
            ("guy@riviere.example", "", "guest", "proposed", ""),
            ("ana@riviere.example", "", "guest", "accepted", ""),
        ):
            InvitationReply.objects.create(
                booking=booking,
                email=email,
                name=name,
                audience=audience,
                answer=answer,
                comment=comment,
                proposed_at=later if answer == "proposed" else None,
                state="noted" if answer == "accepted" else "open",
                stamped_at=timezone.now(),
            )
        return booking

    def _astray(self, kind: BookingType, host: Host) -> Booking:
        """A booking whose host moved its copy in their own calendar."""
        booking = self.confirmed(kind)
        account = CalendarAccount.objects.create(host=host, kind="caldav", name="Nextcloud", state="refused")
        calendar = Calendar.objects.create(
            account=account, name="Work", hue=4, url="https://cloud.example/work/"
        )
        Host.objects.filter(pk=host.pk).update(has_write_calendar=True)
        starts, ends = (availability.epoch_minute(at) for at in (booking.starts_at, booking.ends_at))
        EventLink.objects.create(
            chain=booking.chain,
            host=host,
            calendar=calendar,
            wanted_revision=1,
            applied_revision=1,
            starts=starts,
            ends=ends,
            state=EventLink.State.MOVED,
            found_starts=starts + 120,
            found_ends=ends + 120,
            found_at=timezone.now(),
        )
        return booking

    def _money(self, course: BookingType) -> None:
        """A course that waits for its payment, one that ran out, one whose money is due back and one whose was given back."""
        ran_out = self.book(course)
        Booking.objects.filter(pk=ran_out.pk).update(pay_by_at=timezone.now())
        lifecycle.expire_due(now=timezone.now())
        self.things |= {"ran_out": ran_out, "unpaid": self.book(course), "paid": self._paid(course)}
        owed, given_back = self._paid(course), self._paid(course)
        for booking in (owed, given_back):
            lifecycle.cancel_by_booker(
                booking.pk, version=booking.version, name=booking.booker_name, reason="I have to travel."
            )
        lifecycle.refund(given_back.pk, actor=host_of(given_back), version=given_back.version + 1)
        self.things |= {"owed": owed, "given_back": given_back}

    def _paid(self, course: BookingType) -> Booking:
        booking = self.book(course)
        note = "Transfer of 3 March"
        return settle(lifecycle.pay(booking.pk, actor=host_of(booking), version=booking.version, note=note))

    def _invitations(self) -> None:
        ahead, past = timezone.now() + timedelta(days=7), timezone.now() - timedelta(days=1)
        team, by = self.things["workshop"], self.things["wanda"]

        def invited(email: str, *, until: datetime, **more: Any) -> Invitation:
            return Invitation.objects.create(
                team=team, invited_by=by, email=email, nonce=links.new_nonce(), expires_at=until, **more
            )

        self.things |= {
            "invited": invited("new@workshop.example", until=ahead, name="Nia Ilves"),
            "invited_known": invited(EVE, until=ahead, name="Eve Lund"),
            "invited_late": invited("late@workshop.example", until=past),
        }

    def _mails(self) -> None:
        """Write one mail of every kind, in each language; which of them are shown depends on who reads."""
        found: dict[str, dict[str, str]] = {"en": {}, "de": {}}
        for language, names in found.items():
            for name in NAMES:
                names[name] = _written(named(name, language=language))
            names["calendar_broken-host"] = _written(a_calendar_broken(language=language))
            invitation = Invitation.objects.create(
                team=self.things["workshop"],
                invited_by=self.things["wanda"],
                email=f"{language}@kite.example",
                name="Nia",
                nonce=links.new_nonce(),
                language=language,
                expires_at=timezone.now() + timedelta(days=7),
            )
            names["team_invitation-member"] = _written(
                invitations.send(invitation, by=self.things["wanda"], now=timezone.now())
            )
        self._written = found

    def _find_in_demo(self) -> None:
        """Take from the demonstration one booking of each status, and what has something special about it."""
        heliograf = Booking.objects.filter(team__slug="heliograf").order_by("-pk")
        self.things |= {f"a_{status.value}": heliograf.filter(status=status).first() for status in Status}
        failed = Delivery.objects.filter(state=Delivery.State.FAILED, booking__isnull=False).first()
        self.things["a_failed"] = failed.booking if failed else self.things["a_confirmed"]
        pooled = heliograf.filter(status="confirmed", starts_at__gt=timezone.now())
        self.things["a_round_robin"] = pooled.filter(booking_type__assignment="round_robin").first()
        self.things["a_collective"] = pooled.filter(booking_type__assignment="collective").first()
        self.things["a_moved"] = heliograf.filter(replaces__isnull=False, is_proposal=False).first()
        self.things["a_wish"] = Booking.objects.get(replaces=self.things["wished"], is_proposal=True)
        self._find_overlapping(pooled.filter(booking_type__assignment="round_robin"))
        over = heliograf.filter(status="confirmed", ends_at__lt=timezone.now())
        self.things["a_to_record"] = over.filter(booking_type__assignment="round_robin").first()
        self.things["a_to_record_together"] = over.filter(booking_type__assignment="collective").first()
        self.things["an_exception"] = ExceptionRequest.objects.filter(
            state="open", booking__team__slug="heliograf"
        ).first()
        talkative = Contact.objects.filter(team__slug="heliograf", conversations__isnull=False)
        self.things["a_contact"] = talkative.annotate(booked=Count("chains")).order_by("-booked", "pk")[0]
        self.things["heliograf"] = Team.objects.get(slug="heliograf")
        self.things["demo_type"] = BookingType.objects.get(slug="product-demo")
        self.things["visit_type"] = BookingType.objects.get(slug="showroom-visit")
        self.things["advice_type"] = BookingType.objects.get(slug="energy-advice")
        self.things["office"] = Location.objects.get(name="Leipzig office")
        self.things["ben"] = User.objects.get(email=BEN)
        self.things["ben_member"] = Membership.objects.get(user__email=BEN)
        self.things["ada"] = User.objects.get(email=ADA)
        self.things["calendar"] = Calendar.objects.get(account__kind="file")

    def _find_overlapping(self, pooled: Any) -> None:
        """A booking of Ben's at whose time a colleague of the pool is busy."""
        for booking in pooled.filter(booking_hosts__host__user__email=BEN):
            busy = BusyTime.objects.filter(
                host__in=booking.booking_type.type_hosts.values("host"),
                starts__lt=availability.epoch_minute(booking.ends_at),
                ends__gt=availability.epoch_minute(booking.starts_at),
            ).exclude(owner=booking.chain.owner)
            if row := busy.first():
                self.things |= {"overlapping": booking, "busy_host": row.host}
                return


def _account(host: Host, name: str, *, kind: str = CalendarAccount.Kind.CALDAV) -> CalendarAccount:
    """An account that was read a moment ago; the next reading is far off, so that none takes place."""
    now = timezone.now()
    return CalendarAccount.objects.create(
        host=host,
        kind=kind,
        name=name[:80],
        secret=CalendarAccount.sealed(Access("https://cloud.example.org/", "me", "a password of nobody")),
        read_at=now - timedelta(minutes=3),
        next_try_at=now + timedelta(days=30),
    )


def _written(delivery: Delivery) -> str:
    """Write a mail into the folder; returns its name there."""
    before = {path.stem for path in mail_folder.newest(1000)}
    mail_folder.FolderBackend().send_messages([mails.compose(delivery)])
    return ({path.stem for path in mail_folder.newest(1000)} - before).pop()


def first_free(kind: BookingType) -> lifecycle.Time:
    """The first time that a type offers from tomorrow on."""
    now = timezone.now()
    place = kind.locations.order_by("pk").first()
    offer = availability.load_offer(kind, location=place, duration=kind.default_duration, now=now)
    slots = availability.find_slots(offer, start=now + timedelta(days=1), end=now + timedelta(days=40))
    return lifecycle.Time(kind, place, availability.instant(slots.starts[0]), kind.default_duration)


def settle(booking: Booking) -> Booking:
    """Do the worker's part of a confirmation: everything is delivered, nothing leaves the house."""
    if booking.state is Status.PENDING:
        booking = lifecycle.confirm(booking.pk, actor=host_of(booking), version=booking.version)
    rows = Delivery.objects.of_booking(booking.pk).open()
    rows.filter(channel="mail").update(outcome={"code": "sent"})
    rows.exclude(channel="mail").update(outcome={"code": "no_calendar"})
    rows.update(state=Delivery.State.DONE, settled_at=timezone.now())
    return lifecycle.settled(booking.pk) or booking


def move_by_booker(booking: Booking, *, reason: str) -> Booking:
    """Move to a free time two days later, or ask for it where a host decides."""
    return lifecycle.reschedule_by_booker(
        booking.pk,
        lifecycle.NewTime(free_time_after(booking, days=2)),
        version=booking.version,
        name=booking.booker_name,
        reason=reason,
    )


def move_by_host(booking: Booking, *, reason: str) -> Booking:
    """Move to a free time three days later."""
    return lifecycle.reschedule(
        booking.pk,
        lifecycle.NewTime(free_time_after(booking, days=3)),
        actor=host_of(booking),
        version=booking.version,
        reason=reason,
    )


def free_time_after(booking: Booking, *, days: int) -> datetime:
    """The first free time so many days after a booking's own."""
    offer = availability.offer_to_move(booking, now=timezone.now())
    start = booking.starts_at + timedelta(days=days)
    slots = availability.find_slots(
        offer,
        start=start,
        end=start + timedelta(days=20),
        own=(booking.chain.owner,),
        chain_id=booking.chain_id,
    )
    return availability.instant(slots.starts[0])


def overbook(booking: Booking, *, kind: BookingType) -> None:
    """Take the time of a pending booking away from under it, as a host may who books over another."""
    time = lifecycle.Time(kind, booking.location, booking.starts_at, kind.default_duration)
    booker = lifecycle.Booker(name="Omar Field", email="omar@field.example", zone="Europe/Berlin")
    actor = host_of(booking)
    try:
        lifecycle.book_as_host(time, booker, actor=actor, as_request=False)
    except Refused as refused:
        lifecycle.book_as_host(
            time, booker, actor=actor, as_request=False, accepting=frozenset(refused.values["ids"])
        )


def host_of(booking: Booking) -> Actor:
    """The first host of a booking, as who acts."""
    return lifecycle.person(
        booking.booking_hosts.order_by("position").select_related("host__user")[0].host.user
    )


def _team(name: str, slug: str) -> Team:
    return Team.objects.create(name=name, slug=slug, time_zone="Europe/Berlin")


def _member(team: Team, name: str, email: str, role: str) -> User:
    user = make_user(name, email)
    Membership.objects.create(team=team, user=user, role=role)
    return user


def _place(team: Team, **more: Any) -> Location:
    return Location.objects.create(
        team=team, **{"name": "Showroom", "kind": "address", "details": "Gleisstraße 4, Leipzig", **more}
    )
