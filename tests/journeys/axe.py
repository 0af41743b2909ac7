"""What a page must keep to for everybody, asked of the browser itself: axe-core's rules, and some that it has none for."""

from dataclasses import dataclass, field
from typing import Any

#: WCAG 2.2 A and AA, and what axe calls best practice.
_RUN = """async (rules) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const only = rules.length ? {type: "rule", values: rules} : {type: "tag", values: tags};
  const found = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} (${node.any.concat(node.all, node.none)[0]?.message ?? rule.help})`));
}"""

_COVERS = "details.menu[open], dialog[open], .toast"

#: Wider than the window; too small to hit; named twice; cut off although a person has to read it (an address with a button that copies it
#: may be, and a booking in the calendar, which is as wide as its time: opened, or in the list, it says all).
_LAYOUT = """() => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) {
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1 && !one.closest(".scroll-x, .vh, dialog:not([open])"));
    found.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth} px: ${wide.slice(-2).map(name).join(", ")}`);
  }
  for (const one of document.querySelectorAll("a.button, a.item, button, input:not([type=hidden]), select, textarea, summary, [role=button]")) {
    if (!isSeen(one)) continue;
    const box = one.closest("label")?.getBoundingClientRect() ?? one.getBoundingClientRect();
    const label = one.labels?.[0]?.getBoundingClientRect();
    const high = Math.max(box.height, label && label.height || 0), wide = Math.max(box.width, label && label.width || 0);
    if (Math.round(high) < 24 || Math.round(wide) < 24) found.push(`target of ${Math.round(wide)}x${Math.round(high)} px: ${name(one)}`);
  }
  for (const one of document.querySelectorAll("body *")) {
    if (!isSeen(one) || one.closest(".vh, svg, select, textarea, pre, code, .scroll-x, .link-row, .ev") || one.matches("input")) continue;
    const style = getComputedStyle(one);
    const hasText = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (hasText && style.overflowX !== "visible" && style.overflowX !== "auto" && one.scrollWidth > one.clientWidth + 1) found.push(`cut off: ${name(one)} "${one.textContent.trim().slice(0, 40)}"`);
  }
  // Of two of the same name scripts find the first only.
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) found.push(`twice: #${id}`);
  return found;

  function isSeen(one) {
    const box = one.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && one.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !one.closest(".vh, .skip, [inert]");
  }
  function name(one) {
    return `${one.localName}${one.id ? "#" + one.id : ""}${[...one.classList].map((word) => "." + word).join("")}`;
  }
}"""


@dataclass
class Findings:
    """What was found, by page; empty is what is wanted."""

    by_page: dict[str, list[str]] = field(default_factory=dict)

    def add(self, page: str, found: list[str]) -> None:
        if found:
            self.by_page.setdefault(page, []).extend(found)

    def __str__(self) -> str:
        return "\n".join(
            f"{page}\n" + "\n".join(f"    {one}" for one in found) for page, found in self.by_page.items()
        )


def violations(page: Any, source: str, *, rules: tuple[str, ...] = ()) -> list[str]:
    """Ask axe-core about the page as it stands. Without `rules` all of WCAG 2.2 AA.

    Evaluated through the debugging protocol, which the page's content security policy does not reach.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(source)
    found = list(page.evaluate(_RUN, list(rules)))
    if page.locator(_COVERS).count():
        # An open menu, dialog or toast lies over what is below it, and goes away.
        found = [one for one in found if "obscured" not in one]
    return found


def layout(page: Any) -> list[str]:
    """Find what axe does not look for: sideways scrolling, cut words, names that stand twice, controls under 24 px (it judges links by their distance)."""
    return list(page.evaluate(_LAYOUT))
