"""The tables of the booking domain, one file a subject."""

from bookings.models.assignment import AssignmentDecision
from bookings.models.booking_links import SingleUseLink
from bookings.models.booking_types import BookingType, Question, TypeHost
from bookings.models.bookings import Booking, BookingChain, BookingChange, BookingHost, Guest
from bookings.models.busy import BusyTime, Hold
from bookings.models.contacts import Contact, ContactAlias, ContactChange, Conversation
from bookings.models.meetings import MeetingRoom
from bookings.models.outbox import Delivery
from bookings.models.payments import Payment
from bookings.models.people import Host, Invitation, Membership, Team, User
from bookings.models.places import Location
from bookings.models.replies import Inbox, InvitationReply, ReadMail
from bookings.models.requests import ExceptionRequest
from bookings.models.schedules import DateOverride, OutOfOffice
from bookings.models.submissions import Attempt, SubmittedForm

__all__ = [
    "AssignmentDecision",
    "Attempt",
    "Booking",
    "BookingChain",
    "BookingChange",
    "BookingHost",
    "BookingType",
    "BusyTime",
    "Contact",
    "ContactAlias",
    "ContactChange",
    "Conversation",
    "DateOverride",
    "Delivery",
    "ExceptionRequest",
    "Guest",
    "Hold",
    "Host",
    "Inbox",
    "Invitation",
    "InvitationReply",
    "Location",
    "MeetingRoom",
    "Membership",
    "OutOfOffice",
    "Payment",
    "Question",
    "ReadMail",
    "SingleUseLink",
    "SubmittedForm",
    "Team",
    "TypeHost",
    "User",
]
