"""No template holds words outside of translate tags.

What a reader sees is what stands between tags, and in the attributes that are read out or shown. A word of two letters
or more there is a finding, unless it is named below.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = sorted(
    path for path in (settings.BASE_DIR / "templates").rglob("*") if path.suffix in {".html", ".txt"}
)
#: Names, and what is the same in every language.
SAME_EVERYWHERE = {
    "Booking Hub",
    "Esc",
    "https",
    "UTC",
    "html",  # <!doctype html>
}
SHOWN = {
    "alt",
    "aria-label",
    "aria-description",
    "data-copied",
    "data-last",
    "data-words",
    "label",
    "placeholder",
    "summary",
    "title",
}

COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}", re.DOTALL)
TRANSLATED = re.compile(r"\{% blocktranslate\b.*?\{% endblocktranslate %\}", re.DOTALL)
#: Blocks that fill an attribute.
ATTRIBUTE = re.compile(r"\{% block (main_class|referrer|bodyclass) %\}.*?\{% endblock %\}")
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
#: Words given to an included template or a tag of ours: what has a space or a capital is a sentence, not a name.
MARKED = re.compile(r"""_\((["']).*?\1\)""")
LITERAL = re.compile(r"""(["'])(.*?)\1""")
TRANSLATES = (
    "translate ",
    "blocktranslate",
    "if ",
    "elif ",
    "cycle ",
    "url ",
    "include ",
    "extends ",
    "htmx_script",
)


class Words(HTMLParser):
    """What a reader meets in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_code = tag in {"style", "script"}
        self.found += [value for name, value in attrs if name in SHOWN and value]
        self.found += [
            value
            for name, value in attrs
            if tag == "input" and name == "value" and value and ("type", "submit") in attrs
        ]

    def handle_endtag(self, tag: str) -> None:
        self._is_code = False

    def handle_data(self, data: str) -> None:
        if not self._is_code:
            self.found.append(data)


def words_of(text: str, *, is_html: bool) -> list[str]:
    plain = TAG.sub("", TRANSLATED.sub("", ATTRIBUTE.sub("", COMMENT.sub("", text))))
    pieces = [plain]
    if is_html:
        parser = Words()
        parser.feed(plain)
        pieces = parser.found
    for same in SAME_EVERYWHERE:
        pieces = [piece.replace(same, " ") for piece in pieces]
    return [piece.strip() for piece in pieces if WORD.search(piece)]


def literals_of(text: str) -> list[str]:
    tags = re.findall(r"\{%\s*(.*?)\s*%\}", COMMENT.sub(" ", text), re.DOTALL)
    told = [MARKED.sub(" ", tag) for tag in tags if not tag.startswith(TRANSLATES)]
    texts = [found[2] for tag in told for found in LITERAL.finditer(tag)]
    return [text for text in texts if re.search("[ A-Z]", text) and WORD.search(text)]


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates"))
)
def test_template_has_no_words_of_its_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert words_of(text, is_html=path.suffix == ".html") == []
    assert literals_of(text) == []


def test_scanner_sees_what_it_should() -> None:
    page = '{% comment %}no{% endcomment %}<p title="Seen">{% translate "fine" %} {{ name }} left</p><style>p{color:red}</style>'
    assert words_of(page, is_html=True) == ["Seen", "left"]
    assert literals_of('{% field form.name hint="Too plain" %}{% field form.name hint=_("Right so") %}') == [
        "Too plain"
    ]
