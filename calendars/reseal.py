"""Seals everything anew that is kept sealed, with the key that seals at present, so that earlier keys can be taken away.

In small transactions of their own: it may be stopped at any moment and begun again, and the site goes on meanwhile. What
is written anew by somebody else in between is sealed with the new key anyway, and is left as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import models, transaction

from calendars import sealing
from calendars.models import CalendarAccount, CalendarEvent, KeptFile

#: What is kept sealed: its name, where it stands, and how many rows are taken at once (a kept file has up to 10 MB).
SEALED: tuple[tuple[str, type[models.Model], str, int], ...] = (
    ("Accounts", CalendarAccount, "secret", 100),
    ("Kept files", KeptFile, "content", 1),
    ("Titles of events", CalendarEvent, "words", 500),
)


@dataclass
class Count:
    """What became of one kind. `lost`: numbers of the rows that no key opens."""

    name: str
    anew: int = 0
    before: int = 0
    lost: list[int] = field(default_factory=list)


def reseal() -> Iterator[Count]:
    """Seal kind after kind anew, and tell of each what was done."""
    for name, model, column, batch in SEALED:
        count = Count(name)
        last = 0
        while rows := _some(model, column, after=last, most=batch):
            with transaction.atomic():
                for pk, sealed in rows:
                    _one(model, column, pk, bytes(sealed), count)
            last = rows[-1][0]
        yield count


def _some(model: type[models.Model], column: str, *, after: int, most: int) -> list[tuple[int, bytes]]:
    rows = model._default_manager.filter(pk__gt=after).exclude(**{column: b""}).order_by("pk")
    return list(rows.values_list("pk", column)[:most])


def _one(model: type[models.Model], column: str, pk: int, sealed: bytes, count: Count) -> None:
    if sealing.is_sealed_anew(sealed):
        count.before += 1
        return
    content = sealing.unseal(sealed)
    if content is None:
        count.lost.append(pk)
        return
    # Only where it is still what was read.
    row = model._default_manager.filter(pk=pk, **{column: sealed})
    count.anew += row.update(**{column: sealing.seal(content)})
