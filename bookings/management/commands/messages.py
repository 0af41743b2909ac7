"""`manage.py messages`: bring the translations up to date with the sources, and compile them.

Django's own makemessages writes its work files beside the templates; this one leaves the sources alone, so that it
can run while the site does and tests can ask what the sources say without touching them. Needs GNU gettext.
"""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

#: Folders of the project that hold words people read.
SOURCES = ("bookinghub", "bookings", "calendars", "templates")
KEYWORDS = (
    "gettext_lazy",
    "gettext_noop",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "pgettext_lazy:1c,2",
    "npgettext:1c,2,3",
    "npgettext_lazy:1c,2,3",
)


class Command(BaseCommand):
    help = "Bring the translations up to date with the sources and compile them."
    requires_system_checks = ()

    def handle(self, **_options: Any) -> None:
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                catalogue = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
                merge(catalogue)
                said = run(
                    "msgfmt",
                    "--check-format",
                    "--check-domain",
                    "--statistics",
                    "-o",
                    catalogue.with_suffix(".mo"),
                    catalogue,
                )
                self.stdout.write(f"{language}: {said.stderr.strip()}")


def merge(catalogue: Path) -> None:
    """Put what the sources say into a catalogue: new messages come in untranslated, those gone go, none is guessed."""
    with tempfile.NamedTemporaryFile("w", suffix=".pot", encoding="utf-8") as template:
        template.write(extract(settings.BASE_DIR))
        template.flush()
        merged = run(
            "msgmerge", "--quiet", "--no-fuzzy-matching", "--no-wrap", catalogue, template.name
        ).stdout
    catalogue.write_text(
        run("msgattrib", "--no-obsolete", "--no-wrap", "-", given=merged).stdout, encoding="utf-8"
    )


def extract(root: Path) -> str:
    """Return all messages of the sources under `root` as the text of a .pot file, without a date that changes."""
    with tempfile.TemporaryDirectory() as folder:
        names = [str(path.relative_to(root)) for path in sources(root)]
        for name in names:
            text, copy = (root / name).read_text(encoding="utf-8"), Path(folder, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text if name.endswith(".py") else templatize(text, origin=name), encoding="utf-8")
        words = [f"--keyword={keyword}" for keyword in KEYWORDS]
        found = run(
            "xgettext", "--language=Python", "--from-code=UTF-8", "--add-comments=Translators", "--add-location=file", "--no-wrap",
            *words, "--output=-", *names, folder=folder,
        ).stdout  # fmt: skip
    found = found.replace("charset=CHARSET", "charset=UTF-8")
    return "".join(
        line for line in found.splitlines(keepends=True) if not line.startswith('"POT-Creation-Date')
    )


def sources(root: Path) -> list[Path]:
    """List the Python files and templates that may hold messages."""
    kinds = {".py", ".html", ".txt"}
    found = [path for folder in SOURCES for path in (root / folder).rglob("*") if path.suffix in kinds]
    return sorted(
        path for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts
    )


def run(
    *words: str | Path, given: str | None = None, folder: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a gettext tool; what it complains about becomes the command's error."""
    try:
        done = subprocess.run(  # noqa: S603 -- our own words, no shell
            words, check=False, cwd=folder, input=given, capture_output=True, encoding="utf-8"
        )
    except FileNotFoundError:
        raise CommandError(f"{words[0]} is missing. To have it: apt-get install gettext") from None
    if done.returncode != 0:
        raise CommandError(f"{words[0]}: {done.stderr.strip()}")
    return done
