"""The overlap guard in the database: an exclusion constraint on PostgreSQL, triggers on SQLite.

Django rebuilds a SQLite table when a migration alters it, and drops its triggers silently. So `OverlapGuard` stands
last in every migration that touches the table of busy time, and a test writes overlapping rows by raw SQL to see that
the migrated schema refuses them.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

CONSTRAINT = "busy_no_overlap"
TABLE = "bookings_busytime"

_POSTGRES_UP = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {CONSTRAINT}",
    f"ALTER TABLE {TABLE} ADD CONSTRAINT {CONSTRAINT} "
    "EXCLUDE USING gist (host_id WITH =, owner WITH <>, int8range(starts, ends) WITH &&) WHERE (exclusive)",
)
_POSTGRES_DOWN = (f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {CONSTRAINT}",)

# Constants of this module only; nothing from outside gets in.
_CLASH = f"""
  SELECT RAISE(ABORT, '{CONSTRAINT}') FROM {TABLE} AS other
  WHERE NEW.exclusive AND other.exclusive AND other.host_id = NEW.host_id AND other.owner <> NEW.owner
    AND other.starts < NEW.ends AND other.ends > NEW.starts AND other.id <> NEW.id
  LIMIT 1;
"""  # noqa: S608
_SQLITE_DOWN = (f"DROP TRIGGER IF EXISTS {CONSTRAINT}_insert", f"DROP TRIGGER IF EXISTS {CONSTRAINT}_update")
_SQLITE_UP = (
    *_SQLITE_DOWN,
    # AFTER, because in a BEFORE trigger NEW.id of a row yet to be numbered is undefined.
    f"CREATE TRIGGER {CONSTRAINT}_insert AFTER INSERT ON {TABLE} BEGIN {_CLASH} END",
    f"CREATE TRIGGER {CONSTRAINT}_update AFTER UPDATE ON {TABLE} BEGIN {_CLASH} END",
)


def _run(schema_editor: BaseDatabaseSchemaEditor, statements: tuple[str, ...]) -> None:
    # sqlparse would split a trigger at its inner semicolon: one statement at a time, by hand.
    for statement in statements:
        schema_editor.execute(statement)


def install(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the guard in place, replacing an older one."""
    _run(schema_editor, _POSTGRES_UP if schema_editor.connection.vendor == "postgresql" else _SQLITE_UP)


def remove(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the guard away; only a migration backwards and the negative controls of the tests do so."""
    _run(schema_editor, _POSTGRES_DOWN if schema_editor.connection.vendor == "postgresql" else _SQLITE_DOWN)


class OverlapGuard(Operation):
    """Migration operation: (re)create the guard. Stands last in each migration that touches busy time."""

    reversible = True
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The guard is not part of the models' state."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        install(schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        remove(schema_editor)

    def describe(self) -> str:
        return "Guard busy time against overlaps"
