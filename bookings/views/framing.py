"""Public pages inside the pages of other websites: which websites may do that, and what the page within has to know.

A team names the origins that may frame its booking pages; all other pages of the site are framed by nobody.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse, QueryDict

from bookings.models import Team

#: Colours that the website around may ask for; by default they are the reader's.
THEMES = ("light", "dark")
ANYWHERE = "*"


@dataclass(frozen=True)
class Frame:
    """The frame around a page. `origins`: whom the page answers, separated by spaces."""

    origins: str
    theme: str


def frame_of(team: Team, params: QueryDict) -> Frame:
    """The frame of a team's page, as its address describes it."""
    theme = params.get("theme", "")
    return Frame(" ".join(origins_of(team)), theme if theme in THEMES else "")


def origins_of(team: Team) -> list[str]:
    """Who may frame a team's pages. Anybody only while the operator allows that, whatever the team has kept."""
    return [origin for origin in team.embed_origins if origin != ANYWHERE or settings.HUB_EMBED_ANYWHERE]


def allow_frames(response: HttpResponse, team: Team) -> HttpResponse:
    """Let the team's websites, and the hub's own preview, show this answer in a frame."""
    response._csp_replace = {"frame-ancestors": ["'self'", *origins_of(team)]}  # type: ignore[attr-defined]
    response.xframe_options_exempt = True  # type: ignore[attr-defined]  # it knows no list of origins
    return response
