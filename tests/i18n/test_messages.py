"""The catalogues hold what the sources say: every message, translated, with its placeholders, and compiled.

Break: change a word inside a translate tag without `./hub messages`, and two of these are red.
"""

import re
import shutil
from pathlib import Path

import polib
import pytest
from django.conf import settings

from bookings.management.commands.messages import extract
from tests.conftest import missing

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
FOLDER = Path(settings.LOCALE_PATHS[0])
#: What must survive a translation: named values, braces that scripts fill in, and markup.
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}|</?\w+[^>]*>")


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(FOLDER / language / "LC_MESSAGES" / "django.po"))


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


@pytest.fixture(scope="module")
def in_sources() -> set[tuple[str, str, str]]:
    if shutil.which("xgettext") is None:
        missing("gettext")
    return {key(entry) for entry in polib.pofile(extract(settings.BASE_DIR))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_holds_the_messages_of_the_sources(
    language: str, in_sources: set[tuple[str, str, str]]
) -> None:
    found = {key(entry) for entry in catalogue(language)}
    assert found - in_sources == set(), "gone from the sources; run ./hub messages"
    assert in_sources - found == set(), "new in the sources; run ./hub messages and translate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_fuzzy(language: str) -> None:
    entries = catalogue(language)
    assert [entry.msgid for entry in entries if not entry.translated()] == []
    assert [entry.msgid for entry in entries if entry.fuzzy] == []
    assert [entry.msgid for entry in entries if entry.obsolete] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_placeholders_and_edges(language: str) -> None:
    wrong = []
    for entry in catalogue(language):
        originals = {0: entry.msgid, 1: entry.msgid_plural} if entry.msgid_plural else {0: entry.msgid}
        translations = entry.msgstr_plural or {0: entry.msgstr}
        for form, text in translations.items():
            original = originals.get(form, entry.msgid_plural)
            # A singular may say "one" where the plural counts; it may not name what the original doesn't.
            wanted, found = sorted(PLACEHOLDER.findall(original)), sorted(PLACEHOLDER.findall(text))
            if wanted != found or (text != text.strip()) != (original != original.strip()):
                wrong.append((original, text))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_says_the_same(language: str) -> None:
    compiled = polib.mofile(str(FOLDER / language / "LC_MESSAGES" / "django.mo"))
    assert {key(entry): (entry.msgstr, entry.msgstr_plural) for entry in compiled} == {
        key(entry): (entry.msgstr, entry.msgstr_plural) for entry in catalogue(language)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_follow_the_language_of_the_headers(language: str) -> None:
    assert catalogue(language).metadata["Language"] == language
    assert "nplurals=" in catalogue(language).metadata["Plural-Forms"]
