"""Contacts of a team, and the conversations held with them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import fields


class Contact(models.Model):
    """Somebody who books with a team; matched by normalised mail, else by phone."""

    team = models.ForeignKey("bookings.Team", on_delete=models.CASCADE, related_name="contacts")
    name = fields.line(120, verbose_name=_("name"))
    email = models.EmailField(_("e-mail"), blank=True)
    phone = fields.line(40, verbose_name=_("phone"), blank=True)
    notes = fields.text(verbose_name=_("notes"), blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("team", "email"), condition=~Q(email=""), name="contact_email_once"
            ),
        )
        indexes = (
            models.Index(fields=("team", "phone"), name="contact_phone"),
            models.Index(fields=("team", "name"), name="contact_name"),
        )

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """A thread with a contact on some channel; a booking can be linked to one."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="conversations")
    channel = fields.line(40, verbose_name=_("channel"))
    link = models.URLField(_("link"), max_length=500, blank=True)
    last_message = fields.text(verbose_name=_("last message"), blank=True)
    last_message_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-last_message_at", "-pk")

    def __str__(self) -> str:
        return f"{self.channel}: {self.contact}"
