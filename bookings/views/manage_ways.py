"""What a booker can do with a booking, until when, or why not; and what became of asking beyond the policy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bookings import localtime
from bookings.lifecycle.moving import MOVABLE
from bookings.models import Booking, BookingType, ExceptionRequest
from bookings.rules import policies
from bookings.rules.policies import Verdict
from bookings.rules.refusals import REFUSALS
from bookings.rules.statuses import Status

CANCELLABLE = frozenset({Status.WAITING, Status.PENDING, Status.CONFIRMING, Status.CONFIRMED})
#: Not decided or not paid yet: withdrawing is always possible.
OPEN = frozenset({Status.WAITING, Status.PENDING})
#: What stands, so that a host can make an exception about it.
_STANDS = frozenset({Status.CONFIRMING, Status.CONFIRMED})
#: Refusals of a policy, from which a host may make an exception.
_BY_POLICY = frozenset({"cancel_never", "cancel_too_late", "reschedule_never", "reschedule_too_late"})
Wish = ExceptionRequest.Wish
State = ExceptionRequest.State
Link = Callable[..., str]


@dataclass(frozen=True)
class Right:
    """Whether the booker may do something by themselves, until when on their clock, and in a sentence what that means or why not.

    `can_ask`: the policy denies it, and a host could make an exception.
    """

    is_allowed: bool
    title: str
    sentence: str
    until: datetime | None = None
    can_ask: bool = False


@dataclass(frozen=True)
class Way:
    """One entry under "What you can do", with a button where there is one."""

    symbol: str
    title: str
    text: str = ""
    until: datetime | None = None
    is_closed: bool = False
    url: str = ""
    label: str = ""


# -- The rights themselves -----------------------------------------------------------------------------------------------------


def cancelling(booking: Booking, *, now: datetime) -> Right | None:
    """What the policy says of cancelling; None where there is nothing to cancel any more."""
    if booking.state not in CANCELLABLE or booking.has_begun(now):
        return None
    if booking.state in OPEN:
        words = _("It is not decided yet, so nothing keeps you.")
        if booking.state is Status.WAITING:
            words = _("It is not paid yet, so nothing keeps you.")
        return Right(True, _("Withdraw your request"), words)
    verdict = policies.may_cancel(booking.policy, starts_at=booking.starts_at, now=now)
    if verdict.is_allowed:
        words = _("The host is told, and the time is free for others.")
        return Right(True, _("Cancel it"), words, _until(booking, verdict))
    title = _("Cancelling ended") if verdict.until else _("Can't be cancelled online")
    return _denied(booking, verdict, title)


def moving(booking: Booking, *, now: datetime) -> Right | None:
    """What the policy says of another time; None where there is nothing to move any more."""
    kind = booking.booking_type
    if booking.state not in MOVABLE or booking.has_begun(now):
        return None
    if not kind.is_active or kind.archived_at:
        return Right(False, _("Can't be moved now"), str(REFUSALS["type_closed"].sentence))
    verdict = policies.may_reschedule(
        booking.policy, starts_at=booking.starts_at, now=now, is_granted=booking.may_move_anyway
    )
    if verdict.is_allowed:
        return Right(True, _("Move it"), _what_moving_means(booking), _until(booking, verdict))
    title = _("Moving ended") if verdict.until else _("Can't be moved online")
    return _denied(booking, verdict, title)


def _denied(booking: Booking, verdict: Verdict, title: str) -> Right:
    can_ask = booking.state in _STANDS and verdict.code in _BY_POLICY
    words = _("The booking stands. If something came up, ask for an exception; a host decides.")
    if not can_ask:
        words = _("Your request stays as it is. You can withdraw it and ask for another time.")
    return Right(False, title, words, _until(booking, verdict), can_ask)


def _what_moving_means(booking: Booking) -> str:
    if booking.state is Status.PENDING:
        return _("A host still decides, about the new time instead of this one.")
    approval = booking.booking_type.approval
    if approval == BookingType.Approval.ALWAYS:
        return _("A host confirms the new time. Until then this one stands.")
    if approval == BookingType.Approval.SHORT_NOTICE:
        return _("A host confirms times that are near; until then this one stands. Others move at once.")
    return _("It moves at once, and the host is told.")


def _until(booking: Booking, verdict: Verdict) -> datetime | None:
    return localtime.in_zone(verdict.until, booking.booker_zone) if verdict.until else None


# -- The list --------------------------------------------------------------------------------------------------------------------


def ways(
    booking: Booking,
    *,
    wish: Booking | None,
    asked: Sequence[ExceptionRequest],
    again_url: str,
    link: Link,
    now: datetime,
) -> list[Way]:
    """Everything that can be done, and what can't and why. `link(name, **query)` gives addresses of the booker's pages."""
    found = []
    move, cancel = moving(booking, now=now), cancelling(booking, now=now)
    if move is not None and move.is_allowed:
        found.append(_move_way(booking, move, wish=wish, asked=asked, link=link))
    elif move is not None:
        found.append(_closed_way(booking, move, Wish.RESCHEDULE, asked=asked, link=link))
    if wish is not None:
        words = _("The present time stays as it is.")
        label, url = _("Withdraw wish"), link("manage_withdraw")
        found.append(Way("undo", _("Withdraw your wish to move it"), words, url=url, label=label))
    if cancel is not None and cancel.is_allowed:
        label = _("Withdraw request") if booking.state in OPEN else _("Cancel booking")
        url = link("manage_cancel")
        found.append(Way("cancelled", cancel.title, cancel.sentence, cancel.until, url=url, label=label))
    elif cancel is not None:
        found.append(_closed_way(booking, cancel, Wish.CANCEL, asked=asked, link=link))
    if again_url:
        found.append(_again_way(booking, again_url))
    return found or [Way("lock", _("Nothing is left to be done here"), is_closed=True)]


def _move_way(
    booking: Booking, move: Right, *, wish: Booking | None, asked: Sequence[ExceptionRequest], link: Link
) -> Way:
    title, words = move.title, move.sentence
    if wish is not None:
        title = _("Ask for yet another time")
        words = _("It takes the place of the one you asked for.")
    answered = _last(asked, Wish.RESCHEDULE)
    if booking.is_move_granted and answered is not None:
        words = f"{_answer_words(booking, answered)} {words}"
    return Way(
        "rescheduled", title, words, move.until, url=link("manage_reschedule"), label=_("Pick another time")
    )


def _closed_way(
    booking: Booking, right: Right, wish: Wish, *, asked: Sequence[ExceptionRequest], link: Link
) -> Way:
    """What the policy denies: with the way to ask for it, or what became of asking."""
    last, is_open = _last(asked, wish), any(row.state == State.OPEN for row in asked)
    words, label = right.sentence, _("Ask for an exception")
    if last is not None and last.state == State.OPEN:
        at = localtime.in_zone(last.asked_at, booking.booker_zone)
        words = _("You asked for an exception on %(day)s, %(clock)s. A host answers by mail.") % {
            "day": localtime.day(at),
            "clock": localtime.clock(at),
        }
    elif is_open and right.can_ask:
        words = _("You can ask for this once your other request is answered.")
    elif last is not None and last.state == State.REFUSED:
        words, label = _answer_words(booking, last), _("Ask once more")
    if not right.can_ask or is_open:
        return Way("lock", right.title, words, right.until, is_closed=True)
    url = link("manage_exception", wish=str(wish))
    return Way("lock", right.title, words, right.until, is_closed=True, url=url, label=label)


def _last(asked: Sequence[ExceptionRequest], wish: Wish) -> ExceptionRequest | None:
    return next((row for row in reversed(asked) if row.wish == wish), None)


def _answer_words(booking: Booking, asked: ExceptionRequest) -> str:
    """A host's answer to a request, with what they wrote."""
    name = asked.answered_by.name if asked.answered_by else booking.team.name
    if asked.state == State.GRANTED:
        said = _("%(name)s made an exception for you: “%(answer)s”")
        bare = _("%(name)s made an exception for you.")
    else:
        said = _("%(name)s can't make an exception: “%(answer)s”")
        bare = _("%(name)s can't make an exception.")
    return (said if asked.answer else bare) % {"name": name, "answer": asked.answer}


def _again_way(booking: Booking, url: str) -> Way:
    """The way to a new booking; after one that didn't take place it is the next thing to do."""
    label = _("Show free times")
    if booking.state in (Status.DECLINED, Status.RESCHEDULED):
        return Way("plus", _("Choose another time"), url=url, label=label)
    if booking.state in (Status.CANCELLED, Status.NO_SHOW):
        return Way("plus", _("Book again"), url=url, label=label)
    words = "" if booking.state is Status.COMPLETED else _("This booking stays as it is.")
    return Way("plus", _("Book another time"), words, url=url, label=label)
