// The times of a day: arrows go from button to button, by row and column; Home and End to the first and last. Tab works as ever.

const ASIDE = { ArrowLeft: -1, ArrowRight: 1 };

document.addEventListener("keydown", (event) => {
  const button = event.target.closest?.(".times-form button.time, button.slot");
  if (!button || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const to = destination(button, event.key);
  if (to === undefined) return;
  event.preventDefault();
  to?.focus();
});

function destination(button, key) {
  const all = [...button.form.querySelectorAll("button.time, button.slot")];
  if (key in ASIDE) return all[all.indexOf(button) + ASIDE[key]] ?? null;
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key === "ArrowUp" || key === "ArrowDown") return beyond(all, button, key === "ArrowDown" ? 1 : -1);
  return undefined;
}

// The nearest one of the next row above or below.
function beyond(all, button, way) {
  const from = button.getBoundingClientRect();
  const found = all.map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => (box.top - from.top) * way > 1);
  found.sort(([, a], [, b]) => (a.top - b.top) * way || Math.abs(a.left - from.left) - Math.abs(b.left - from.left));
  return found[0]?.[0] ?? null;
}
