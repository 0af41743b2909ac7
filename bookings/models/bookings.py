"""Bookings: the chain that outlives one time, one row for each time of it, its hosts, guests and history."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import fields
from bookings.models.payments import Payment
from bookings.querysets import BookingChangeQuerySet, BookingQuerySet
from bookings.rules import policies
from bookings.rules.statuses import HOLDING, LABELS, Status
from bookings.rules.words import LONGEST


class BookingChain(models.Model):
    """What outlives one time: reference, iCalendar identity, manage link, contact, payment."""

    team = models.ForeignKey("bookings.Team", on_delete=models.PROTECT, related_name="chains")
    reference = models.CharField(_("reference"), max_length=12, unique=True)
    #: Owner of this chain's busy rows: rows of one owner may overlap each other, never those of another.
    owner = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    uid = models.CharField("iCalendar UID", max_length=120, unique=True, editable=False)
    #: The last mailed SEQUENCE; -1 before the first. Raised under the chain's lock only.
    sequence = models.IntegerField(default=-1, editable=False)
    #: The last DTSTAMP; strictly rising.
    stamped_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: The ORGANIZER never changes for a UID, so it is kept from the first invitation.
    organizer = models.CharField(max_length=254, blank=True, editable=False)
    #: The manage link is an HMAC over this; a new nonce revokes it.
    link_nonce = models.CharField(max_length=43, editable=False)
    contact = models.ForeignKey(
        "bookings.Contact", on_delete=models.SET_NULL, null=True, blank=True, related_name="chains"
    )
    conversation = models.ForeignKey(
        "bookings.Conversation", on_delete=models.SET_NULL, null=True, blank=True, related_name="chains"
    )
    #: What it costs and what became of the money; none where it costs nothing.
    payment = models.OneToOneField(
        "bookings.Payment", on_delete=models.PROTECT, null=True, blank=True, related_name="chain"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("booking chain")
        verbose_name_plural = _("booking chains")

    def __str__(self) -> str:
        return self.reference


class Booking(models.Model):
    """One time of a chain. Its status moves only through bookings.lifecycle."""

    class Source(models.TextChoices):
        MANUAL = "manual", _("Manual")
        PAGE = "page", _("Booking page")
        API = "api", _("API")
        AI_AGENT = "ai_agent", _("AI agent")

    chain = models.ForeignKey(BookingChain, on_delete=models.PROTECT, related_name="bookings")
    team = models.ForeignKey("bookings.Team", on_delete=models.PROTECT, related_name="bookings")
    booking_type = models.ForeignKey(
        "bookings.BookingType", on_delete=models.PROTECT, related_name="bookings"
    )
    location = models.ForeignKey(
        "bookings.Location", on_delete=models.PROTECT, null=True, blank=True, related_name="bookings"
    )
    status = models.CharField(_("status"), max_length=12, choices=[(s.value, LABELS[s]) for s in Status])
    #: Counts people's decisions; compared and set with every move.
    version = models.PositiveIntegerField(default=1)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    #: A booker's wish for another time while the old one stands.
    is_proposal = models.BooleanField(default=False)

    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0)
    #: The zone of the grid and the wall time in it as booked, so that a change of time zone law can be noticed.
    zone = fields.zone()
    wall_start = models.CharField(max_length=16)
    decide_by_at = models.DateTimeField(null=True, blank=True)
    remind_hosts_at = models.DateTimeField(null=True, blank=True)
    pay_by_at = models.DateTimeField(null=True, blank=True)
    confirm_by_at = models.DateTimeField(null=True, blank=True)
    #: When the booker is reminded next; set while confirmed, from the type's reminders.
    next_reminder_at = models.DateTimeField(null=True, blank=True)

    booker_name = fields.line(120, verbose_name=_("name"))
    booker_email = models.EmailField(_("e-mail"), blank=True)
    booker_phone = fields.line(40, verbose_name=_("phone"), blank=True)
    booker_zone = fields.zone(verbose_name=_("booker's time zone"))
    booker_language = fields.language(verbose_name=_("booker's language"))
    booker_hour_cycle = fields.hour_cycle(verbose_name=_("booker's clock"))
    #: What the hub's search reads: rules.words.search_text of name, mail, phone and reference.
    search_text = models.CharField(max_length=LONGEST, default="", editable=False)
    notes = fields.text(verbose_name=_("notes"), blank=True)
    #: [{"question": id, "label": text, "answer": text}, ...] as asked when booked.
    answers = models.JSONField(default=list, blank=True)
    #: rules.policies.Policy as it was when booked.
    policy_snapshot = models.JSONField(default=dict)
    #: A host made an exception: the booker may move it until it begins, whatever the policy says.
    is_move_granted = models.BooleanField(default=False)
    #: Since when a host asks the booker for another time; who and why is told by the history.
    new_time_asked_at = models.DateTimeField(null=True, blank=True)
    meeting_url = models.URLField(_("meeting link"), max_length=500, blank=True)

    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.PAGE)
    created_by = models.ForeignKey(
        "bookings.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("booked"), default=timezone.now)
    overbooked_by = models.ForeignKey(
        "bookings.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_booker_absent = models.BooleanField(default=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_start"),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in Status]), name="booking_status_known"
            ),
            models.UniqueConstraint(
                fields=("chain",),
                condition=Q(status__in=("waiting", "pending", "confirming", "confirmed"), is_proposal=False),
                name="booking_one_live_in_chain",
            ),
            models.UniqueConstraint(
                fields=("chain",),
                condition=Q(status="pending", is_proposal=True),
                name="booking_one_proposal_in_chain",
            ),
        )
        indexes = (
            models.Index(fields=("team", "status", "starts_at", "id"), name="booking_list"),
            models.Index(fields=("status", "decide_by_at"), name="booking_deadlines"),
            models.Index(fields=("status", "confirm_by_at"), name="booking_confirming"),
            # What is over and has no record yet is a few of many.
            models.Index(fields=("status", "starts_at"), name="booking_by_status"),
            models.Index(fields=("booking_type", "starts_at"), name="booking_of_type"),
            # In the order of calendars; what follows the number lets them be counted without reading the rows.
            models.Index(fields=("starts_at", "id", "ends_at", "status", "team"), name="booking_by_time"),
            models.Index(fields=("team", "booker_email", "status"), name="booking_record"),
            models.Index(
                fields=("next_reminder_at",),
                condition=Q(next_reminder_at__isnull=False),
                name="booking_reminders",
            ),
        )

    def __str__(self) -> str:
        return f"{self.booking_type_id} {self.starts_at:%Y-%m-%d %H:%M} {self.status}"

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def payment(self) -> Payment | None:
        """The payment of its chain, which outlives this time of it."""
        return self.chain.payment

    @property
    def duration_minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def policy(self) -> policies.Policy:
        return policies.Policy.from_json(self.policy_snapshot)

    def has_begun(self, now: datetime) -> bool:
        return self.starts_at <= now

    @property
    def may_move_anyway(self) -> bool:
        """Whether its booker may move it whatever the policy says: an exception was made, or a host asks for another time."""
        return self.is_move_granted or self.new_time_asked_at is not None

    def is_new_time_asked(self, now: datetime) -> bool:
        """Whether the booker is still asked for another time: the present one stands and has not begun."""
        return self.new_time_asked_at is not None and self.state in HOLDING and not self.has_begun(now)


class BookingHost(models.Model):
    """A host of one booking; `position` 0 leads."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="booking_hosts")
    host = models.ForeignKey("bookings.Host", on_delete=models.PROTECT, related_name="booking_hosts")
    position = models.PositiveSmallIntegerField(default=0)
    was_absent = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("host of a booking")
        verbose_name_plural = _("hosts of a booking")
        ordering = ("position", "pk")
        constraints = (models.UniqueConstraint(fields=("booking", "host"), name="booking_host_once"),)

    def __str__(self) -> str:
        return str(self.host)


class Guest(models.Model):
    """A further address that gets its own invitation; guests don't see each other."""

    chain = models.ForeignKey(BookingChain, on_delete=models.CASCADE, related_name="guests")
    email = models.EmailField(_("e-mail"))
    name = fields.line(120, verbose_name=_("name"), blank=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("chain", "email"), name="guest_once"),)

    def __str__(self) -> str:
        return self.email


class BookingChange(models.Model):
    """One row of history, written in the transaction of the change it tells of. Its id is the id of the live event."""

    class ActorKind(models.TextChoices):
        PERSON = "person", _("Person")
        BOOKER = "booker", _("Booker")
        SYSTEM = "system", _("System")
        API = "api", _("API token")
        AI_AGENT = "ai_agent", _("AI agent")

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="changes")
    chain = models.ForeignKey(BookingChain, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    actor = models.ForeignKey(
        "bookings.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField(max_length=120)
    action = models.CharField(max_length=16)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    reason = fields.text(blank=True)
    #: {"field": [old, new], ...}
    changed = models.JSONField(default=dict, blank=True)
    team_before = models.ForeignKey("bookings.Team", on_delete=models.PROTECT, null=True, related_name="+")
    team_after = models.ForeignKey("bookings.Team", on_delete=models.PROTECT, related_name="+")
    hosts_before = models.JSONField(default=list)
    hosts_after = models.JSONField(default=list)
    #: The change that brought this one about in the same transaction, such as the end of a wish to move.
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")

    objects = BookingChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("history")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("booking", "id"), name="change_of_booking"),
            models.Index(fields=("chain", "id"), name="change_of_chain"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.from_status}->{self.to_status}"
