"""Every address of the site: how it is asked, and what each kind of person gets there."""

from dataclasses import dataclass, field
from typing import Any

#: Nobody signed in, a manager of another team, a host of the team who is not on the booking, its host, its manager, the administrator.
PERSONS = ("stranger", "other", "colleague", "host", "manager", "administrator")
PUBLIC = (200,) * 6
SIGN_IN = 302


@dataclass(frozen=True)
class Room:
    """One address: how it is asked, and what each person of PERSONS gets. `wrong`: methods that nobody may use on it."""

    expected: tuple[int, ...]
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    wrong: tuple[str, ...] = ("put", "delete")


def page(*expected: int, wrong: tuple[str, ...] = ("post", "put", "delete")) -> Room:
    return Room(expected, wrong=wrong)


def deed(*expected: int, wrong: tuple[str, ...] = ("get", "put", "delete"), **data: Any) -> Room:
    return Room(expected, method="post", data=data, wrong=wrong)


FORM = ("put", "delete")
#: What belongs to one booking; its host, its manager and the administrator see it.
OF_BOOKING = (SIGN_IN, 404, 404, 200, 200, 200)
#: What belongs to everybody who signs in.
OF_ALL = (SIGN_IN, 200, 200, 200, 200, 200)
#: What belongs to a team; every member sees it.
OF_TEAM = (SIGN_IN, 404, 200, 200, 200, 200)
#: What only managers of the team may enter.
OF_MANAGERS = (SIGN_IN, 404, 404, 404, 200, 200)
#: A deed that answers with a redirect where it is allowed.
BY_MANAGERS = (SIGN_IN, 404, 404, 404, 302, 302)
BY_BOOKING = (SIGN_IN, 404, 404, 302, 302, 302)

ROOMS: dict[str, Room] = {
    "healthz": page(*PUBLIC),
    # Signing in: who is signed in already is sent on.
    "account_login": page(200, 302, 302, 302, 302, 302, wrong=()),
    "account_logout": page(302, 200, 200, 200, 200, 200, wrong=()),
    "account_inactive": page(*PUBLIC, wrong=()),
    "account_signup": page(200, 302, 302, 302, 302, 302, wrong=()),
    "account_reauthenticate": page(302, 200, 200, 200, 200, 200, wrong=()),
    "account_change_password": page(302, 200, 200, 200, 200, 200, wrong=()),
    "account_set_password": page(302, 302, 302, 302, 302, 302, wrong=()),
    "account_reset_password": page(*PUBLIC, wrong=()),
    "account_reset_password_done": page(*PUBLIC, wrong=()),
    "account_reset_password_from_key": page(*PUBLIC, wrong=()),
    "account_reset_password_from_key_done": page(*PUBLIC, wrong=()),
    # The hub
    "bookings:hub": page(*OF_ALL),
    "bookings:export": page(*OF_ALL),
    "bookings:bell": page(*OF_ALL),
    "bookings:counts": page(*OF_ALL),
    "bookings:see_all": deed(SIGN_IN, 302, 302, 302, 302, 302, up_to=1),
    # These requests come over WSGI, where there is no stream; tests/live has it over ASGI.
    "bookings:live": page(401, *(204,) * 5),
    "bookings:row": page(*OF_BOOKING),
    "bookings:booking": page(*OF_BOOKING),
    "bookings:confirm": deed(*BY_BOOKING, version=1),
    "bookings:decline": deed(*BY_BOOKING, wrong=FORM, version=1, reason="Away"),
    "bookings:cancel": deed(*BY_BOOKING, wrong=FORM, version=1, reason="Away"),
    "bookings:reschedule": deed(*BY_BOOKING, wrong=FORM, version=1, start="40000000"),
    "bookings:ask_new_time": deed(*BY_BOOKING, wrong=FORM, version=1, reason="Away"),
    # Their states are those of other tests: here the booking waits for a decision, so each of these is refused.
    "bookings:complete": deed(SIGN_IN, 404, 404, 409, 409, 409, version=1),
    "bookings:booker_no_show": deed(SIGN_IN, 404, 404, 409, 409, 409, wrong=FORM, version=1),
    "bookings:host_no_show": deed(SIGN_IN, 404, 404, 409, 409, 409, wrong=FORM, version=1),
    "bookings:correct": deed(
        SIGN_IN, 404, 404, 403, 409, 409, wrong=FORM, version=1, outcome="completed", reason="x"
    ),
    "bookings:keep_time": deed(SIGN_IN, 404, 404, 409, 409, 409, wrong=FORM, version=1),
    # It costs nothing.
    "bookings:pay": deed(SIGN_IN, 404, 404, 409, 409, 409, wrong=FORM, version=1),
    "bookings:refund": deed(SIGN_IN, 404, 404, 409, 409, 409, wrong=FORM, version=1),
    "bookings:undo": deed(SIGN_IN, 404, 404, 409, 409, 409, version=1),
    "bookings:bulk": deed(*((SIGN_IN,) * 6), action="confirm"),
    "bookings:undo_several": deed(*((SIGN_IN,) * 6)),
    "bookings:grant_exception": deed(*BY_BOOKING, wrong=FORM),
    "bookings:refuse_exception": deed(*BY_BOOKING, wrong=FORM),
    "bookings:keep_reply": deed(*BY_BOOKING),
    "bookings:edit": deed(*BY_BOOKING, wrong=FORM, version=1, name="Zoe Lefevre"),
    # The type has one host.
    "bookings:reassign": deed(SIGN_IN, 404, 404, 422, 422, 422, wrong=FORM, version=1),
    "bookings:retry_delivery": deed(*BY_BOOKING),
    # There is one type, and no time is chosen: the way in and the steps beyond lead to the times.
    "bookings:new_booking": page(SIGN_IN, 200, 200, 302, 302, 302, wrong=FORM),
    "bookings:new_booking_type": page(*OF_ALL, wrong=FORM),
    "bookings:new_booking_time": page(*OF_ALL, wrong=FORM),
    "bookings:new_booking_host": page(SIGN_IN, 200, 200, 302, 302, 302, wrong=FORM),
    "bookings:new_booking_booker": page(SIGN_IN, 200, 200, 302, 302, 302, wrong=FORM),
    # Contacts: those of one's teams, whoever hosts their bookings.
    "bookings:contacts": page(*OF_ALL),
    "bookings:contact": page(*OF_TEAM),
    # Without htmx the search leads to the list.
    "bookings:contact_search": page(*(302,) * 6),
    "bookings:edit_contact": page(*OF_TEAM, wrong=FORM),
    "bookings:merge_contact": page(*OF_MANAGERS, wrong=FORM),
    "bookings:new_conversation": page(*OF_TEAM, wrong=FORM),
    "bookings:edit_conversation": page(*OF_TEAM, wrong=FORM),
    "bookings:remove_conversation": deed(SIGN_IN, 404, 302, 302, 302, 302, wrong=FORM),
    "bookings:forget_alias": deed(SIGN_IN, 404, 302, 302, 302, 302, value="zoe@home.example"),
    "calendars:calendar": page(*OF_ALL, wrong=FORM),
    # Of a host whom one may look at; others than the host see that they are busy.
    "calendars:event": page(SIGN_IN, 404, 404, 200, 200, 200),
    # One's own calendars; whoever hosts nothing has none.
    "calendars:mine": page(SIGN_IN, 200, 200, 200, 404, 404, wrong=FORM),
    "calendars:own": page(SIGN_IN, 404, 404, 200, 404, 404, wrong=FORM),
    "calendars:remove": page(SIGN_IN, 404, 404, 200, 404, 404, wrong=FORM),
    "calendars:connect": page(SIGN_IN, 200, 200, 200, 404, 404, wrong=FORM),
    "calendars:subscribe": page(SIGN_IN, 200, 200, 200, 404, 404, wrong=FORM),
    "calendars:account": page(SIGN_IN, 404, 404, 200, 404, 404, wrong=FORM),
    # Nothing says where it is, so nothing is asked.
    "calendars:test": deed(SIGN_IN, 404, 404, 302, 404, 404),
    "calendars:sign_in": page(SIGN_IN, 404, 404, 200, 404, 404, wrong=FORM),
    "calendars:disconnect": page(SIGN_IN, 404, 404, 200, 404, 404, wrong=FORM),
    # Another calendar is nobody signed in. It is made, renewed and ended by its host alone.
    "feed": page(*PUBLIC),
    "calendars:put_back": deed(SIGN_IN, 404, 404, 302, 302, 302),
    "calendars:leave": deed(SIGN_IN, 404, 404, 302, 302, 302),
    "calendars:make_feed": deed(SIGN_IN, 302, 302, 302, 404, 404),
    "calendars:set_feed": deed(SIGN_IN, 404, 404, 302, 404, 404),
    "calendars:renew_feed": deed(SIGN_IN, 404, 404, 302, 404, 404, wrong=FORM),
    "calendars:end_feed": deed(SIGN_IN, 404, 404, 302, 404, 404, wrong=FORM),
    # Set-up
    "bookings:first_run": page(*(404,) * 6, wrong=()),
    "bookings:welcome": page(SIGN_IN, 200, 404, 404, 200, 200),
    "bookings:hours": page(*OF_ALL, wrong=FORM),
    "bookings:hours_of": page(SIGN_IN, 404, 404, 200, 200, 200, wrong=FORM),
    "bookings:unchecked": deed(SIGN_IN, 404, 404, 302, 302, 302),
    "bookings:day": page(SIGN_IN, 404, 404, 200, 200, 200, wrong=FORM),
    "bookings:remove_override": deed(SIGN_IN, 404, 404, 302, 302, 302),
    "bookings:add_away": deed(
        SIGN_IN, 404, 404, 302, 302, 302, **{"away-from_on": "2031-01-02", "away-until_on": "2031-01-03"}
    ),
    "bookings:remove_away": deed(SIGN_IN, 404, 404, 302, 302, 302),
    "bookings:keep_holidays": deed(SIGN_IN, 404, 404, 302, 302, 302, country="DE"),
    "bookings:work_on": deed(SIGN_IN, 404, 404, 302, 302, 302),
    "bookings:types": page(*OF_ALL),
    "bookings:new_type": page(SIGN_IN, 200, 404, 404, 200, 200, wrong=FORM),
    "bookings:preview_type": deed(*OF_MANAGERS, team="heliograf"),
    "bookings:type": page(*OF_MANAGERS, wrong=FORM),
    "bookings:share_type": page(SIGN_IN, 404, 200, 200, 200, 200),
    # Private links are made by managers and by the hosts of the type.
    "bookings:renew_private_link": deed(*BY_BOOKING),
    "bookings:end_private_link": deed(*BY_BOOKING),
    "bookings:single_use_links": page(*OF_BOOKING, wrong=FORM),
    # Made by its host: a colleague finds nothing there.
    "bookings:revoke_single_use_link": deed(*BY_BOOKING),
    # The managers of the team, and who hosts it.
    "bookings:type_why": page(*OF_BOOKING),
    "bookings:archive_type": deed(*BY_MANAGERS),
    "bookings:bring_back_type": deed(*BY_MANAGERS),
    "bookings:duplicate_type": deed(*BY_MANAGERS),
    "bookings:move_type_up": deed(*BY_MANAGERS),
    "bookings:move_type_down": deed(*BY_MANAGERS),
    "bookings:team": page(*OF_ALL),
    "bookings:host": page(*OF_MANAGERS, wrong=FORM),
    "bookings:make_bookable": deed(*BY_MANAGERS),
    "bookings:new_team": page(SIGN_IN, 404, 404, 404, 404, 200, wrong=FORM),
    "bookings:team_settings": deed(SIGN_IN, 404, 404, 404, 422, 422),
    "bookings:change_role": deed(*BY_MANAGERS, role="manager"),
    "bookings:remove_member": deed(*BY_MANAGERS, wrong=FORM),
    "bookings:invite": deed(
        *BY_MANAGERS,
        **{"invite-email": "new@heliograf.example", "invite-role": "host", "invite-language": "en"},
    ),
    "bookings:resend_invitation": deed(*BY_MANAGERS),
    "bookings:revoke_invitation": deed(*BY_MANAGERS),
    "bookings:new_location": page(*OF_MANAGERS, wrong=FORM),
    "bookings:location": page(*OF_MANAGERS, wrong=FORM),
    "bookings:archive_location": deed(*BY_MANAGERS),
    "bookings:bring_back_location": deed(*BY_MANAGERS),
    "bookings:location_day": page(*OF_MANAGERS, wrong=FORM),
    "bookings:remove_location_override": deed(*BY_MANAGERS),
    "bookings:account": page(*OF_ALL, wrong=FORM),
    "bookings:accept_invitation": page(*PUBLIC, wrong=FORM),
    # The booker's side: nobody is signed in there, so all are alike.
    # A host who came by the link in a mail is nobody signed in either.
    "bookings:answer": page(*PUBLIC),
    "bookings:answer_confirm": deed(*(303,) * 6, version=1),
    "bookings:answer_decline": deed(*(303,) * 6, version=1),
    "bookings:manage": page(*PUBLIC),
    "bookings:manage_cancel": page(*PUBLIC, wrong=FORM),
    "bookings:manage_ics": page(*PUBLIC),
    "bookings:manage_reschedule": page(*PUBLIC),
    "bookings:manage_hold": deed(*(422,) * 6, wrong=FORM),
    "bookings:manage_move": page(*(422,) * 6, wrong=FORM),
    # Nothing was asked for: back to the booking.
    "bookings:manage_withdraw": page(*(302,) * 6, wrong=FORM),
    "bookings:manage_exception": page(*(302,) * 6, wrong=FORM),
    "bookings:team_page": page(*PUBLIC),
    "bookings:type_page": page(*PUBLIC),
    "bookings:times": page(*PUBLIC),
    "bookings:hold_time": deed(*(422,) * 6, wrong=FORM),
    "bookings:book_details": page(*(422,) * 6, wrong=FORM),
    # The same within another website's page.
    "bookings:embed_team_page": page(*PUBLIC),
    "bookings:embed_type_page": page(*PUBLIC),
    "bookings:embed_hold_time": deed(*(422,) * 6, wrong=FORM),
    "bookings:embed_book_details": page(*(422,) * 6, wrong=FORM),
    "bookings:embed_booked": page(*PUBLIC),
    # The same by private links: of the type, and one that books once.
    "bookings:private_type_page": page(*PUBLIC),
    "bookings:private_hold_time": deed(*(422,) * 6, wrong=FORM),
    "bookings:private_book_details": page(*(422,) * 6, wrong=FORM),
    "bookings:once_type_page": page(*PUBLIC),
    "bookings:once_hold_time": deed(*(422,) * 6, wrong=FORM),
    "bookings:once_book_details": page(*(422,) * 6, wrong=FORM),
    # Mail of the trial run: switched on for this test.
    "dev_mail:list": page(*PUBLIC),
    "dev_mail:mail": page(*(404,) * 6),
    "dev_mail:html": page(*(404,) * 6),
}
