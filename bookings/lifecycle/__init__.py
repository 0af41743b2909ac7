"""The door: every change of a booking is one of these verbs, and each goes through the one step."""

from bookings.lifecycle.actors import SYSTEM, Actor, booker, person
from bookings.lifecycle.booking import book, book_as_host
from bookings.lifecycle.deciding import cancel, cancel_by_booker, cancel_by_system, confirm, decline, settled
from bookings.lifecycle.expiry import clear_away, expire_due, remind_due, settle_due
from bookings.lifecycle.holding import extend_hold, hold, live_hold, release_hold
from bookings.lifecycle.wishes import Booker, Key, Time, key_for

__all__ = [
    "SYSTEM",
    "Actor",
    "Booker",
    "Key",
    "Time",
    "book",
    "book_as_host",
    "booker",
    "cancel",
    "cancel_by_booker",
    "cancel_by_system",
    "clear_away",
    "confirm",
    "decline",
    "expire_due",
    "extend_hold",
    "hold",
    "key_for",
    "live_hold",
    "person",
    "release_hold",
    "remind_due",
    "settle_due",
    "settled",
]
