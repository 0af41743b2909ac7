"""Calendars from elsewhere: where they come from, what stands in them, and which of all calendars somebody does not want to see.

Titles and places are sealed (calendars.sealing); only their owner reads them. What of it counts as busy is also written
as rows of `BusyTime`, which is all that the domain knows of it.
"""

import json
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import Host, User, fields
from calendars import sealing


class CalendarAccount(models.Model):
    """Where calendars of a host come from: one file, or one account at a server."""

    class Kind(models.TextChoices):
        FILE = "file", _("File")

    class State(models.TextChoices):
        OK = "ok", _("In step")
        UNREADABLE = "unreadable", _("Can’t be read")

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="calendar_accounts")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OK)
    #: Code of the refusal (bookings.rules.refusals) that reading ended with; "" where it went well.
    error = models.CharField(_("last error"), max_length=40, blank=True)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("calendar account")
        verbose_name_plural = _("calendar accounts")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.host}"


class Calendar(models.Model):
    """One calendar of an account, as its host wants it."""

    account = models.ForeignKey(CalendarAccount, on_delete=models.CASCADE, related_name="calendars")
    #: The owner of its busy rows.
    owner = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = fields.line(80, verbose_name=_("name"))
    hue = fields.hue(verbose_name=_("colour"))
    counts_as_busy = models.BooleanField(_("counts as busy"), default=True)
    is_shown = models.BooleanField(_("shown in the calendar"), default=True)
    #: How many events the last reading found, and how many of them could not be read.
    found = models.PositiveIntegerField(_("events found"), default=0, editable=False)
    skipped = models.PositiveIntegerField(_("events left out"), default=0, editable=False)
    #: Names of time zones that nobody knows; their times were read in the host's.
    unknown_zones = models.JSONField(_("unknown time zones"), default=list, blank=True, editable=False)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ("name", "pk")

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
