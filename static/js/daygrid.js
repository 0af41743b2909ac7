// Grids of days (APG grid): one tab stop, arrows by day and week, Home and End by week, Page Up and Page Down by month.

const HASH = "#days";
const SPOTS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("table[role=grid] td");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const grid = cell.closest("table");
  if (event.key === "PageUp" || event.key === "PageDown") return turn(grid, event);
  const to = destination(grid, cell, event.key);
  if (to === undefined) return;
  event.preventDefault();
  if (!to || !spot(to)) return;
  rove(grid, to);
  spot(to).focus();
});

let isTurning = false;

document.addEventListener("htmx:afterSettle", () => {
  prepare();
  // The day that had the focus is not in the new month.
  if (isTurning) (document.querySelector("dialog[open]") ?? document).querySelector("table[role=grid] [tabindex='0']")?.focus();
  isTurning = false;
});
prepare();
if (location.hash === HASH) document.querySelector("table[role=grid] [tabindex='0']")?.focus();

function prepare() {
  document.querySelectorAll("table[role=grid]").forEach((grid) => {
    const all = cells(grid).filter(spot);
    rove(grid, all.find((cell) => cell.ariaSelected === "true") ?? all.find((cell) => cell.querySelector(".today:is(a, button)")) ?? all.find((cell) => cell.querySelector("a, button")) ?? all[0]);
  });
}

function cells(grid) {
  return [...grid.tBodies].flatMap((body) => [...body.rows]).flatMap((row) => [...row.cells]);
}

function spot(cell) {
  return cell.querySelector("a, button, .day");
}

function rove(grid, chosen) {
  cells(grid).forEach((cell) => { if (spot(cell)) spot(cell).tabIndex = cell === chosen ? 0 : -1; });
}

function destination(grid, cell, key) {
  const all = cells(grid);
  const at = all.indexOf(cell);
  if (key in SPOTS) return all[at + SPOTS[key]] ?? null;
  const week = all.slice(at - (at % 7), at - (at % 7) + 7).filter(spot);
  if (key === "Home") return week.at(0);
  if (key === "End") return week.at(-1);
  return undefined;
}

function turn(grid, event) {
  const link = grid.closest("[data-month]")?.querySelector(`[data-turn=${event.key === "PageUp" ? "prev" : "next"}]`);
  if (!link) return;
  event.preventDefault();
  if (link.matches("a:not([hx-get])")) link.hash = HASH;
  isTurning = link.matches("[hx-get], [hx-post]");
  link.click();
}
