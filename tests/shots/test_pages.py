"""No page is forgotten: every address that answers GET with HTML is in the list of pages, or named here with a reason."""

from django.urls import URLPattern, URLResolver, get_resolver

from tests.shots.pages import SHOTS

#: Addresses without a picture of their own.
WITHOUT = {
    "healthz": "plain text for monitors",
    "bookings:answer_confirm": "POST only; answer-clash and answer-stale show what it may say",
    "bookings:answer_decline": "POST only",
    "bookings:confirm": "POST only; its dialogs are hub-confirm-*",
    "bookings:complete": "POST only; hub-chosen-past shows its button",
    "bookings:undo": "POST only; hub-undo shows its button",
    "bookings:undo_several": "POST only; bulk-undo shows its button",
    "bookings:retry_delivery": "POST only; booking-failed-mail shows its button",
    "bookings:invite": "POST only; its form is on the team's page",
    "bookings:resend_invitation": "POST only",
    "bookings:revoke_invitation": "POST only",
    "bookings:change_role": "POST only",
    "bookings:make_bookable": "POST only; its button is on the team's page",
    "bookings:team_settings": "POST only; its form is on the team's page",
    "bookings:archive_location": "POST only",
    "bookings:bring_back_location": "POST only",
    "bookings:remove_location_override": "POST only",
    "bookings:archive_type": "POST only",
    "bookings:bring_back_type": "POST only",
    "bookings:duplicate_type": "POST only",
    "bookings:move_type_up": "POST only",
    "bookings:move_type_down": "POST only",
    "bookings:preview_type": "POST only; the fragment beside the form of a type",
    "bookings:remove_override": "POST only",
    "bookings:add_away": "POST only; its form is on the page of hours",
    "bookings:remove_away": "POST only",
    "bookings:keep_holidays": "POST only; its form is on the page of hours",
    "bookings:work_on": "POST only; hours-holidays shows its button",
    "bookings:export": "a CSV file; hub-filters shows its link",
    "bookings:counts": "the two counts of the frame, for htmx",
    "bookings:live": "a stream of events",
    "bookings:see_all": "POST only; bell-full shows its button",
    "bookings:forget_alias": "POST only; contact shows its button",
    "bookings:contact_search": "a fragment for htmx; new-booking-search shows it",
    "bookings:row": "a fragment for htmx; the hub's lists are made of it",
    "bookings:embed_hold_time": "GET leads back to the times",
    "bookings:times": "data for scripts",
    "bookings:private_hold_time": "GET leads back to the times",
    "bookings:private_book_details": "looks as details does",
    "bookings:once_hold_time": "GET leads back to the times",
    "bookings:renew_private_link": "POST only; its button is on the page that shares a type",
    "bookings:end_private_link": "POST only; its button is on the page that shares a type",
    "bookings:revoke_single_use_link": "POST only; single-use-links shows its button",
    "bookings:hold_time": "GET leads back to the times",
    "bookings:manage_hold": "GET leads back to the times",
    "bookings:manage_ics": "a calendar file",
    "bookings:keep_reply": "POST only; booking-replied shows its button",
    "feed": "a calendar that other programs read",
    "bookings:unchecked": "POST only; its form is on the page of hours",
    "calendars:put_back": "POST only; booking-astray shows its button",
    "calendars:leave": "POST only; booking-astray shows its button",
    "calendars:test": "POST only; my-account shows its button",
    "calendars:make_feed": "POST only; my-calendars shows its button",
    "calendars:set_feed": "POST only; my-feeds shows its form",
}
#: Django's own pages, with its own look.
NOT_OURS = ("admin:",)


def names(resolver: URLResolver, space: str = "") -> set[str]:
    """All names of the resolver, with their namespace."""
    found: set[str] = set()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            found |= names(entry, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            found.add(f"{space}{entry.name}")
    return found


def full(view: str) -> str:
    return view if ":" in view or view.startswith(("account_", "shots_")) else f"bookings:{view}"


def test_every_page_is_in_the_list() -> None:
    listed = {full(view) for shot in SHOTS for view in (shot.view, shot.reaches) if view}
    known = {name for name in names(get_resolver()) if not name.startswith(NOT_OURS)}
    assert known - listed - set(WITHOUT) == set(), "give them a Shot, or name them in WITHOUT"
    assert set(WITHOUT) - known == set(), "gone from the resolver"
    assert set(WITHOUT) & listed == set(), "these have a picture after all"


def test_names_of_pictures_are_distinct() -> None:
    names_of_shots = [shot.name for shot in SHOTS]
    assert len(names_of_shots) == len(set(names_of_shots))
