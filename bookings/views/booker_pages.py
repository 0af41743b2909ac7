"""What the public pages show: the choice of a time, the form for it, and the pages that say why there is neither."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from bookings import availability, lifecycle, localtime
from bookings.availability import Offer, instant
from bookings.forms import wishes
from bookings.forms.booker import DetailsForm
from bookings.forms.wishes import Sealed, Wish
from bookings.models import BookingType, Location
from bookings.rules import policies
from bookings.rules.refusals import REFUSALS, Refused
from bookings.rules.zones import day_bounds, zone
from bookings.views import choosing, manage_words, policy_words
from bookings.views.booking_month import Search
from bookings.views.entrances import Entrance

#: Refusals after which another time is the answer.
LOST = frozenset({"taken", "past", "too_soon", "too_late", "off_grid", "day_full", "outside_hours"})
#: More names than this read as a crowd.
_MOST_NAMES = 4
#: Other hosts, and lengths and places, that are named when nothing is free.
_OTHER_WAYS = 4
#: As `availability.load_offer`.
LoadOffer = Callable[..., Offer]


# -- Choosing a time -----------------------------------------------------------------------------------------------------


def offer(
    request: HttpRequest, entrance: Entrance, params: QueryDict, *, refused: Refused | None = None
) -> HttpResponse:
    """The page of a booking type. `params`: the address, or the form that was refused."""
    now, wish = timezone.now(), wishes.read_wish(params, entrance.kind, places=entrance.places)
    try:
        found = availability.load_offer(
            entrance.kind,
            location=wish.location,
            duration=wish.duration,
            now=now,
            between=choosing.likely_month(params, zone(wish.zone), now=now),
        )
    except Refused as nobody:
        return closed(request, entrance, nobody)
    context = offer_context(entrance, params, wish=wish, found=found, places=entrance.places)
    context["notices"] = _notices(params, wish, refused, is_host_known=context["host_named"])
    return choosing.answer(request, "booker/type.html", "booker/_choose.html", context, refused=refused)


def offer_context(
    entrance: Entrance,
    params: QueryDict,
    *,
    wish: Wish,
    found: Offer,
    places: Sequence[Location],
    load: LoadOffer = availability.load_offer,
) -> dict[str, Any]:
    """What `booker/_offer.html` shows: the facts of a type, and the choice of a day and a time.

    `load` makes the offers of other lengths and places; a type that is being edited makes its own.
    """
    booking_type = entrance.kind
    host = _named_host(found, wish)
    search = Search(found, zone(wish.zone), host.host_id if host else None, _own_holds(params, booking_type))
    filled = _filled(params)
    here = {**wish.params(), **filled, **choosing.shown(params)}
    return {
        **_shell(entrance),
        "wish": wish,
        **_ways(entrance, wish, places=places, here=here),
        **_times(entrance, search, params, wish=wish, filled=filled, places=places, load=load),
        **choosing.zones(
            wish.zone,
            is_chosen=wish.is_zone_chosen,
            fields={**entrance.kept, **here, "zone": ""},
            link=lambda values: entrance.url("type_page", {**here, **values}),
        ),
        **_about(booking_type, found, host=host),
        "wish_fields": choosing.pairs({**here, "zone": wish.zone}),
        "page_url": entrance.url("type_page"),
        "hold_url": entrance.url("hold_time"),
        "everybody_url": entrance.url("type_page", {**here, "host": ""}) if host else "",
        "offers_url": entrance.offers_url,
    }


def _times(
    entrance: Entrance,
    search: Search,
    params: QueryDict,
    *,
    wish: Wish,
    filled: Mapping[str, Any],
    places: Sequence[Location],
    load: LoadOffer,
) -> dict[str, Any]:
    """The month, its chosen day and that day's times; where nothing is free, other hosts, lengths and places that are."""

    def link(values: Mapping[str, str]) -> str:
        return entrance.url("type_page", {**wish.params(), **filled, **values})

    found = choosing.times(search, params, link=link)
    if found["times"]:
        return found
    first, after = (day_bounds(day, search.zone)[0] for day in found["empty"])
    # At a dead end any day will do; else they lead to the days that are empty here.
    here = {} if found["next_day"] is None else choosing.shown(params)
    ways = [
        *_other_hosts(search, first, after),
        *_other_lengths_and_places(entrance, search, first, after, wish=wish, places=places, load=load),
    ]
    return {
        **found,
        "other_ways": [{"words": way.words, "url": link({**here, **way.values})} for way in ways],
    }


@dataclass(frozen=True)
class Way:
    """Another host, length or place that has times: in words, and as parameters of an address."""

    words: str
    values: Mapping[str, str]


def _other_hosts(search: Search, first: int, after: int) -> list[Way]:
    """Whoever else of a round-robin is free where the named host isn't, a few at most."""
    if search.host_id is None:
        return []
    free = search.slots(first, after)
    others = [
        Way(_("With %(name)s") % {"name": part.host.name}, {"host": str(part.host_id)})
        for part in search.offer.pool
        if not part.is_fixed and part.host_id != search.host_id and len(free.of(part.host_id))
    ]
    anybody = Way(_("With anybody"), {"host": ""})
    return [anybody, *others[:_OTHER_WAYS]] if others else []


def _other_lengths_and_places(
    entrance: Entrance,
    search: Search,
    first: int,
    after: int,
    *,
    wish: Wish,
    places: Sequence[Location],
    load: LoadOffer,
) -> list[Way]:
    """Other lengths and places that are free where the chosen ones aren't, a few at most."""
    others = [
        (duration, place)
        for place in places or [None]
        for duration in entrance.kind.durations
        if (duration, place) != (wish.duration, wish.location)
    ]
    ways = []
    for duration, place in others[:_OTHER_WAYS]:
        try:
            found = load(entrance.kind, location=place, duration=duration, now=timezone.now())
        except Refused:
            continue
        if Search(found, search.zone).starts(
            max(first, found.rules.earliest), min(after, found.rules.latest)
        ):
            words = localtime.span(duration) + (f", {place.name}" if place else "")
            values = {"duration": str(duration), "location": str(place.pk) if place else "", "host": ""}
            ways.append(Way(words, values))
    return ways


def _ways(
    entrance: Entrance, wish: Wish, *, places: Sequence[Location], here: Mapping[str, Any]
) -> dict[str, Any]:
    """The lengths and places to choose from, where there are several; `here`: the address of this page, day included."""
    return {
        "lengths": [
            {
                "words": localtime.span(length),
                "url": entrance.url("type_page", {**here, "duration": str(length)}),
                "is_chosen": length == wish.duration,
            }
            for length in entrance.kind.durations
        ],
        "places": [
            {
                "place": place,
                "url": entrance.url("type_page", {**here, "location": str(place.pk)}),
                "is_chosen": place == wish.location,
            }
            for place in places
        ],
    }


def _notices(params: QueryDict, wish: Wish, refused: Refused | None, *, is_host_known: bool) -> list[str]:
    """What was asked for and can't be had, one sentence each."""
    codes = [code for code in wish.problems if not (refused and refused.code == code)]
    sentences = [refused.sentence] if refused else []
    for code in codes:
        if code == "unknown_zone":
            asked = params.get("zone", "")[:40]
            sentences.append(
                _("“%(zone)s” is no time zone. Times are shown for %(city)s.")
                % {"zone": asked, "city": localtime.city(wish.zone)}
            )
        else:
            sentences.append(str(REFUSALS[code].sentence))
    if wish.host_id and not is_host_known:
        sentences.append(str(REFUSALS["host_missing"].sentence))
    return sentences


def _named_host(found: Offer, wish: Wish) -> Any:
    """The host asked for, where one of several is picked for each booking; None otherwise."""
    if found.booking_type.assignment != BookingType.Assignment.ROUND_ROBIN:
        return None
    return next((part for part in found.pool if part.host_id == wish.host_id), None)


def _own_holds(params: QueryDict, booking_type: BookingType) -> tuple[Any, ...]:
    """The time that this booker holds already and may choose again."""
    try:
        return (
            (wishes.unseal(params["held"], booking_type=booking_type).hold_id,) if params.get("held") else ()
        )
    except Refused:
        return ()


# -- The form ------------------------------------------------------------------------------------------------------------


def details(
    request: HttpRequest,
    entrance: Entrance,
    *,
    held: Sealed,
    value: str,
    form: DetailsForm,
    refused: Refused | None = None,
) -> HttpResponse:
    """The form for a held time; after a refusal with its sentence and, where the time is lost, the nearest free ones."""
    booking_type = entrance.kind
    wish = wishes.wish_of(held, booking_type=booking_type, places=entrance.places)
    is_lost = refused is not None and refused.code in LOST
    context = {
        **_shell(entrance),
        "form": form,
        "refused": refused.sentence if refused else "",
        "is_lost": is_lost,
        # What was sent before took the time, so nothing is said of holding it.
        "is_sent": refused is not None and refused.code == "key_reused",
        "nearest": _nearest(booking_type, wish, held) if is_lost else [],
        "hold": None if is_lost else lifecycle.live_hold(held.hold_id),
        "value": value,
        "post_url": entrance.url("book_details", {"form": value}),
        "hold_url": entrance.url("hold_time"),
        "back_url": _back_url(entrance, wish, held=held, value=value, params=request.GET),
        "wish_fields": choosing.pairs({**wish.params(), "zone": wish.zone, "held": value, "typed": "1"}),
        **_moment(booking_type, wish, start=held.start),
    }
    status = refused.status if refused else 422 if form.errors else 200
    return choosing.retry_later(render(request, "booker/details.html", context, status=status), refused)


def _moment(booking_type: BookingType, wish: Wish, *, start: int) -> dict[str, Any]:
    """The held time on the booker's clock and on the team's, what it costs, whether a host has to answer, and until when it may be moved or cancelled."""
    now, starts_at = timezone.now(), instant(start)
    starts = localtime.in_zone(starts_at, wish.zone)
    waits = policies.needs_approval(
        policies.Approval(booking_type.approval),
        booking_type.approval_within_hours,
        starts_at=starts_at,
        now=now,
    )
    deadline = policies.answer_deadline(now=now, starts_at=starts_at, hours=booking_type.answer_within_hours)
    minutes = booking_type.payment_window_minutes
    pay_by = policies.payment_deadline(now=now, starts_at=starts_at, minutes=minutes)
    return {
        "starts": starts,
        "price": _price_words(booking_type),
        "pay_by": localtime.in_zone(pay_by, wish.zone),
        "ends": localtime.in_zone(starts_at + timedelta(minutes=wish.duration), wish.zone),
        "there": manage_words.there(starts_at, wish.zone, booking_type.team.time_zone),
        "place": wish.location,
        "waits": waits,
        "is_near": booking_type.approval == BookingType.Approval.SHORT_NOTICE,
        "answer_by": localtime.in_zone(deadline, wish.zone),
        "rules": policy_words.of_time(booking_type.policy, starts_at=starts_at, now=now, zone=wish.zone),
    }


def _nearest(booking_type: BookingType, wish: Wish, held: Sealed) -> list[dict[str, Any]]:
    """The nearest free times around a lost one, on the booker's clock."""
    try:
        found = availability.load_offer(
            booking_type, location=wish.location, duration=wish.duration, now=timezone.now()
        )
    except Refused:
        return []
    search = Search(
        found, zone(wish.zone), wish.host_id if _named_host(found, wish) else None, (held.hold_id,)
    )
    return choosing.nearest(search, held.start)


def _back_url(entrance: Entrance, wish: Wish, *, held: Sealed, value: str, params: QueryDict) -> str:
    """The way back to the times, on the day of the held one, which stays free for who holds it."""
    day = localtime.in_zone(instant(held.start), wish.zone).date()
    values = {
        "month": day.strftime("%Y-%m"),
        "day": day.isoformat(),
        **wish.params(),
        **wishes.prefill(params),
        "held": value,
    }
    return entrance.url("type_page", values)


# -- Other pages ---------------------------------------------------------------------------------------------------------


def sent(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Say that a form has made its booking already."""
    context = {**_shell(entrance), "back_url": entrance.url("type_page")}
    return render(request, "booker/sent.html", context)


def closed(request: HttpRequest, entrance: Entrance, refused: Refused) -> HttpResponse:
    """Say why a type can't be booked at all, with the way to the others."""
    # A closed type is as good as none for who asks for its page.
    status = 404 if refused.code == "type_closed" else refused.status
    context = {**_shell(entrance), "sentence": refused.sentence, "back_url": entrance.offers_url}
    return render(request, "booker/closed.html", context, status=status)


# -- Pieces --------------------------------------------------------------------------------------------------------------


def _shell(entrance: Entrance) -> dict[str, Any]:
    """What every page of a type shows around its own part."""
    return {
        "team": entrance.kind.team,
        "kind": entrance.kind,
        "frame": entrance.frame,
        "is_private": entrance.is_private,
    }


def _about(booking_type: BookingType, found: Offer, *, host: Any) -> dict[str, Any]:
    return {
        "with_whom": host.host.name if host else _with_whom(found),
        "host_named": host is not None,
        "approval": _approval_words(booking_type),
        "price": _price_words(booking_type),
        "rules": policy_words.of_type(booking_type.policy),
    }


def _with_whom(found: Offer) -> str:
    """Who a booker may meet; "" where the names would be a crowd."""
    if len(found.pool) > _MOST_NAMES:
        return ""
    is_choice = found.booking_type.assignment == BookingType.Assignment.ROUND_ROBIN
    sure = [part.host.name for part in found.pool if part.is_fixed or not is_choice]
    either = [part.host.name for part in found.pool if is_choice and not part.is_fixed]
    one = get_text_list(either, _("or"))
    if sure and len(either) > 1:
        one = _("one of %(names)s") % {"names": one}
    return get_text_list([*sure, one] if one else sure, _("and"))


def _approval_words(booking_type: BookingType) -> str:
    if booking_type.approval == BookingType.Approval.ALWAYS:
        return _("A host confirms each request")
    if booking_type.approval == BookingType.Approval.SHORT_NOTICE:
        return _("A host confirms times less than %(span)s ahead") % {
            "span": localtime.span_within(booking_type.approval_within_hours * 60)
        }
    return ""


def _price_words(booking_type: BookingType) -> dict[str, str] | None:
    """What it costs and how long there is to pay; None where it costs nothing."""
    if not booking_type.is_priced:
        return None
    return {
        "amount": localtime.money(booking_type.price_cents, booking_type.currency),
        "within": localtime.span_within(booking_type.payment_window_minutes),
    }


def _filled(params: QueryDict) -> dict[str, Any]:
    """What every page carries on: what fills in the form, and the time held already."""
    return {**wishes.prefill(params), "held": params.get("held", ""), "typed": params.get("typed", "")}
