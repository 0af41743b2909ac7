"""Places where a booking can take place, real or on a wire."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import fields


class Location(models.Model):
    """An address, a telephone call, a standing video link, or a meeting link made for each booking."""

    class Kind(models.TextChoices):
        ADDRESS = "address", _("Address")
        PHONE = "phone", _("Phone")
        VIDEO = "video", _("Video link")
        MEETING = "meeting", _("Meeting link made for each booking")

    team = models.ForeignKey("bookings.Team", on_delete=models.CASCADE, related_name="locations")
    name = fields.line(80, verbose_name=_("name"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.MEETING)
    #: Who makes the links of this place (bookings.meetings); "" for rooms that need no account.
    service = models.CharField(max_length=20, blank=True, editable=False)
    #: An address, a number to call, a standing link, or where generated rooms are; by kind.
    details = fields.line(300, verbose_name=_("details"), blank=True)
    instructions = fields.text(verbose_name=_("how to get there"), blank=True)
    time_zone = fields.zone(verbose_name=_("time zone"), blank=True)
    #: Opening hours, as weekly hours of a host; null where the place sets no limit.
    weekly_hours = models.JSONField(_("opening hours"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=("team", "name"), name="location_name_once"),)

    def __str__(self) -> str:
        return self.name

    @property
    def icon(self) -> str:
        return {"address": "pin", "phone": "phone"}.get(self.kind, "video")
