"""The door: every change of a booking is one of these verbs, and each goes through the one step."""

from bookings.lifecycle.actors import SYSTEM, Actor, booker, person
from bookings.lifecycle.admission import PrivateLink, SingleUse, refuse_unless_usable
from bookings.lifecycle.attendance import (
    booker_no_show,
    complete,
    complete_by_system,
    correct_to_completed,
    correct_to_no_show,
    host_no_show,
)
from bookings.lifecycle.booking import OPEN, Foreseen, book, book_as_host, foresee_booking
from bookings.lifecycle.calendar import (
    calendar_astray,
    calendar_broke,
    calendar_checked,
    calendar_chosen,
    calendar_outdated,
    calendar_removed,
    write_calendar_again,
)
from bookings.lifecycle.candidates import Candidate, candidates_at
from bookings.lifecycle.deciding import cancel, cancel_by_booker, cancel_by_system, confirm, decline, settled
from bookings.lifecycle.details import Details, edit_details, edit_details_and_contact
from bookings.lifecycle.exceptions import ask_exception, grant_exception, refuse_exception, verdict_of
from bookings.lifecycle.expiry import (
    clear_away,
    complete_due,
    expire_due,
    remind_bookers_due,
    remind_due,
    reset_reminders,
    settle_due,
    tell_links_due,
)
from bookings.lifecycle.holding import extend_hold, hold, live_hold, release_hold
from bookings.lifecycle.meeting import tell_link
from bookings.lifecycle.moving import (
    NewTime,
    foresee,
    hold_to_move,
    reschedule,
    reschedule_and_confirm,
    reschedule_by_booker,
    successor_of,
    waits_for_host,
)
from bookings.lifecycle.new_time import ask_new_time, keep_time
from bookings.lifecycle.payments import gets_its_time_back, pay, refund
from bookings.lifecycle.reassigning import candidates_of, reassign
from bookings.lifecycle.replies import keep_as_it_is, take_reply
from bookings.lifecycle.undoing import undo, undo_until, undoable_change
from bookings.lifecycle.wishes import Booker, Key, Time, key_for

__all__ = [
    "OPEN",
    "SYSTEM",
    "Actor",
    "Booker",
    "Candidate",
    "Details",
    "Foreseen",
    "Key",
    "NewTime",
    "PrivateLink",
    "SingleUse",
    "Time",
    "ask_exception",
    "ask_new_time",
    "book",
    "book_as_host",
    "booker",
    "booker_no_show",
    "calendar_astray",
    "calendar_broke",
    "calendar_checked",
    "calendar_chosen",
    "calendar_outdated",
    "calendar_removed",
    "cancel",
    "cancel_by_booker",
    "cancel_by_system",
    "candidates_at",
    "candidates_of",
    "clear_away",
    "complete",
    "complete_by_system",
    "complete_due",
    "confirm",
    "correct_to_completed",
    "correct_to_no_show",
    "decline",
    "edit_details",
    "edit_details_and_contact",
    "expire_due",
    "extend_hold",
    "foresee",
    "foresee_booking",
    "gets_its_time_back",
    "grant_exception",
    "hold",
    "hold_to_move",
    "host_no_show",
    "keep_as_it_is",
    "keep_time",
    "key_for",
    "live_hold",
    "pay",
    "person",
    "reassign",
    "refund",
    "refuse_exception",
    "refuse_unless_usable",
    "release_hold",
    "remind_bookers_due",
    "remind_due",
    "reschedule",
    "reschedule_and_confirm",
    "reschedule_by_booker",
    "reset_reminders",
    "settle_due",
    "settled",
    "successor_of",
    "take_reply",
    "tell_link",
    "tell_links_due",
    "undo",
    "undo_until",
    "undoable_change",
    "verdict_of",
    "waits_for_host",
    "write_calendar_again",
]
