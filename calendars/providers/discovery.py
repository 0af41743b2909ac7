"""From whatever a person types to the calendars of their account (RFC 6764, RFC 4791 6.2)."""

from contextlib import suppress
from urllib.parse import unquote

from calendars import remote
from calendars.providers.base import CalendarInfo, Failure, Gone, SignInRefused, Silent, Unreadable
from calendars.providers.dav import (
    HELD,
    KIND,
    MAY,
    XML,
    folder,
    is_calendar,
    may_read,
    may_write,
    named,
    one,
    propfind,
)
from calendars.remote import Client
from calendars.rules import multistatus
from calendars.rules.ics import line
from calendars.rules.multistatus import APPLE, CALDAV, DAV, Member

#: An account has no more of these than are of use.
MOST_CALENDARS, MOST_ADDRESSES, MOST_HOMES = 200, 20, 5
LONGEST_NAME = 80
_NAME, _COLOR = f"{DAV}displayname", f"{APPLE}calendar-color"
_OF_A_CALENDAR = (KIND, _NAME, HELD, _COLOR, MAY)
_PRINCIPAL, _HOME = f"{DAV}current-user-principal", f"{CALDAV}calendar-home-set"
_ADDRESSES = f"{CALDAV}calendar-user-address-set"
#: Where mail providers keep calendars whose own host does not say so.
_ELSEWHERE = {
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), "caldav.icloud.com"),
    **dict.fromkeys(("fastmail.com", "fastmail.fm"), "caldav.fastmail.com"),
    **dict.fromkeys(("gmx.de", "gmx.net", "gmx.at", "gmx.ch"), "caldav.gmx.net"),
    **dict.fromkeys(("posteo.de", "posteo.net"), "posteo.de:8443"),
    "gmx.com": "caldav.gmx.com",
    "web.de": "caldav.web.de",
    "mailbox.org": "dav.mailbox.org",
}
#: Where programs are that nobody made the host name: Nextcloud, Baïkal, then Cyrus and Zimbra, SOGo, Synology.
_USUAL = ("remote.php/dav/", "dav.php/", "dav/", "SOGo/dav/", "caldav/")


def find(client: Client, typed: str) -> list[CalendarInfo]:
    """The calendars of an account, never none.

    Raises Gone where there are none: a server that lets strangers in shows them an account without calendars.
    """
    failure: Failure = Gone()
    for base in _bases(typed):
        try:
            for start in _starts(base):
                if found := _found_from(client, _led(client, start)):
                    return found
        except Silent as silent:
            failure = silent
            continue
        raise Gone
    raise failure


def _bases(text: str) -> list[str]:
    """What was typed, as addresses to try. A mail address stands for its host, unless a scheme says otherwise; http without
    a scheme is how servers at home are spoken to, and leads nowhere else (calendars.remote)."""
    text = text.strip()
    if "://" in text:
        typed = remote.web_url(text)
        return [typed, f"https{typed[4:]}"] if typed.startswith("http:") else [typed]
    named = text.rpartition("@")[2] if "/" not in text else text
    named = _ELSEWHERE.get(named.lower(), named)
    return [remote.web_url(named), remote.web_url(f"http://{named}")]


def _starts(typed: str) -> list[str]:
    """Where to look, one after another: what was typed if it says more than a host, what the host names (RFC 6764 6), the
    host, and where its programs usually are."""
    root = remote.joined(typed, "/")
    starts = [remote.joined(typed, "/.well-known/caldav"), root, *(f"{root}{path}" for path in _USUAL)]
    if typed.rstrip("/") != root.rstrip("/"):
        here = [typed, *(f"{folder(typed)}{path}" for path in _USUAL[:2])] if "?" not in typed else [typed]
        starts = [*here, *starts]
    return starts


def _led(client: Client, start: str) -> str:
    """Where an address leads. Asked without the password, which only whoever it leads to is to have."""
    headers = {"Content-Type": XML, "Depth": "0"}
    content = multistatus.propfind([_PRINCIPAL])
    led = client.ask("PROPFIND", start, headers=headers, content=content, hops=3, is_signed=False)
    if led.status == 401:
        # Some let only those go on whom they know. Once is enough: wrong passwords are counted.
        led = client.ask("PROPFIND", led.url, headers=headers, content=content, hops=3)
    if led.status == 401:
        raise SignInRefused
    return led.url


def _found_from(client: Client, start: str) -> list[CalendarInfo]:
    """The calendars that an address leads to: it is one itself, or names its owner, or where they are, or holds them. None
    where it is nothing of the kind."""
    try:
        here = one(client, start, [*_OF_A_CALENDAR, _PRINCIPAL, _HOME, _ADDRESSES])
        owner = here
        if here.is_anonymous(_PRINCIPAL):
            raise SignInRefused
        if not here.hrefs(_HOME) and (named := _named(start, here.hrefs(_PRINCIPAL))):
            owner = one(client, named[0], [_HOME, _ADDRESSES])
        if is_calendar(here):
            return _infos(start, [here], _addresses(owner))
        found = [
            one
            for home in (_named(start, owner.hrefs(_HOME)) or [start])[:MOST_HOMES]
            for one in _infos(home, propfind(client, home, _OF_A_CALENDAR, depth="1"), _addresses(owner))
        ]
    except (Gone, Unreadable):
        return []
    return list({one.url: one for one in found}.values())[:MOST_CALENDARS]


def _infos(base: str, members: list[Member], addresses: tuple[str, ...]) -> list[CalendarInfo]:
    return [
        CalendarInfo(
            url=folder(url),
            name=line(member.text(_NAME) or unquote(url.rstrip("/").rpartition("/")[2]))[:LONGEST_NAME],
            can_write=may_write(member),
            color=_color(member.text(_COLOR)),
            addresses=addresses,
        )
        for member in members
        if is_calendar(member) and may_read(member)
        for url in _named(base, [member.href])
    ]


def _named(base: str, hrefs: list[str]) -> list[str]:
    """Addresses that an answer names, each once; what is none is left out."""
    found = []
    for href in hrefs:
        with suppress(Unreadable):
            found.append(named(base, href))
    return list(dict.fromkeys(found))


def _addresses(owner: Member) -> tuple[str, ...]:
    """How events call the owner: mail addresses, and whatever else the server calls people by."""
    named = (href.strip() for href in owner.hrefs(_ADDRESSES))
    plain = (href[7:] if href.lower().startswith("mailto:") else href for href in named)
    return tuple(dict.fromkeys(one for one in plain if one and len(one) <= 254))[:MOST_ADDRESSES]


def _color(text: str) -> str:
    """#rrggbb, without the opacity that some put behind it."""
    value = text.lower()[:7]
    return (
        value if len(value) == 7 and value[0] == "#" and not set(value[1:]) - set("0123456789abcdef") else ""
    )
