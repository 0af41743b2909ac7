"""How every journey ends: all mails judged, all mailboxes replayed, the database and the logs looked through."""

import re
import time

from tests.journeys.hub_process import Hub
from tests.oracles.mail import Mail
from tests.oracles.mailbox import (
    Event,
    assert_valid_invitations,
    assert_valid_mail,
    differing_doubles,
    doubles,
    replay,
)

#: Whoever has one of these addresses may act: they stand in mails alone, and there only in the bodies.
SECRET_LINK = re.compile(r"/(?:m|join)/[\w.:-]{16,}")


def close(hub: Hub, *, may_log_errors: bool = False) -> dict[str, list[Event]]:
    """Judge everything a hub sent so far and return each recipient's calendar after it.

    `may_log_errors`: something was taken away on purpose, and the log should say so.
    """
    mails = [received.mail for received in hub.catcher.wait_for_quiet(0.7)]
    for mail in mails:
        assert_valid_mail(mail)
        assert not SECRET_LINK.search(mail.subject), mail.subject
    assert_valid_invitations([mail for mail in mails if mail.calendars])
    assert not differing_doubles(mails)
    assert not doubles(mails)
    found = hub.invariants()
    assert not found, found
    assert not SECRET_LINK.search(hub.log())
    if not may_log_errors:
        assert not re.findall(r"(?m)^.* (?:ERROR|CRITICAL) .*$|^Traceback.*$", hub.log()), hub.log()
    return replay(mails)


def statuses(calendars: dict[str, list[Event]], *addresses: str) -> dict[str, list[str]]:
    """The status of each event in these people's calendars."""
    return {address: [event.status for event in calendars.get(address, [])] for address in addresses}


def mail_to(hub: Hub, address: str, *, subject: str, seconds: float = 120) -> Mail:
    """Wait for a mail to this address whose subject begins like this; return the newest such mail."""
    deadline = time.monotonic() + seconds
    while True:
        found = [mail for mail in hub.catcher.mails_to(address) if mail.subject.startswith(subject)]
        if found:
            return found[-1]
        subjects = [mail.subject for mail in hub.catcher.mails_to(address)]
        assert time.monotonic() < deadline, f"no mail {subject!r} to {address}; there are {subjects}"
        time.sleep(0.05)


def link_in(mail: Mail, words: str) -> str:
    """The address behind these words in a mail's text."""
    found = re.search(rf"{re.escape(words)}:\s*(\S+)", mail.text)
    assert found, f"{words!r} leads nowhere in:\n{mail.text}"
    return found[1]
