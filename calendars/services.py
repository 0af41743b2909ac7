"""Where calendars are kept: the servers that are offered by name, and where each of them makes a password for the hub."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Service:
    """`url`: where its calendars are; "" where everybody has an address of their own, which is asked for. `hint`: where an app password is made."""

    key: str
    name: str | Promise
    url: str
    hint: Promise


SERVICES: dict[str, Service] = {
    service.key: service
    for service in (
        Service(
            "nextcloud", "Nextcloud", "", _("In Nextcloud: Settings, Security, Create new app password.")
        ),
        Service(
            "icloud",
            "iCloud",
            "https://caldav.icloud.com/",
            _("At account.apple.com: Sign-In and Security, App-Specific Passwords."),
        ),
        Service(
            "fastmail",
            "Fastmail",
            "https://caldav.fastmail.com/dav/",
            _("In Fastmail: Settings, Privacy & Security, app passwords; let it reach calendars."),
        ),
        Service(
            "mailbox",
            "mailbox.org",
            "https://dav.mailbox.org/",
            _(
                "In mailbox.org: All settings, Security, Application passwords. Without a second factor your own password works."
            ),
        ),
        Service(
            "gmx",
            "GMX",
            "https://caldav.gmx.net/",
            _(
                "In GMX: My Account, Security, Application-specific passwords. Without a second factor your own password works."
            ),
        ),
        Service(
            "other",
            _("Another CalDAV server"),
            "",
            _(
                "Usually among its security settings. Where it makes none, it is the password you sign in with."
            ),
        ),
    )
}


def service_at(url: str) -> Service | None:
    """The service that is offered by name at an address."""
    return next((service for service in SERVICES.values() if service.url and service.url == url), None)
