"""Answers to invitations: what each invited person answered last, and how far the mailbox they come to was read."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import fields


class InvitationReply(models.Model):
    """What an invited address last answered about one time of a chain. Open where a host is asked what to do about it."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        TENTATIVE = "tentative", _("Tentative")
        DECLINED = "declined", _("Declined")
        PROPOSED = "proposed", _("Proposed another time")

    class State(models.TextChoices):
        NOTED = "noted", _("Noted")
        OPEN = "open", _("Asks a host")
        KEPT = "kept", _("Kept as it is")

    booking = models.ForeignKey("bookings.Booking", on_delete=models.CASCADE, related_name="replies")
    email = models.EmailField(_("e-mail"))
    name = fields.line(120, verbose_name=_("name"), blank=True)
    #: As whom they were invited: rules.notices.Audience.
    audience = models.CharField(max_length=16)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices)
    comment = fields.text(verbose_name=_("comment"), blank=True)
    proposed_at = models.DateTimeField(_("proposed time"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=5, choices=State.choices, default=State.NOTED)
    #: DTSTAMP of the answer: mails overtake each other.
    stamped_at = models.DateTimeField()
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    class Meta:
        verbose_name = _("answer to an invitation")
        verbose_name_plural = _("answers to invitations")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("booking", "email"), name="reply_once"),)

    def __str__(self) -> str:
        return f"{self.email}: {self.answer}"


class Inbox(models.Model):
    """How far the mailbox was read that answers come to. One row; whoever reads holds its lease."""

    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=200, blank=True)
    #: Mails that answered an invitation of ours, and those that were left alone.
    matched = models.PositiveBigIntegerField(_("answers"), default=0)
    foreign = models.PositiveBigIntegerField(_("left alone"), default=0)

    class Meta:
        verbose_name = _("inbox")
        verbose_name_plural = _("inbox")

    def __str__(self) -> str:
        return f"{self.uid_validity}:{self.last_uid}"


class ReadMail(models.Model):
    """A mail that was acted upon: it is written with what it caused, so that it causes that once."""

    #: A hash of its Message-ID and what it says.
    key = models.CharField(max_length=64, unique=True)
    outcome = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("mail that was read")
        verbose_name_plural = _("mails that were read")

    def __str__(self) -> str:
        return self.key
