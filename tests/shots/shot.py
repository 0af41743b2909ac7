"""One picture: which page, who looks at it, and what is pressed before it is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tests.shots.stage import Stage

#: Playwright's page; it is annotated loosely because the list is read where there is no Playwright.
Page = Any
Steps = Callable[[Stage, Page], None]


@dataclass(frozen=True)
class Shot:
    """One page in one state.

    `view` is a name of the resolver, `args` makes its arguments. `who` is the mail address of who is signed in, "" for
    nobody. `status` is that of the first answer. `is_blank` shots are taken before anybody has set the hub up.
    """

    name: str
    view: str
    who: str = ""
    args: Callable[[Stage], list[Any]] = lambda _stage: []
    query: str | Callable[[Stage], str] = ""
    steps: Steps | None = None
    status: int = 200
    has_script: bool = True
    is_blank: bool = False
    #: The view that the steps lead to.
    reaches: str = ""

    def path(self, stage: Stage) -> str:
        name = (
            self.view
            if ":" in self.view or self.view.startswith(("account_", "shots_"))
            else f"bookings:{self.view}"
        )
        query = self.query if isinstance(self.query, str) else self.query(stage)
        return reverse(name, args=self.args(stage)) + query
