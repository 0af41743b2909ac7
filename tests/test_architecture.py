"""The order of imports: lower never imports higher, and the domain knows nothing of the calendars.

Break: import bookings.lifecycle at the top of bookings/outbox.py, or a model in bookings/rules, and this is red.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: From the ground up. A module may import from its own layer and from those before it.
LAYERS = (
    ("bookings.rules",),
    ("bookings.localtime", "bookings.public_holidays"),
    ("bookings.querysets",),
    ("bookings.models",),
    (
        "bookings.access",
        "bookings.bell",
        "bookings.context",
        "bookings.contacts",
        "bookings.elsewhere",
        "bookings.slugs",
    ),
    ("bookings.slot_rows",),
    ("bookings.availability", "bookings.assignment", "bookings.links"),
    ("bookings.attempts", "bookings.visitors"),
    (
        "bookings.invites",
        "bookings.mail_facts",
        "bookings.mail_folder",
        "bookings.mail_kinds",
        "bookings.mail_message",
        "bookings.mail_transport",
        "bookings.mails",
        "bookings.meetings",
    ),
    ("bookings.outbox", "bookings.invariants"),
    ("bookings.lifecycle", "bookings.invitations"),
    (
        "bookings.contact_book",
        "bookings.contact_merge",
        "bookings.setup",
        "bookings.type_setup",
        "bookings.private_links",
        "bookings.prefill",
        "bookings.offers",
        "bookings.foresight",
        "bookings.inbox",
        "bookings.consequences",
        "bookings.bulk_consequences",
        "bookings.new_consequences",
        "bookings.paying",
        "bookings.tasks",
        "bookings.demo",
    ),
    # What pages say about rows, made of facts: no requests here.
    (
        "bookings.asked",
        "bookings.astray",
        "bookings.replied",
        "bookings.asking",
        "bookings.bookable",
        "bookings.contact_list",
        "bookings.contact_page",
        "bookings.explained",
        "bookings.export",
        "bookings.history",
        "bookings.listing",
        "bookings.live",
        "bookings.particulars",
        "bookings.payment_words",
        "bookings.receipts",
        "bookings.rows",
        "bookings.takers",
    ),
    ("bookings.periodic", "bookings.forms", "bookings.filters", "bookings.preferences"),
    ("bookings.templatetags", "bookings.views", "bookings.admin"),
    ("bookings.urls", "bookings.management", "bookings.migrations", "bookings.apps"),
    ("calendars",),
)


def layer_of(module: str) -> int | None:
    found = [
        n
        for n, names in enumerate(LAYERS)
        for name in names
        if module == name or module.startswith(f"{name}.")
    ]
    return found[0] if found else None


def modules() -> list[tuple[str, Path]]:
    files = [*ROOT.glob("bookings/**/*.py"), *ROOT.glob("calendars/**/*.py")]
    named = [
        (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path)
        for path in files
    ]
    return [(name, path) for name, path in named if name not in ("bookings",)]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    tree = ast.parse(path.read_text())
    # What only type checkers import is no import.
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] in ("bookings", "calendars", "bookinghub")}


@pytest.mark.parametrize(
    ("module", "path"), modules(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_nothing_imports_from_above(module: str, path: Path) -> None:
    own = layer_of(module)
    assert own is not None, f"{module} has no layer: give it one in LAYERS"
    above = {name for name in imported(path) if (layer := layer_of(name)) is not None and layer > own}
    assert above == set()


def test_the_rules_are_plain() -> None:
    """No ORM, no HTTP, no clock in bookings/rules."""
    forbidden = ("django.db", "django.http", "django.utils.timezone", "django.conf", "bookings.models")
    for path in (ROOT / "bookings/rules").glob("*.py"):
        text = path.read_text()
        assert not [name for name in forbidden if f"from {name}" in text or f"import {name}" in text], (
            path.name
        )
        assert ".now()" not in text, path.name


def test_nobody_uses_signals_or_overrides_save() -> None:
    for _, path in modules():
        text = path.read_text()
        assert "post_save" not in text, path
        assert "models" not in path.parts or "def save(self" not in text, path
