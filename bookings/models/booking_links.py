"""Links that a host gives to one booker: each books once."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bookings.models import fields
from bookings.querysets import SingleUseLinkQuerySet


class SingleUseLink(models.Model):
    """A private link to a booking type that one booking uses up. The link is an HMAC over `nonce`.

    What was booked may be moved or cancelled later: the link stays used.
    """

    class State(models.TextChoices):
        UNUSED = "unused", _("Not used yet")
        USED = "used", _("Used")
        EXPIRED = "expired", _("Run out")
        REVOKED = "revoked", pgettext_lazy("link", "Taken back")

    booking_type = models.ForeignKey(
        "bookings.BookingType", on_delete=models.CASCADE, related_name="single_use_links"
    )
    nonce = models.CharField(max_length=43, editable=False)
    #: For hosts alone; bookers never see it.
    note = fields.line(120, verbose_name=_("note"), blank=True)
    booker_name = fields.line(120, verbose_name=_("name"), blank=True)
    booker_email = models.EmailField(_("e-mail"), blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    chain = models.ForeignKey(
        "bookings.BookingChain", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SingleUseLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("single-use link")
        verbose_name_plural = _("single-use links")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("chain",), condition=Q(chain__isnull=False), name="single_use_chain_once"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True), name="single_use_one_end"
            ),
            models.CheckConstraint(
                condition=Q(chain__isnull=True) | Q(used_at__isnull=False), name="single_use_chain_used"
            ),
        )

    def __str__(self) -> str:
        return self.note or self.booker_name or f"{self.created_at:%Y-%m-%d}"

    def state_at(self, now: datetime) -> State:
        """What the link is worth at a time."""
        if self.used_at is not None:
            return self.State.USED
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return self.State.EXPIRED
        return self.State.UNUSED
