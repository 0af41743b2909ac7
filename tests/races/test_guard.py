"""The guard in the migrated schema itself, asked by raw SQL past all code of ours.

Break: leave `OverlapGuard()` out of the migration (or stand it before an operation that rebuilds the table on SQLite),
and every "refused" below goes through.
"""

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from bookings.models.guard import CONSTRAINT, TABLE
from tests.cast import Cast, gather

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return gather()


def insert(host: int, owner: UUID, starts: int, ends: int, *, exclusive: bool = True) -> None:
    value = owner.hex if connection.vendor == "sqlite" else str(owner)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (host_id, owner, starts, ends, source, exclusive, label) VALUES (%s, %s, %s, %s, 'hold', %s, '')",
            [host, value, starts, ends, exclusive],
        )


@pytest.mark.parametrize(("starts", "ends"), [(100, 160), (130, 140), (90, 101), (159, 200), (50, 300)])
def test_raw_sql_cannot_overlap(cast: Cast, starts: int, ends: int) -> None:
    insert(cast.ben_host.pk, uuid4(), 100, 160)
    with pytest.raises(IntegrityError, match=CONSTRAINT):
        insert(cast.ben_host.pk, uuid4(), starts, ends)


def test_what_only_touches_is_no_overlap(cast: Cast) -> None:
    insert(cast.ben_host.pk, uuid4(), 100, 160)
    insert(cast.ben_host.pk, uuid4(), 160, 200)
    insert(cast.ben_host.pk, uuid4(), 40, 100)


def test_other_hosts_the_same_owner_and_accepted_clashes_may(cast: Cast) -> None:
    owner = uuid4()
    insert(cast.ben_host.pk, owner, 100, 160)
    insert(cast.ben_host.pk, owner, 120, 180)
    insert(cast.cleo_host.pk, uuid4(), 100, 160)
    insert(cast.ben_host.pk, uuid4(), 100, 160, exclusive=False)


def test_an_update_cannot_overlap_either(cast: Cast) -> None:
    insert(cast.ben_host.pk, uuid4(), 100, 160)
    insert(cast.ben_host.pk, uuid4(), 200, 260)
    with pytest.raises(IntegrityError, match=CONSTRAINT), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET starts = 150 WHERE starts = 200")


def test_an_accepted_clash_cannot_be_made_exclusive(cast: Cast) -> None:
    insert(cast.ben_host.pk, uuid4(), 100, 160)
    insert(cast.ben_host.pk, uuid4(), 100, 170, exclusive=False)
    with pytest.raises(IntegrityError, match=CONSTRAINT), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET exclusive = %s WHERE ends = 170", [True])
