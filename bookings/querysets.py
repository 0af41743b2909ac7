"""Questions about many rows. They name fields only, so that the models can be built on them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
)

from bookings.rules.hours import LONGEST_DURATION
from bookings.rules.statuses import CALLED_OFF, HOLDING, Action, Status
from bookings.rules.words import fold

if TYPE_CHECKING:
    from bookings.models import User

_HOLDING = [s.value for s in HOLDING]
_OWES = Q(status__in=CALLED_OFF, is_proposal=False, chain__payment__state="refund_due")
#: No booking lasts longer.
LONGEST = timedelta(minutes=LONGEST_DURATION)
NEWS_DAYS = 30
NEWS_REACH = 5000


def _holding_words(rows: Any, words: str) -> Any:
    """Rows whose text for the search holds every word."""
    for word in fold(words).split()[:8]:
        rows = rows.filter(search_text__contains=word)
    return rows


def _behind_a_case(may: Q) -> Case:
    """The same condition, which a planner does not take apart: rows are then found by the range of an index that goes with it.

    SQLite would gather all rows of somebody's teams first, by several indexes, however few the range holds.
    """
    return Case(When(may, then=Value(True)), default=Value(False), output_field=BooleanField())


class BookingTypeQuerySet(models.QuerySet):
    """Booking types as asked for by pages."""

    def open_for_booking(self) -> Self:
        """Types that a public page offers."""
        return self.filter(is_active=True, archived_at__isnull=True)

    def visible_to(self, user: "User") -> Self:
        """Types of the teams somebody belongs to; all of them for an administrator."""
        if not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        return self.filter(team__in=user.memberships.values("team"))

    def editable_by(self, user: "User") -> Self:
        """Types of the teams somebody manages."""
        if not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        return self.filter(team__in=user.memberships.filter(role="manager").values("team"))

    def shared_by(self, user: "User") -> Self:
        """Types whose private links somebody may make: those they edit, and those of their teams that they host."""
        if not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        hosted = self.model.type_hosts.rel.related_model.objects.filter(
            booking_type=OuterRef("pk"), host__user=user
        )
        memberships = user.memberships.all()
        return self.filter(
            Q(team__in=memberships.filter(role="manager").values("team"))
            | (Exists(hosted) & Q(team__in=memberships.values("team")))
        )


class SingleUseLinkQuerySet(models.QuerySet):
    """Links that book once."""

    def visible_to(self, user: "User") -> Self:
        """Those of types somebody manages, and the ones they made themselves for a type they may still share."""
        kinds = self.model.booking_type.field.related_model.objects
        return self.filter(
            Q(booking_type__in=kinds.editable_by(user).values("pk"))
            | Q(created_by=user, booking_type__in=kinds.shared_by(user).values("pk"))
        )

    def usable(self, now: datetime) -> Self:
        """Links that can still book."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now), used_at__isnull=True, revoked_at__isnull=True
        )


class ContactQuerySet(models.QuerySet):
    """Contacts as pages list them."""

    def visible_to(self, user: "User") -> Self:
        """Contacts of the teams somebody belongs to, whoever hosts their bookings; all of them for an administrator."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        return self.filter(team__in=user.memberships.values("team"))

    def search(self, words: str) -> Self:
        """Contacts whose name, mail or phone holds every word."""
        return _holding_words(self, words)

    def with_record(self) -> Self:
        """With what the team knows of them: `record_total` bookings that came due, `record_no_shows` missed ones."""
        bookings = self.model.chains.rel.related_model.bookings.rel.related_model
        return self.annotate(**bookings.objects.record_of(OuterRef("pk")))


class BookingQuerySet(models.QuerySet):
    """Bookings as somebody may see them, and as the pages list them."""

    def visible_to(self, user: "User", *, by_time: bool = False) -> Self:
        """Bookings that somebody may see: their own as a host, their teams' as a manager (or where hosts see colleagues), all as an administrator.

        The one place that decides it: pages, fragments, live updates, feeds and CSV all begin here. `by_time`: they are
        looked for by ranges of their starts.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        memberships = user.memberships.all()
        hosted = self.model.booking_hosts.rel.related_model.objects.filter(
            booking=OuterRef("pk"), host__user=user
        )
        may = (
            Q(team__in=memberships.filter(role="manager").values("team"))
            | Q(team__in=memberships.filter(team__hosts_see_colleagues=True).values("team"))
            | (Exists(hosted) & Q(team__in=memberships.values("team")))
        )
        return self.filter(_behind_a_case(may) if by_time else may)

    def editable_by(self, user: "User") -> Self:
        """Bookings that somebody may act on: who may see one may act on it ("sees and covers")."""
        return self.visible_to(user)

    def holding(self) -> Self:
        """Bookings that hold their slot."""
        return self.filter(status__in=_HOLDING)

    def pending(self) -> Self:
        return self.filter(status=Status.PENDING)

    def upcoming(self, now: datetime) -> Self:
        """Accepted ones that are not over."""
        found = self._walked(Status.WAITING, Status.CONFIRMING, Status.CONFIRMED)
        return found.filter(starts_at__gt=now - LONGEST, ends_at__gt=now)

    def recorded(self) -> Self:
        """What took place or did not."""
        return self._walked(Status.COMPLETED, Status.NO_SHOW)

    def unrecorded(self, now: datetime) -> Self:
        """What is over without a record."""
        return self.filter(
            status__in=(Status.CONFIRMING, Status.CONFIRMED), starts_at__lt=now, ends_at__lte=now
        )

    def called_off(self) -> Self:
        """Declined, cancelled and replaced ones that owe nothing."""
        return self._walked(Status.DECLINED, Status.CANCELLED, Status.RESCHEDULED).exclude(_OWES)

    def owed_back(self) -> Self:
        """Declined and cancelled ones whose payment has to be given back."""
        return self.filter(_OWES)

    def _walked(self, *statuses: Status) -> Self:
        """Those of many, of which the first by their starts are wanted: found along the index of time, and not gathered and sorted."""
        return self.filter(_behind_a_case(Q(status__in=statuses)))

    def search(self, words: str) -> Self:
        """Bookings whose booker's name, mail, phone or reference holds every word."""
        return _holding_words(self, words)

    def for_rows(self) -> Self:
        """With all that a row or a card shows, in a constant number of queries."""
        hosts = self.model.booking_hosts.rel.related_model.objects.select_related("host__user").order_by(
            "position", "pk"
        )
        wishes = self.model.objects.filter(
            chain=OuterRef("chain"), is_proposal=True, status=Status.PENDING
        ).order_by()
        return (
            self.select_related(
                "chain__payment",
                "team",
                "booking_type",
                "location",
                "replaces",
                "created_by",
                "overbooked_by",
            )
            .prefetch_related(Prefetch("booking_hosts", hosts))
            .annotate(has_wish=models.Exists(wishes))
        )

    def for_links(self) -> Self:
        """With what a line shows that leads to them, the newest first."""
        return self.select_related("chain", "booking_type").order_by("-starts_at", "-pk")

    def with_record(self) -> Self:
        """With the booker's record in the team: `record_total` bookings that came due, `record_no_shows` missed ones."""
        return self.annotate(**self.model.objects.record_of(OuterRef("chain__contact")))

    def record_of(self, contact: OuterRef) -> dict[str, Subquery]:
        """The record of a contact, to annotate rows with; team-wide, whoever may see the bookings."""
        over = self.filter(chain__contact=contact, status__in=(Status.COMPLETED, Status.NO_SHOW)).order_by()
        counted = over.values("chain__contact").annotate(n=Count("pk"))
        return {
            "record_total": Subquery(counted.values("n")),
            "record_no_shows": Subquery(counted.filter(is_booker_absent=True).values("n")),
        }

    def unanswered(self, now: datetime) -> Self:
        """Requests whose deadline has passed."""
        return self.filter(status=Status.PENDING, decide_by_at__lte=now)

    def unpaid(self, now: datetime) -> Self:
        return self.filter(status=Status.WAITING, pay_by_at__lte=now)

    def needing_reminder(self, now: datetime) -> Self:
        """Open requests whose hosts are due to be reminded, never after the start."""
        return self.filter(
            status=Status.PENDING,
            is_proposal=False,
            remind_hosts_at__lte=now,
            decide_by_at__gt=now,
            starts_at__gt=now,
        )

    def needing_booker_reminder(self, now: datetime) -> Self:
        """Confirmed ones whose booker is due to be reminded."""
        return self.filter(status=Status.CONFIRMED, next_reminder_at__lte=now).order_by(
            "next_reminder_at", "pk"
        )

    def confirming(self) -> Self:
        return self.filter(status=Status.CONFIRMING)

    def counted_for(self, *, type_id: int, starts_at: datetime, ends_at: datetime) -> Self:
        """Bookings of a type that count in a cap: they hold, or took place, and are no proposals."""
        return self.filter(
            booking_type_id=type_id,
            is_proposal=False,
            status__in=[*_HOLDING, Status.COMPLETED, Status.NO_SHOW],
            starts_at__gte=starts_at,
            starts_at__lt=ends_at,
        )


class _Holds(Func):
    """Whether a JSON list holds a number; Django has no word for it that SQLite understands."""

    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s)"
        return super().as_sql(
            compiler, connection, template=template, arg_joiner=") WHERE json_each.value = ", **context
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template, joiner = "(%(expressions)s))", " @> to_jsonb("
        return super().as_sql(compiler, connection, template=template, arg_joiner=joiner, **context)


class BookingChangeQuerySet(models.QuerySet):
    """History as pages read it."""

    def for_timeline(self) -> Self:
        return self.select_related("actor").order_by("-pk")

    def visible_to(self, user: "User") -> Self:
        """Changes of bookings that somebody could see before or after them, by the rules of `BookingQuerySet.visible_to`.

        A host sees the change that took a booking away, though no longer the booking.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        memberships = user.memberships.all()
        whole = memberships.filter(Q(role="manager") | Q(team__hosts_see_colleagues=True)).values("team")
        host = memberships.values("user__host__pk")[:1]
        is_theirs = Q(_Holds("hosts_before", Subquery(host))) | Q(_Holds("hosts_after", Subquery(host)))
        may = (
            Q(team_before__in=whole)
            | Q(team_after__in=whole)
            | (Q(team_after__in=memberships.values("team")) & is_theirs)
        )
        # History is read by ranges of its number.
        return self.filter(_behind_a_case(may))

    def news_for(self, user: "User", *, now: datetime) -> Self:
        """What others did to bookings that somebody could see, since they joined and at most NEWS_DAYS ago.

        Not what the worker does on its own. Of all teams' history the last NEWS_REACH rows are looked through: a range of
        the primary key, so that who never looks costs no walk through all of it.
        """
        # An old time that gave way to a new one is told by the row of the new one, which names the hosts of both.
        same_moment = self.model.objects.filter(chain=OuterRef("chain"), at=OuterRef("at"))
        is_told = Q(to_status=Status.RESCHEDULED) & Exists(same_moment.exclude(to_status=Status.RESCHEDULED))
        oldest = self.model.objects.order_by("-pk").annotate(oldest=F("pk") - NEWS_REACH).values("oldest")[:1]
        return (
            self.visible_to(user)
            .filter(pk__gt=Subquery(oldest), at__gt=max(now - timedelta(days=NEWS_DAYS), user.date_joined))
            .exclude(actor_kind="person", actor=user)
            .exclude(action=Action.SETTLE)
            # What was paid late and is taken up again is told by the row that stands.
            .exclude(action=Action.PAY, to_status=Status.CANCELLED, changed__payment__1="paid")
            .exclude(is_told)
        )


class DeliveryQuerySet(models.QuerySet):
    """Deliveries as the worker and the pages ask for them."""

    def open(self) -> Self:
        return self.filter(state="open")

    def due(self, now: datetime) -> Self:
        """Open ones whose time has come and which nobody is at work on."""
        return self.open().filter(
            Q(not_before__isnull=True) | Q(not_before__lte=now),
            Q(lease_until__isnull=True) | Q(lease_until__lte=now),
            next_try_at__lte=now,
        )

    def ahead_of(self, delivery: models.Model) -> Self:
        """Open deliveries that have to leave before this one: the same chain, recipient and channel, written earlier."""
        if delivery.chain_id is None:
            return self.none()
        return self.open().filter(
            chain_id=delivery.chain_id,
            channel=delivery.channel,
            recipient=delivery.recipient,
            pk__lt=delivery.pk,
        )

    def unblocked(self) -> Self:
        """Those with nothing open ahead of them."""
        earlier = self.model.objects.filter(
            state="open",
            chain=OuterRef("chain"),
            channel=OuterRef("channel"),
            recipient=OuterRef("recipient"),
            pk__lt=OuterRef("pk"),
        )
        return self.filter(~Exists(earlier))

    def of_booking(self, booking_id: int) -> Self:
        return self.filter(booking_id=booking_id).order_by("pk")

    def steps_of_confirming(self) -> Self:
        """Calendar writes and meeting links: what has to be settled before a booking is confirmed."""
        return self.filter(channel__in=("calendar", "meeting"))
