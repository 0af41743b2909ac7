"""Booking types: what can be booked, by which rules, with which hosts, and what the booker is asked."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import fields
from bookings.querysets import BookingTypeQuerySet
from bookings.rules import policies


class BookingType(models.Model):
    """One thing that a team offers for booking. Lengths in minutes unless the name says hours or days."""

    class Assignment(models.TextChoices):
        SOLO = "solo", _("One host")
        COLLECTIVE = "collective", _("All hosts together")
        ROUND_ROBIN = "round_robin", _("Round-robin")

    class Approval(models.TextChoices):
        AUTOMATIC = "automatic", _("Confirmed at once")
        ALWAYS = "always", _("A host confirms each one")
        SHORT_NOTICE = "short_notice", _("A host confirms at short notice")

    class Allowance(models.TextChoices):
        ANY_TIME = "any_time", _("Any time")
        WITH_NOTICE = "with_notice", _("With notice")
        NEVER = "never", _("Never")

    class ReasonFrom(models.TextChoices):
        NOBODY = "nobody", _("Nobody")
        BOOKER = "booker", _("Booker")
        HOST = "host", _("Host")
        BOTH = "both", _("Both")

    class Window(models.TextChoices):
        ROLLING = "rolling", _("Days ahead")
        DATES = "dates", _("Between two dates")

    class AskPhone(models.TextChoices):
        NO = "no", _("Not asked")
        OPTIONAL = "optional", _("Optional")
        REQUIRED = "required", _("Required")

    team = models.ForeignKey("bookings.Team", on_delete=models.CASCADE, related_name="booking_types")
    name = fields.line(80, verbose_name=_("name"))
    slug = models.SlugField(_("address"), max_length=60)
    description = fields.text(verbose_name=_("description"), blank=True)
    hue = fields.hue(verbose_name=_("hue"))
    is_active = models.BooleanField(_("open for booking"), default=True)
    is_listed = models.BooleanField(_("listed on the team's page"), default=True)
    position = models.PositiveSmallIntegerField(default=0)

    durations = models.JSONField(_("lengths"), default=list)
    slot_interval_minutes = models.PositiveSmallIntegerField(
        _("a start every"), default=30, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    start_offset_minutes = models.PositiveSmallIntegerField(
        _("first start after midnight"), default=0, validators=[MaxValueValidator(1439)]
    )
    buffer_before_minutes = models.PositiveSmallIntegerField(
        _("buffer before"), default=0, validators=[MaxValueValidator(1440)]
    )
    buffer_after_minutes = models.PositiveSmallIntegerField(
        _("buffer after"), default=0, validators=[MaxValueValidator(1440)]
    )
    minimum_notice_minutes = models.PositiveIntegerField(
        _("minimum notice"), default=240, validators=[MaxValueValidator(525600)]
    )
    window_kind = models.CharField(
        _("booking window"), max_length=8, choices=Window.choices, default=Window.ROLLING
    )
    window_days = models.PositiveSmallIntegerField(
        _("days ahead"), default=60, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    window_from_on = models.DateField(_("first date"), null=True, blank=True)
    window_until_on = models.DateField(_("last date"), null=True, blank=True)
    max_per_day = models.PositiveSmallIntegerField(
        _("most a day"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    max_per_week = models.PositiveSmallIntegerField(
        _("most a week"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    capacity = models.PositiveSmallIntegerField(default=1, editable=False)

    assignment = models.CharField(
        _("assignment"), max_length=12, choices=Assignment.choices, default=Assignment.SOLO
    )
    locations = models.ManyToManyField(
        "bookings.Location", related_name="booking_types", verbose_name=_("locations"), blank=True
    )
    approval = models.CharField(
        _("approval"), max_length=12, choices=Approval.choices, default=Approval.AUTOMATIC
    )
    approval_within_hours = models.PositiveSmallIntegerField(_("approval when nearer than"), default=48)
    answer_within_hours = models.PositiveSmallIntegerField(
        _("answer within"), default=24, validators=[MinValueValidator(1)]
    )

    cancel_policy = models.CharField(
        _("bookers may cancel"), max_length=12, choices=Allowance.choices, default=Allowance.ANY_TIME
    )
    cancel_notice_hours = models.PositiveSmallIntegerField(_("notice to cancel"), default=24)
    reschedule_policy = models.CharField(
        _("bookers may move"), max_length=12, choices=Allowance.choices, default=Allowance.ANY_TIME
    )
    reschedule_notice_hours = models.PositiveSmallIntegerField(_("notice to move"), default=24)
    cancel_reason = models.CharField(
        _("reason for cancelling"), max_length=8, choices=ReasonFrom.choices, default=ReasonFrom.NOBODY
    )
    reschedule_reason = models.CharField(
        _("reason for moving"), max_length=8, choices=ReasonFrom.choices, default=ReasonFrom.NOBODY
    )
    preset_reasons = models.JSONField(_("reasons on offer"), default=list, blank=True)

    ask_phone = models.CharField(
        _("phone"), max_length=8, choices=AskPhone.choices, default=AskPhone.OPTIONAL
    )
    max_guests = models.PositiveSmallIntegerField(
        _("guests at most"), default=10, validators=[MaxValueValidator(10)]
    )
    auto_complete_hours = models.PositiveSmallIntegerField(
        _("complete by itself after"), null=True, blank=True
    )
    offers_book_again = models.BooleanField(_("offer to book again after a no-show"), default=False)
    #: Minutes before the start at which the booker is reminded.
    reminders = models.JSONField(_("reminders"), default=list, blank=True)
    #: In the smallest unit of its currency (rules.money); None where it costs nothing.
    price_cents = models.PositiveIntegerField(_("price"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    payment_window_minutes = models.PositiveIntegerField(_("time to pay"), default=2880)
    payment_instructions = fields.text(verbose_name=_("how to pay"), blank=True)
    link_nonce = models.CharField(max_length=43, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = BookingTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking type")
        verbose_name_plural = _("booking types")
        ordering = ("position", "name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("team", "slug"), name="type_slug_once"),
            models.CheckConstraint(condition=Q(slot_interval_minutes__gte=1), name="type_interval_positive"),
            models.CheckConstraint(
                condition=~Q(window_kind="dates")
                | Q(
                    window_from_on__isnull=False,
                    window_until_on__isnull=False,
                    window_until_on__gte=models.F("window_from_on"),
                ),
                name="type_window_dates",
            ),
            models.CheckConstraint(
                condition=Q(price_cents__isnull=True) | (Q(price_cents__gt=0) & ~Q(currency="")),
                name="type_price_in_currency",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def default_duration(self) -> int:
        return self.durations[0] if self.durations else 30

    @property
    def policy(self) -> policies.Policy:
        return policies.Policy(
            cancel=policies.Allowance(self.cancel_policy),
            cancel_notice_hours=self.cancel_notice_hours,
            reschedule=policies.Allowance(self.reschedule_policy),
            reschedule_notice_hours=self.reschedule_notice_hours,
            cancel_reason=policies.ReasonFrom(self.cancel_reason),
            reschedule_reason=policies.ReasonFrom(self.reschedule_reason),
            reasons=tuple(self.preset_reasons),
        )

    @property
    def is_priced(self) -> bool:
        return self.price_cents is not None

    @property
    def has_caps(self) -> bool:
        return self.max_per_day is not None or self.max_per_week is not None


class TypeHost(models.Model):
    """A host's part in a booking type: share, rank, and whether every booking of it needs them."""

    booking_type = models.ForeignKey(BookingType, on_delete=models.CASCADE, related_name="type_hosts")
    host = models.ForeignKey("bookings.Host", on_delete=models.CASCADE, related_name="type_hosts")
    weight = models.PositiveSmallIntegerField(_("weight"), default=100, validators=[MaxValueValidator(1000)])
    priority = models.PositiveSmallIntegerField(_("priority"), default=2, validators=[MaxValueValidator(4)])
    is_fixed = models.BooleanField(_("always takes part"), default=False)
    is_paused = models.BooleanField(_("takes no new ones"), default=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("host of a type")
        verbose_name_plural = _("hosts of a type")
        ordering = ("host__user__name", "pk")
        constraints = (models.UniqueConstraint(fields=("booking_type", "host"), name="type_host_once"),)

    def __str__(self) -> str:
        return f"{self.host} for {self.booking_type}"

    @property
    def joined_on(self) -> date:
        return self.joined_at.date()


class Question(models.Model):
    """Something the booker is asked on the form."""

    class Kind(models.TextChoices):
        LINE = "line", _("One line")
        TEXT = "text", _("Several lines")
        CHOICE = "choice", _("One of several")
        CHOICES = "choices", _("Several of several")
        YES = "yes", _("Yes or no")
        NUMBER = "number", _("Number")

    booking_type = models.ForeignKey(BookingType, on_delete=models.CASCADE, related_name="questions")
    label = fields.line(200, verbose_name=_("question"))
    hint = fields.line(200, verbose_name=_("hint"), blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.LINE)
    options = models.JSONField(_("answers on offer"), default=list, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.label
