"""What differs from the weekly hours: other hours on a date, and days away."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.models import fields


class DateOverride(models.Model):
    """Other hours on one date, for a host or for a location; no intervals means closed that day."""

    host = models.ForeignKey(
        "bookings.Host", on_delete=models.CASCADE, null=True, blank=True, related_name="overrides"
    )
    location = models.ForeignKey(
        "bookings.Location", on_delete=models.CASCADE, null=True, blank=True, related_name="overrides"
    )
    on = models.DateField(_("date"))
    #: A list of [start, end] minutes from local midnight.
    intervals = models.JSONField(_("hours"), default=list, blank=True)

    class Meta:
        verbose_name = _("date override")
        verbose_name_plural = _("date overrides")
        ordering = ("on",)
        constraints = (
            models.CheckConstraint(
                condition=Q(host__isnull=True) ^ Q(location__isnull=True), name="override_one_owner"
            ),
            models.UniqueConstraint(
                fields=("host", "on"), condition=Q(host__isnull=False), name="override_host_day_once"
            ),
            models.UniqueConstraint(
                fields=("location", "on"),
                condition=Q(location__isnull=False),
                name="override_location_day_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"


class OutOfOffice(models.Model):
    """Whole days a host is away, first and last included."""

    host = models.ForeignKey("bookings.Host", on_delete=models.CASCADE, related_name="away")
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    note = fields.line(120, verbose_name=_("note"), blank=True)

    class Meta:
        verbose_name = _("out of office")
        verbose_name_plural = _("out of office")
        ordering = ("from_on",)
        constraints = (
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="away_ends_after_start"),
        )

    def __str__(self) -> str:
        return f"{self.from_on:%Y-%m-%d} - {self.until_on:%Y-%m-%d}"
