"""Read a page as a person without scripts does: fields by their visible labels, buttons and links by their words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

VOID = {"input", "meta", "link", "br", "hr", "img"}


@dataclass
class Control:
    """A control of a form: its name, type, what it holds and the words beside it."""

    name: str
    kind: str
    value: str = ""
    is_on: bool = True
    id: str = ""
    label: str = ""
    own_form: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class FormOnPage:
    """One form: where it goes and its controls."""

    action: str
    id: str = ""
    controls: list[Control] = field(default_factory=list)

    def sent(self) -> list[tuple[str, str]]:
        """What a browser would send without a press on a named button."""
        return [
            (c.name, c.value)
            for c in self.controls
            if c.name and c.is_on and c.kind not in ("submit", "button")
        ]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[FormOnPage] = []
        self.links: list[tuple[str, str]] = []
        self.labels: dict[str, str] = {}
        self.text = ""
        self.outside: list[Control] = []
        self._form: FormOnPage | None = None
        self._stack: list[tuple[str, Any]] = []
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {key: value or "" for key, value in attrs}
        if tag in ("template", "script", "style"):
            self._quiet += 1
        if self._quiet:
            if tag not in VOID:
                self._stack.append((tag, None))
            return
        if tag == "form":
            self._form = FormOnPage(a.get("action", ""), a.get("id", ""))
            self.forms.append(self._form)
        made: Any = None
        if tag == "input":
            kind = a.get("type", "text")
            is_on = "checked" in a if kind in ("checkbox", "radio") else True
            self._add(
                Control(
                    a.get("name", ""),
                    kind,
                    a.get("value", "on" if kind in ("checkbox", "radio") else ""),
                    is_on,
                    a.get("id", ""),
                    a.get("aria-label", ""),
                    a.get("form", ""),
                )
            )
        elif tag in ("select", "textarea", "button"):
            made = self._add(
                Control(
                    a.get("name", ""),
                    "submit" if tag == "button" else tag,
                    a.get("value", ""),
                    True,
                    a.get("id", ""),
                    a.get("aria-label", ""),
                    a.get("form", ""),
                )
            )
        elif tag == "option":
            made = ("option", a.get("value", ""), "selected" in a)
        elif tag == "a":
            made = ("a", a.get("href", ""))
        elif tag == "label":
            made = ("label", a.get("for", ""), [])
        if tag not in VOID:
            self._stack.append((tag, made))
            if tag in ("a", "label", "button", "option", "textarea"):
                self._words: list[str]
                self._stack[-1] = (tag, (made, []))

    def _add(self, control: Control) -> Control:
        for tag, made in self._stack:
            if tag == "label" and made and not control.label:
                made[0][2].append(control)
        if control.own_form:
            self.outside.append(control)
        elif self._form is not None:
            self._form.controls.append(control)
        return control

    def bring_in(self) -> None:
        """Give the controls that stand outside of their form (form="id") to it."""
        for control in self.outside:
            next(form for form in self.forms if form.id == control.own_form).controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        while self._stack:
            top, made = self._stack.pop()
            if top in ("template", "script", "style"):
                self._quiet -= 1
            if top == tag:
                self._close(tag, made)
                return

    def _close(self, tag: str, made: Any) -> None:
        if tag == "form":
            self._form = None
        if not made or self._quiet or tag not in ("a", "label", "button", "option", "textarea"):
            return
        thing, words = made
        text = " ".join("".join(words).split())
        if tag == "a":
            self.links.append((text, thing[1]))
        elif tag == "label":
            if thing[1]:
                self.labels[thing[1]] = text
            for control in thing[2]:
                control.label = control.label or text
        elif tag == "button" and thing is not None:
            thing.label = thing.label or text
        elif tag == "textarea" and thing is not None:
            thing.value = "".join(words).removeprefix("\n")
        elif tag == "option" and thing is not None:
            for top, select in reversed(self._stack):
                if top == "select" and select is not None:
                    select.options.append((thing[1], text))
                    if thing[2] or len(select.options) == 1:
                        select.value = thing[1]
                    break

    def handle_data(self, data: str) -> None:
        if self._quiet:
            return
        self.text += data
        for tag, made in self._stack:
            if tag in ("a", "label", "button", "option", "textarea") and made:
                made[1].append(data)


class Visitor:
    """Somebody with a browser and no scripts. `interactions` counts each field filled in, link followed and button pressed."""

    def __init__(self) -> None:
        self.client = Client()
        self.interactions = 0
        self.url = ""

    def open(self, url: str) -> None:
        self._read(self.client.get(url, follow=True), url)

    def _read(self, response: Any, url: str) -> None:
        self.status = response.status_code
        self.url = response.redirect_chain[-1][0] if getattr(response, "redirect_chain", None) else url
        self.page = _Reader()
        self.page.feed(response.content.decode())
        self.page.bring_in()
        for form in self.page.forms:
            for control in form.controls:
                control.label = control.label or self.page.labels.get(control.id, "")

    def fill(self, label: str, value: str) -> None:
        self.interactions += 1
        control = self._control(label)
        if control.kind == "select":
            assert value in [key for key, _text in control.options], f"{value} is not offered as {label}"
        control.value, control.is_on = value, True

    def _control(self, label: str) -> Control:
        found = [
            c
            for form in self.page.forms
            for c in form.controls
            if c.label.startswith(label) and c.kind not in ("submit", "hidden")
        ]
        assert found, f"no field is called {label!r}"
        return found[0]

    def press(self, words: str) -> None:
        self.interactions += 1
        for form in self.page.forms:
            for control in form.controls:
                if control.kind == "submit" and control.label.startswith(words):
                    pairs = form.sent() + ([(control.name, control.value)] if control.name else [])
                    data: dict[str, list[str]] = {}
                    for name, value in pairs:
                        data.setdefault(name, []).append(value)
                    url = form.action or self.url
                    self._read(self.client.post(url, data, follow=True), url)
                    return
        raise AssertionError(f"no button says {words!r}")

    def follow(self, words: str) -> None:
        self.interactions += 1
        found = [href for text, href in self.page.links if text.startswith(words)]
        assert found, f"no link says {words!r}"
        self.open(found[0])
