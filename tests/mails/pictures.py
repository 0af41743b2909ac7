"""Pictures of mails, small enough to keep, compared by how they are laid out and not by the edges of their letters."""

import base64
from dataclasses import dataclass
from typing import Any

#: The one typeface that `./hub test` sees to; mails name the reader's own.
TYPEFACE = "DejaVu Sans"
#: Pixels of a picture to one of the page: small enough to keep, large enough to read.
SCALE = 0.5
#: The side of the squares whose mean colours are compared, in pixels of the picture.
CELL = 16
_HAS_TYPEFACE = """(name) => {
  const paper = document.createElement("canvas").getContext("2d");
  return ["serif", "monospace"].every((other) => {
    const [with_it, without] = [`16px "${name}", ${other}`, `16px ${other}`].map((font) => {
      paper.font = font;
      return paper.measureText("mail, Wolke, 14:30").width;
    });
    return with_it !== without;
  });
}"""
_DIFFERENCE = """async ([one, other, cell]) => {
  const load = async (data) => createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
  const [a, b] = [await load(one), await load(other)];
  const width = Math.min(a.width, b.width), height = Math.min(a.height, b.height);
  const colours = (image) => {
    const paper = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
    paper.drawImage(image, 0, 0);
    const { data } = paper.getImageData(0, 0, width, height), found = [];
    for (let y = 0; y + cell <= height; y += cell) for (let x = 0; x + cell <= width; x += cell) {
      const sums = [0, 0, 0];
      for (let dy = 0; dy < cell; dy++) for (let dx = 0; dx < cell; dx++) {
        const at = 4 * ((y + dy) * width + x + dx);
        sums.forEach((_, n) => { sums[n] += data[at + n]; });
      }
      found.push(sums.map((sum) => sum / cell / cell));
    }
    return found;
  };
  const [left, right] = [colours(a), colours(b)];
  const gaps = left.map((colour, n) => Math.max(...colour.map((part, m) => Math.abs(part - right[n][m]))));
  return {
    size: Math.max(Math.abs(a.width - b.width), Math.abs(a.height - b.height)),
    mean: gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length,
    worst: Math.max(...gaps),
  };
}"""


@dataclass(frozen=True)
class Difference:
    """How two pictures differ: their size in pixels, and the colours of their squares (0 to 255), on the whole and at worst."""

    size: float
    mean: float
    worst: float

    @property
    def is_small(self) -> bool:
        """Whether no more differs than the edges of letters.

        Measured: letters set without hinting differ by 1.3 and 8.6, a tag that lost its fill by 0.1 and 12.5.
        """
        return self.size <= 2 and self.mean < 1.5 and self.worst < 10


def has_typeface(page: Any) -> bool:
    """Whether this machine has the typeface of the pictures."""
    return bool(page.evaluate(_HAS_TYPEFACE, TYPEFACE))


def take(page: Any, html: str, *, scheme: str) -> bytes:
    """Show a mail and take the picture of all of it; how large depends on the page's context (SCALE)."""
    page.emulate_media(color_scheme=scheme)
    page.set_content(html)
    page.add_style_tag(content=f'main {{ font-family: "{TYPEFACE}" !important }}')
    return bytes(page.screenshot(full_page=True))


def difference(page: Any, one: bytes, other: bytes) -> Difference:
    return Difference(**page.evaluate(_DIFFERENCE, [_encoded(one), _encoded(other), CELL]))


def _encoded(png: bytes) -> str:
    return base64.b64encode(png).decode()
