"""Contacts of a team: who they are, what they were called by before, what happened to them, and the conversations held with them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import fields
from bookings.querysets import ContactQuerySet
from bookings.rules.words import LONGEST


class Contact(models.Model):
    """Somebody who books with a team; matched by normalised mail, else by phone."""

    team = models.ForeignKey("bookings.Team", on_delete=models.CASCADE, related_name="contacts")
    name = fields.line(120, verbose_name=_("name"))
    email = models.EmailField(_("e-mail"), blank=True)
    phone = fields.line(40, verbose_name=_("phone"), blank=True)
    notes = fields.text(verbose_name=_("notes"), blank=True)
    #: What the search reads and the list is sorted by: rules.words.search_text of name, mail and phone.
    search_text = models.CharField(max_length=LONGEST, default="", editable=False)
    #: Counts the changes; compared and set with each.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ContactQuerySet.as_manager()

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
            models.Index(fields=("team", "search_text", "id"), name="contact_list"),
        )

    def __str__(self) -> str:
        return self.name


class ContactAlias(models.Model):
    """A mail address or number that a merged contact brought along: who books with it is still the same contact."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="aliases")
    team = models.ForeignKey("bookings.Team", on_delete=models.CASCADE, related_name="+")
    #: A mail address in lower case, or a number as bookings.contacts.normal_phone writes it.
    value = models.CharField(_("address or number"), max_length=254)

    class Meta:
        verbose_name = _("former address of a contact")
        verbose_name_plural = _("former addresses of contacts")
        ordering = ("value",)
        constraints = (models.UniqueConstraint(fields=("team", "value"), name="contact_alias_once"),)

    def __str__(self) -> str:
        return self.value


class ContactChange(models.Model):
    """One row of a contact's history, written in the transaction of the change it tells of."""

    class Action(models.TextChoices):
        EDIT = "edit", _("Edited")
        MERGE = "merge", _("Merged")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        "bookings.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField(max_length=120)
    action = models.CharField(max_length=8, choices=Action.choices)
    #: {"field": [old, new], ...}
    changed = models.JSONField(default=dict, blank=True)
    #: The number of the contact that was merged into this one: its address leads here, and it is merged once.
    absorbed_pk = models.BigIntegerField(null=True, blank=True, unique=True)
    #: What it was: {"name", "email", "phone", "notes", and how many "bookings" and "conversations" it brought}.
    absorbed = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("change of a contact")
        verbose_name_plural = _("changes of contacts")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.action} {self.contact}"


class Conversation(models.Model):
    """A thread with a contact on some channel; a booking can be linked to one."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="conversations")
    channel = fields.line(40, verbose_name=_("channel"))
    link = models.URLField(
        _("link"), max_length=500, blank=True, validators=[fields.validate_https, fields.validate_line]
    )
    last_message = fields.text(verbose_name=_("last message"), blank=True)
    last_message_at = models.DateTimeField(_("when"), null=True, blank=True)
    #: Counts the changes; compared and set with each.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-last_message_at", "-pk")

    def __str__(self) -> str:
        return f"{self.channel}: {self.contact}"

    @property
    def href(self) -> str:
        """Where the link leads; "" for one that a page must not lead to."""
        return self.link if self.link.startswith("https://") else ""
