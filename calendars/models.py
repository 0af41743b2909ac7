"""Calendars from elsewhere: where they come from, what stands in them, what the hub wrote into them, and which of all
calendars somebody does not want to see.

Titles and places are sealed (calendars.sealing); only their owner reads them. What of it counts as busy is also written
as rows of `BusyTime`, which is all that the domain knows of it.
"""

import json
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import Host, User, fields
from calendars import sealing


class CalendarAccount(models.Model):
    """Where calendars of a host come from: one file, one address that is subscribed to, or one account at a server."""

    class Kind(models.TextChoices):
        FILE = "file", _("File")
        FEED = "feed", _("Subscription")
        CALDAV = "caldav", _("CalDAV")

    class State(models.TextChoices):
        OK = "ok", _("In step")
        REFUSED = "refused", _("Sign-in refused")
        SILENT = "silent", _("Doesn’t answer")
        GONE = "gone", _("No longer there")
        UNREADABLE = "unreadable", _("Can’t be read")

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="calendar_accounts")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    #: What the host calls it; the server's name where nothing was typed.
    name = fields.line(80, verbose_name=_("name"), blank=True)
    #: Where it is and who signs in, as JSON, sealed: {"url", "username", "password"}; the address of a feed is a secret too.
    secret = models.BinaryField(default=b"", blank=True, editable=False)
    #: How the server's calendars call their owner, besides the address the host signs in to the hub with.
    addresses = models.JSONField(_("own addresses"), default=list, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OK)
    #: Code of the refusal (bookings.rules.refusals) that reading ended with; "" where it went well.
    error = models.CharField(_("last error"), max_length=40, blank=True)
    #: When everything that is read of it was last known to be as it is there.
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    #: Readings that failed since the last one that did not, and when the next one is due.
    failures = models.PositiveIntegerField(_("failed tries"), default=0, editable=False)
    next_try_at = models.DateTimeField(_("next reading"), null=True, blank=True, db_index=True)
    #: Since when every call has failed; empty while it works (calendars.standing).
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    #: Whoever reads it holds this until then; a worker that died loses it.
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    #: When a test event was last written, read back and deleted where bookings are written to (calendars.canary).
    canary_at = models.DateTimeField(_("last tested"), null=True, blank=True, editable=False)
    #: Code of the failure that ended it; "" where it went well.
    canary_error = models.CharField(_("test ended with"), max_length=40, blank=True, editable=False)
    #: Where a test event perhaps still stands; committed before it is written.
    canary_href = models.CharField(max_length=1000, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("calendar account")
        verbose_name_plural = _("calendar accounts")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.host}"

    @property
    def is_remote(self) -> bool:
        """Whether it is read from somewhere again and again."""
        return self.kind != self.Kind.FILE

    @staticmethod
    def sealed(access: "Access") -> bytes:
        return sealing.seal(json.dumps([access.url, access.username, access.password]).encode())

    @property
    def access(self) -> "Access | None":
        """How to get there; None where the key it was sealed with is gone, so that it has to be connected again."""
        content = sealing.unseal(self.secret) if self.secret else None
        return Access(*json.loads(content)) if content else None


@dataclass(frozen=True)
class Access:
    """Where an account is, and who signs in there; a feed has nobody."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """The name of the server: as much of an address as anybody may read over a shoulder."""
        return urlsplit(self.url).hostname or ""


class Calendar(models.Model):
    """One calendar of an account, as its host wants it."""

    class State(models.TextChoices):
        OK = "ok", _("In step")
        GONE = "gone", _("No longer there")
        UNREADABLE = "unreadable", _("Can’t be read")

    account = models.ForeignKey(CalendarAccount, on_delete=models.CASCADE, related_name="calendars")
    #: The owner of its busy rows.
    owner = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = fields.line(80, verbose_name=_("name"))
    hue = fields.hue(verbose_name=_("colour"))
    counts_as_busy = models.BooleanField(_("counts as busy"), default=True)
    is_shown = models.BooleanField(_("shown in the calendar"), default=True)
    all_day_counts = models.BooleanField(_("whole days count"), default=True)
    tentative_counts = models.BooleanField(_("tentative events count"), default=True)
    #: Its address at the server; "" for a file.
    url = models.CharField(max_length=1000, blank=True, editable=False)
    #: Whether the server lets the hub write there.
    can_write = models.BooleanField(default=False, editable=False)
    #: The host whose bookings are written here: one calendar for each host at most.
    written_for = models.OneToOneField(
        Host, on_delete=models.SET_NULL, null=True, blank=True, related_name="write_calendar"
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OK)
    #: Found at the server after the account was connected: neither read nor shown until its host chose what it counts as.
    is_new = models.BooleanField(_("not chosen yet"), default=False, editable=False)
    #: What the server called its contents when they were last read (a sync token, an ETag); "" for never.
    token = models.CharField(max_length=1000, blank=True, editable=False)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    #: When its events were last replaced by what stood there, and with that the window moved on.
    filled_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: How many events the last reading found, and how many of them could not be read.
    found = models.PositiveIntegerField(_("events found"), default=0, editable=False)
    skipped = models.PositiveIntegerField(_("events left out"), default=0, editable=False)
    #: Copies found there that say they are the hub's, and that the hub knows nothing of.
    strangers = models.PositiveIntegerField(_("unknown copies"), default=0, editable=False)
    #: When the copies there were last compared with what is wanted.
    swept_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Names of time zones that nobody knows; their times were read in the host's.
    unknown_zones = models.JSONField(_("unknown time zones"), default=list, blank=True, editable=False)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "url"), condition=~Q(url=""), name="calendar_url_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class KeptFile(models.Model):
    """The file a calendar was read from, sealed: what lies beyond the window today is read from it later."""

    calendar = models.OneToOneField(Calendar, on_delete=models.CASCADE, related_name="file")
    name = fields.line(120, verbose_name=_("name"), blank=True)
    size = models.PositiveIntegerField(_("bytes"))
    content = models.BinaryField()

    class Meta:
        verbose_name = _("kept file")
        verbose_name_plural = _("kept files")

    def __str__(self) -> str:
        return self.name


class CalendarEvent(models.Model):
    """An event of a calendar at one time; epoch minutes, half-open. A series stands here as each of its events within the window."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="events", db_index=False)
    uid = models.CharField("iCalendar UID", max_length=255)
    #: Which one of a series; "" for what does not repeat.
    recurrence = models.CharField(max_length=40, blank=True)
    starts = models.BigIntegerField()
    ends = models.BigIntegerField()
    #: The days of what lasts whole days, wherever it is read; null for what has a clock.
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)
    is_busy = models.BooleanField(_("busy"), default=True)
    #: Busy, but not for certain; its calendar says whether that counts.
    is_tentative = models.BooleanField(_("tentative"), default=False)
    #: Title and place, sealed.
    words = models.BinaryField(default=b"", blank=True)

    class Meta:
        verbose_name = _("event of a calendar")
        verbose_name_plural = _("events of calendars")
        constraints = (
            models.UniqueConstraint(fields=("calendar", "uid", "recurrence"), name="calendar_event_once"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="calendar_event_in_order"),
            models.CheckConstraint(
                condition=Q(first_on__isnull=True, last_on__isnull=True) | Q(last_on__gte=F("first_on")),
                name="calendar_event_days_in_order",
            ),
        )
        # By the end, as busy time: what is over is never looked at again.
        indexes = (models.Index(fields=("calendar", "ends", "starts"), name="calendar_event_between"),)

    def __str__(self) -> str:
        return f"{self.calendar_id}: {self.starts}-{self.ends}"

    @property
    def is_all_day(self) -> bool:
        return self.first_on is not None

    @staticmethod
    def sealed(title: str, place: str) -> bytes:
        return sealing.seal(json.dumps([title, place]).encode()) if title or place else b""

    @property
    def opened(self) -> tuple[str, str]:
        """Title and place; empty where nobody wrote any, or they can no longer be opened."""
        content = sealing.unseal(self.words) if self.words else None
        title, place = json.loads(content) if content else ("", "")
        return title, place


#: Events that take time off their host, as their calendars are set.
COUNTING = (
    Q(is_busy=True, calendar__counts_as_busy=True)
    & (Q(first_on__isnull=True) | Q(calendar__all_day_counts=True))
    & (Q(is_tentative=False) | Q(calendar__tentative_counts=True))
)


class EventLink(models.Model):
    """The copy of a booking in one host's calendar: what is wanted there, what was last written, and what was found.

    Its id names the copy at the server and is never used for another one, not even after it was deleted: then the next
    copy is a new generation. The row is written in the outbox handler's own transactions; `wanted_revision` is the number
    of the delivery that wished it.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waits")
        OK = "ok", _("In step")
        #: Its host moved it there: `found_starts` and `found_ends`.
        MOVED = "moved", _("Moved elsewhere")
        #: Its host deleted it there.
        REMOVED = "removed", _("Deleted elsewhere")
        #: Its calendar is gone.
        LOST = "lost", _("Calendar gone")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chain = models.ForeignKey("bookings.BookingChain", on_delete=models.CASCADE, related_name="event_links")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="event_links")
    #: Null once its account was disconnected: the copy stays there, out of reach, and is known again if the account comes back.
    calendar = models.ForeignKey(Calendar, on_delete=models.SET_NULL, null=True, related_name="links")
    generation = models.PositiveIntegerField(default=1)
    is_wanted = models.BooleanField(default=True)
    wanted_revision = models.BigIntegerField(default=0)
    #: What stands there as far as the hub knows; 0 for nothing.
    applied_revision = models.BigIntegerField(default=0)
    #: What was last written, epoch minutes.
    starts = models.BigIntegerField(null=True, blank=True)
    ends = models.BigIntegerField(null=True, blank=True)
    #: Set, and committed, before the first request that may create it: from then on it perhaps exists.
    is_touched = models.BooleanField(default=False)
    href = models.CharField(max_length=1000, blank=True)
    etag = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    found_starts = models.BigIntegerField(null=True, blank=True)
    found_ends = models.BigIntegerField(null=True, blank=True)
    #: When its host was found to have moved or deleted it.
    found_at = models.DateTimeField(null=True, blank=True)
    #: The host saw the question and left things as they are.
    is_let_be = models.BooleanField(default=False)
    #: Whoever is on the wire for it holds this; nobody else is meanwhile.
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    applied_at = models.DateTimeField(null=True, blank=True)
    #: When it was looked for once more, some time after it was deleted.
    swept_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("copy in a calendar")
        verbose_name_plural = _("copies in calendars")
        constraints = (
            models.UniqueConstraint(
                fields=("chain", "host"), condition=Q(is_wanted=True), name="event_link_wanted_once"
            ),
            models.UniqueConstraint(
                fields=("chain", "host", "generation"), name="event_link_generation_once"
            ),
        )
        indexes = (
            models.Index(fields=("calendar", "ends"), name="event_link_between"),
            models.Index(
                fields=("applied_at",),
                condition=Q(is_wanted=False, swept_at__isnull=True),
                name="event_link_to_sweep",
            ),
        )

    def __str__(self) -> str:
        return f"{self.chain_id} of {self.host_id}, {self.generation}"


class Feed(models.Model):
    """An address under which another calendar subscribes to the bookings of a host. It is an HMAC over `nonce`; a new one ends it."""

    class Shows(models.TextChoices):
        DETAILS = "details", _("With all details")
        BUSY = "busy", _("Busy only")

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="feeds")
    shows = models.CharField(_("shows"), max_length=7, choices=Shows.choices)
    #: Whether requests that nobody has answered or paid yet stand in it, as tentative.
    has_pending = models.BooleanField(_("with requests"), default=False)
    nonce = models.CharField(max_length=43, editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("feed of bookings")
        verbose_name_plural = _("feeds of bookings")
        constraints = (models.UniqueConstraint(fields=("host", "shows"), name="feed_once"),)

    def __str__(self) -> str:
        return f"{self.host}: {self.get_shows_display()}"


class HiddenCalendar(models.Model):
    """A calendar that somebody unchecked: one from elsewhere, or that of all bookings of a host."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="hidden_calendars")
    calendar = models.ForeignKey(
        Calendar, on_delete=models.CASCADE, null=True, blank=True, related_name="hidden_from"
    )
    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, null=True, blank=True, related_name="hidden_from"
    )

    class Meta:
        verbose_name = _("hidden calendar")
        verbose_name_plural = _("hidden calendars")
        constraints = (
            models.CheckConstraint(
                condition=Q(calendar__isnull=True, host__isnull=False)
                | Q(calendar__isnull=False, host__isnull=True),
                name="hidden_calendar_is_one",
            ),
            models.UniqueConstraint(fields=("user", "calendar"), name="hidden_calendar_once"),
            models.UniqueConstraint(fields=("user", "host"), name="hidden_host_once"),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.calendar or self.host}"
