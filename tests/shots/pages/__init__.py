"""The list of every page and state: what it is called, which address shows it, who looks, and how to get there.

Steps press what the page offers, by its structure and never by its words, so that they work in every language. What a
step changes belongs to the Workshop.
"""

from tests.shots.pages.actions import ACTIONS
from tests.shots.pages.answer import ANSWER
from tests.shots.pages.booker import BOOKER
from tests.shots.pages.booking import BOOKING
from tests.shots.pages.calendar import CALENDAR
from tests.shots.pages.changing import CHANGING
from tests.shots.pages.contacts import CONTACTS
from tests.shots.pages.hub import HUB
from tests.shots.pages.mails import MAILS
from tests.shots.pages.set_up import SET_UP
from tests.shots.pages.sign_in import SIGN_IN
from tests.shots.pages.trouble import TROUBLE

SHOTS = [
    *SIGN_IN,
    *HUB,
    *CALENDAR,
    *ACTIONS,
    *BOOKING,
    *CONTACTS,
    *SET_UP,
    *BOOKER,
    *ANSWER,
    *CHANGING,
    *TROUBLE,
    *MAILS,
]
