"""People and their teams: users, teams, memberships, hosts, and the invitations that bring them in."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import fields
from bookings.rules import hours


class UserManager(BaseUserManager["User"]):
    """Makes people; an e-mail address is kept in lower case, because it is the login."""

    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, is_administrator=True, **extra
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = fields.line(120, verbose_name=_("name"))
    is_administrator = models.BooleanField(_("administrator"), default=False)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    time_zone = fields.zone(verbose_name=_("time zone"), default="UTC")
    language = fields.language(verbose_name=_("language"))
    hour_cycle = fields.hour_cycle(verbose_name=_("clock"))
    first_weekday = models.PositiveSmallIntegerField(_("first day of the week"), default=0)
    has_single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    hue = fields.hue(verbose_name=_("hue"))
    bell_seen_change = models.BigIntegerField(default=0, editable=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_once"),)

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class Team(models.Model):
    """A team: what its booking types, places and members belong to."""

    name = fields.line(80, verbose_name=_("name"))
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    time_zone = fields.zone(verbose_name=_("time zone"))
    language = fields.language(verbose_name=_("language"))
    hue = fields.hue(verbose_name=_("hue"))
    about = fields.text(verbose_name=_("about the team"), blank=True)
    postal_address = fields.line(200, verbose_name=_("postal address"), blank=True)
    reply_to = models.EmailField(_("answers go to"), blank=True)
    privacy_url = models.URLField(_("privacy notice"), blank=True)
    hosts_see_colleagues = models.BooleanField(_("hosts see and cover colleagues' bookings"), default=False)
    undo_seconds = models.PositiveSmallIntegerField(_("seconds to undo"), default=10)
    #: Origins whose pages may frame the booking pages (rules.origins); "*" counts while the operator allows it.
    embed_origins = models.JSONField(_("websites that show the booking pages"), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Somebody's place in a team."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("Manager")
        HOST = "host", _("Host")

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.HOST)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (models.UniqueConstraint(fields=("team", "user"), name="membership_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Host(models.Model):
    """The bookable side of a person: one row for all teams, so that nobody is booked twice."""

    class CalendarState(models.TextChoices):
        NONE = "none", _("No calendar connected")
        OK = "ok", _("In step")
        STALE = "stale", _("Not checked lately")
        BROKEN = "broken", _("Connection broken")

    class CalendarCause(models.TextChoices):
        REFUSED = "refused", _("The calendar server no longer accepts the sign-in.")
        SILENT = "silent", _("The calendar server has not answered for a long time.")
        GONE = "gone", _("The calendar is no longer there, or no longer shared with you.")
        UNREADABLE = "unreadable", _("What the calendar server sends can't be read.")

    #: One is connected, and its busy time can't be relied on.
    UNCHECKED = (CalendarState.STALE, CalendarState.BROKEN)

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="host")
    time_zone = fields.zone(verbose_name=_("time zone"))
    #: Seven lists of [start, end] minutes, Monday first (rules.hours.parse_weekly).
    weekly_hours = models.JSONField(_("weekly hours"), default=list)
    #: A country or a part of one, such as DE or DE-BY (bookings.public_holidays); "" keeps no holidays.
    holiday_country = fields.holidays(verbose_name=_("public holidays of"), blank=True)
    max_per_day = models.PositiveSmallIntegerField(
        _("most bookings a day"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    max_per_week = models.PositiveSmallIntegerField(
        _("most bookings a week"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    #: Where this host can be met; none of a team's places listed means at all of them.
    locations = models.ManyToManyField("bookings.Location", related_name="hosts", blank=True)
    is_active = models.BooleanField(_("can be booked"), default=True)
    # Written by the verbs of lifecycle.calendar alone, read by mails, pages and slots.
    calendar_state = models.CharField(
        max_length=8, choices=CalendarState.choices, default=CalendarState.NONE, editable=False
    )
    calendar_label = models.CharField(max_length=200, blank=True, editable=False)
    busy_as_of = models.DateTimeField(null=True, blank=True, editable=False)
    #: Whether bookings are written to one of their calendars; then no invitation is mailed to them.
    has_write_calendar = models.BooleanField(default=False, editable=False)
    #: What the host chose for while a calendar of theirs can't be relied on: offer nothing rather than times that may clash.
    offers_nothing_unchecked = models.BooleanField(
        _("offer nothing while a calendar is not checked"), default=False
    )
    #: Why it is broken, and since when; empty while it is not.
    calendar_cause = models.CharField(
        max_length=10, choices=CalendarCause.choices, blank=True, editable=False
    )
    calendar_broken_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("host")
        verbose_name_plural = _("hosts")
        ordering = ("user__name", "pk")

    def __str__(self) -> str:
        return self.user.name

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def hue(self) -> int:
        return self.user.hue

    @property
    def week(self) -> hours.WeeklyHours:
        return hours.parse_weekly(self.weekly_hours)

    @property
    def is_unchecked(self) -> bool:
        """Whether the busy time of their calendars can't be relied on now."""
        return self.calendar_state in self.UNCHECKED

    @property
    def offers_nothing(self) -> bool:
        """Whether no times are offered with them now, because they chose so for as long as that holds."""
        return self.offers_nothing_unchecked and self.is_unchecked

    @property
    def has_calendar(self) -> bool:
        """Whether one is connected: read, written, or both."""
        return self.calendar_state != self.CalendarState.NONE


class Invitation(models.Model):
    """A mail link that brings somebody into a team. The link is an HMAC over `nonce`; changing it revokes the link."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    name = fields.line(120, verbose_name=_("name"), blank=True)
    role = models.CharField(
        _("role"), max_length=8, choices=Membership.Role.choices, default=Membership.Role.HOST
    )
    language = fields.language(verbose_name=_("language"))
    nonce = models.CharField(max_length=43, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("team", "email"),
                condition=models.Q(accepted_at__isnull=True),
                name="invitation_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} to {self.team}"
