"""Every refusal of the domain: its code, its HTTP status, and the sentence a person reads.

A sentence says what happened, what stands now, and what to do next. Page, API and MCP show the same one.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Refusal:
    sentence: Promise
    status: int = 422


REFUSALS: dict[str, Refusal] = {
    # The time
    "unknown_zone": Refusal(_("There is no time zone of that name. Choose one from the list.")),
    "bad_days": Refusal(
        _("Ask for days written like 2027-03-01, `until` after `from`, at most %(most)d of them at once.")
    ),
    "past": Refusal(_("That time has passed. Choose a later one.")),
    "too_soon": Refusal(_("That time is too soon to be booked. Choose a later one.")),
    "too_late": Refusal(_("That time lies beyond the dates open for booking. Choose an earlier one.")),
    "off_grid": Refusal(_("That is not one of the times on offer. Choose one from the list.")),
    "unknown_duration": Refusal(
        _("That length is not offered for this booking type. Choose one from the list.")
    ),
    "day_full": Refusal(_("That day is fully booked. Choose another day.")),
    "outside_hours": Refusal(_("That time lies outside the hours on offer. Choose one from the list.")),
    "taken": Refusal(_("That time was just taken. Nothing was booked; choose another one."), 409),
    "clash": Refusal(_("The time clashes with something else: %(clashes)s. Nothing was changed."), 409),
    "no_hosts": Refusal(_("Nobody hosts this booking type yet, so it can't be booked.")),
    "type_closed": Refusal(_("This booking type takes no bookings at present.")),
    "location_missing": Refusal(_("Choose one of the places this booking type is offered at.")),
    "host_missing": Refusal(_("That host doesn't host this booking type. Choose one from the list.")),
    # A calendar from elsewhere
    "calendar_not_calendar": Refusal(
        _("This file can't be read as a calendar. Nothing was changed; export it again as an .ics file.")
    ),
    "calendar_too_big": Refusal(
        _("The file is larger than 10 MB. Nothing was changed; export fewer years of it.")
    ),
    "calendar_too_many": Refusal(
        _("The file holds more events than can be kept. Nothing was changed; export fewer years of it.")
    ),
    "calendar_too_heavy": Refusal(
        _("Reading the file took too long. Nothing was changed; export fewer years of it.")
    ),
    "calendar_sealed": Refusal(
        _("The kept file can't be opened any more. What was read before stands; add the file again.")
    ),
    "calendars_enough": Refusal(
        _(
            "You have %(most)d calendar accounts, subscriptions and files, and no more can be added. Remove one that you don't need."
        )
    ),
    # An account at a calendar server: what its pages say of the last try beside what became of it
    "calendar_refused": Refusal(
        _(
            "The server doesn't take this user name and password. Check both; most servers want an app password here."
        )
    ),
    "calendar_key_gone": Refusal(
        _("The key that the password was kept with is gone from the hub. Sign in again.")
    ),
    "calendar_gone": Refusal(
        _(
            "There is no calendar at this address, or not for you. Check the address and who it is shared with."
        )
    ),
    "calendar_silent": Refusal(
        _("The server doesn't answer. Check the address, or try again in some minutes.")
    ),
    "calendar_paused": Refusal(_("The server wants to be left alone for a while. Try again later.")),
    "calendar_unreadable": Refusal(
        _("What the server sends can't be read as a calendar. Check the address, or try again later.")
    ),
    "calendar_rejected": Refusal(
        _("The server refuses this. Check there whether the account may use the calendar.")
    ),
    "calendar_read_only": Refusal(
        _("The server lets nobody write into this calendar from here. Choose another one for your bookings.")
    ),
    "calendar_full": Refusal(
        _("The account has no room left at its server. Make some there; it is tried again by itself.")
    ),
    "calendar_address": Refusal(
        _(
            "This is no address of a server. It looks like https://cloud.example.org, without a name or password in it."
        )
    ),
    "calendar_connected": Refusal(
        _("This is connected already, as %(name)s. Nothing was changed; look at it in the list."), 409
    ),
    # The move
    "stale": Refusal(
        _("%(who)s %(deed)s this booking at %(when)s; it is now %(status)s. Nothing else was changed."), 409
    ),
    "wrong_status": Refusal(
        _("This booking is %(status)s, so that can't be done any more. Nothing was changed."), 409
    ),
    "not_started": Refusal(_("This can be recorded once the booking has begun."), 409),
    "reason_required": Refusal(_("A reason is needed here. One sentence is enough.")),
    "cancel_never": Refusal(_("This booking can't be cancelled online."), 403),
    "cancel_too_late": Refusal(_("Cancelling ended on %(until)s. The booking stands."), 403),
    "reschedule_never": Refusal(_("This booking can't be moved online."), 403),
    "reschedule_too_late": Refusal(_("Moving ended on %(until)s. The booking stands."), 403),
    "same_time": Refusal(_("That is the time the booking has already. Choose another one.")),
    "open_wish": Refusal(
        _("This is a wish to move a booking. Confirm or decline it, or move the booking that stands."), 409
    ),
    "wish_closed": Refusal(
        _("This wish is not open any more: %(who)s %(deed)s it at %(when)s. Nothing else was changed."), 409
    ),
    "nothing_stands": Refusal(
        _("The booking this wish would move no longer stands. Nothing was changed."), 409
    ),
    "one_host": Refusal(_("This booking type has one host, so there is nobody to reassign it to.")),
    "host_on_it": Refusal(_("%(name)s is on this booking already. Choose somebody else.")),
    "host_not_on_it": Refusal(_("That host is not on this booking any more. Look at it again."), 409),
    "host_not_free": Refusal(
        _("%(name)s is not free at that time. Choose somebody else, or ask a manager of the team."), 409
    ),
    "nobody_free": Refusal(_("Nobody else is free at that time. Nothing was changed."), 409),
    "managers_only": Refusal(_("Only a manager of the team can do this. Nothing was changed."), 403),
    "nobody_absent": Refusal(_("Choose who did not attend.")),
    "took_place": Refusal(
        _(
            "With the booker and a host there it took place. Nothing was changed; choose the booker or every host."
        )
    ),
    "undo_too_late": Refusal(
        _("The time to take this back is over; the mails are on their way. Nothing was changed."), 409
    ),
    "undo_taken": Refusal(
        _("The time was booked by somebody else meanwhile, so it can't be given back. Nothing was changed."),
        409,
    ),
    "undo_wished": Refusal(
        _(
            "The booker asked for another time meanwhile, so this can't be taken back. Decide about the new wish."
        ),
        409,
    ),
    "exception_needless": Refusal(_("You can do this yourself, so no exception is needed."), 409),
    "exception_open": Refusal(_("You have asked for this already. A host answers by mail."), 409),
    "exception_answered": Refusal(_("%(who)s answered this request before. Nothing else was changed."), 409),
    "new_time_asked": Refusal(
        _("%(who)s asked for a new time at %(when)s; the present one stands. Nothing else was changed."), 409
    ),
    "no_new_time_asked": Refusal(
        _("No new time is asked for any more; the present one stands. Nothing was changed."), 409
    ),
    "already_over": Refusal(_("This booking is over; it can't be changed any more."), 409),
    "not_retryable": Refusal(_("This delivery is not waiting for a retry. Nothing was changed."), 409),
    # The people and the form
    "key_reused": Refusal(
        _("This form was sent before with other answers. Open the page again to book once more.")
    ),
    "key_in_flight": Refusal(
        _("This booking is being made right now. Wait a moment and open the page again."), 409
    ),
    "form_broken": Refusal(
        _("This form came incomplete, so nothing was changed. Open the page again and repeat the step.")
    ),
    "too_many_guests": Refusal(_("At most %(limit)s guests can be invited.")),
    "too_many_holds": Refusal(
        _("Several times are held for you already. Finish one of them first, or wait ten minutes."), 429
    ),
    "too_many_requests": Refusal(
        _("Too many tries in a short time. Wait a few minutes, then try again."), 429
    ),
    "bad_link": Refusal(_("This link is not valid."), 404),
    "link_used": Refusal(_("This invitation has been used. Sign in with your e-mail and password."), 409),
    "link_expired": Refusal(_("This invitation has run out. Ask a manager of the team for a new one."), 410),
    "booking_link_used": Refusal(
        _("This link has made its booking, and it books once. Ask whoever sent it to you for another one."),
        410,
    ),
    "booking_link_expired": Refusal(
        _("This link has run out. Ask whoever sent it to you for another one."), 410
    ),
    "booking_link_revoked": Refusal(
        _("This link was taken back. Ask whoever sent it to you for another one."), 410
    ),
    "already_member": Refusal(_("%(email)s is in this team already.")),
    "last_manager": Refusal(
        _(
            "%(name)s is the only manager of this team. Nothing was changed; make somebody else a manager first."
        ),
        409,
    ),
    "address_taken": Refusal(
        _("Another contact of the team has %(email)s. Merge the two, or type another one.")
    ),
    "contact_stale": Refusal(
        _("%(who)s changed this contact at %(when)s. What you typed stands below and is not saved yet."), 409
    ),
    "contact_gone": Refusal(
        _("This contact is not there any more. Nothing was changed; search for it again."), 409
    ),
    "conversation_stale": Refusal(
        _(
            "Somebody else changed this conversation meanwhile. What you typed stands below and is not saved yet."
        ),
        409,
    ),
    "kept": Refusal(
        _("%(name)s can't be deleted, because %(what)s belong to it. Nothing was changed. %(instead)s"), 409
    ),
    "too_many_rows": Refusal(_("At most %(most)s rows at once. Nothing was changed; choose fewer.")),
    "busy": Refusal(
        _("The hub is very busy just now. Nothing was changed; try again in a few seconds."), 503
    ),
}


class Refused(Exception):
    """A verb refuses: `code` is a key of REFUSALS, `values` fill its sentence, `status` is the HTTP status."""

    def __init__(self, code: str, *, field: str = "", **values: Any) -> None:
        self.code = code
        self.field = field
        self.values = values
        super().__init__(code)

    @property
    def status(self) -> int:
        return REFUSALS[self.code].status

    @property
    def sentence(self) -> str:
        return str(REFUSALS[self.code].sentence) % self.values

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"
