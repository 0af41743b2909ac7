// Grids of days (APG grid): one tab stop, arrows by day and week, Home and End by week, Page Up and Page Down by month, Enter and Space choose.
// What else stands in a day comes after it, once the day was reached.

const HASH = "#days";
// The day, and of which grid, that is to have the focus once another month is there.
let wanted = null;
const SPOTS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("table[role=grid] td");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const grid = cell.closest("table");
  // Another month is on its way: what is pressed meanwhile was not meant for this one.
  if (wanted && event.key !== "Tab") return event.preventDefault();
  if (event.key === "PageUp" || event.key === "PageDown") return turn(grid, event, event.key === "PageUp" ? "prev" : "next", number(cell));
  if (event.key === " ") {
    event.preventDefault();
    return (event.target.closest("a, button") ?? spot(cell))?.click();
  }
  const to = destination(grid, cell, event.key);
  if (to === undefined) return;
  if (!to || !spot(to)) return leave(grid, event, cell);
  event.preventDefault();
  go(grid, to);
});

document.addEventListener("htmx:afterSettle", settle);
document.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.successful) wanted = null; });
document.addEventListener("hub:swapped", settle);
document.addEventListener("focusin", (event) => {
  const cell = event.target.closest("table[role=grid] td");
  if (cell && spot(cell)) rove(cell.closest("table"), cell);
});
prepare();
if (location.hash === HASH) [...document.querySelectorAll("table[role=grid] [tabindex='0']")].find(isSeen)?.focus();

function settle() {
  prepare();
  const grid = wanted && document.querySelector(`${wanted.month}[data-month] table[role=grid]`);
  if (grid) {
    const days = cells(grid).filter((cell) => spot(cell) && !cell.matches(".out"));
    go(grid, days.find((cell) => number(cell) === wanted.day) ?? days.at(-1));
  }
  wanted = null;
}

function go(grid, cell) {
  rove(grid, cell);
  spot(cell).focus();
}

// Beyond the first and last day of a month lies another month. A grid of whole weeks has days of it too, which say their date.
function leave(grid, event, cell) {
  event.preventDefault();
  const shown = grid.closest("[data-month]")?.dataset.month ?? "";
  const [year, month, day] = (cell.dataset.part ?? `${shown}-${number(cell)}`).split("-").map(Number);
  const to = new Date(Date.UTC(year, month - 1, day + SPOTS[event.key]));
  if (to.getUTCMonth() + 1 !== Number(shown.split("-")[1])) turn(grid, event, SPOTS[event.key] < 0 ? "prev" : "next", to.getUTCDate());
}

function number(cell) {
  return parseInt(spot(cell).textContent, 10);
}

function prepare() {
  document.querySelectorAll("table[role=grid]").forEach((grid) => {
    const all = cells(grid).filter(spot);
    rove(grid, all.find((cell) => cell.contains(document.activeElement)) ?? all.find((cell) => cell.ariaSelected === "true") ?? all.find((cell) => cell.querySelector(".today:is(a, button)")) ?? all.find((cell) => cell.querySelector("a, button")) ?? all[0]);
  });
}

function cells(grid) {
  return [...grid.tBodies].flatMap((body) => [...body.querySelectorAll("td")]);
}

function controls(cell) {
  return [...cell.querySelectorAll("a, button, .day")];
}

function spot(cell) {
  return controls(cell).find(isSeen);
}

function isSeen(control) {
  return control.checkVisibility();
}

function rove(grid, chosen) {
  cells(grid).forEach((cell) => controls(cell).forEach((control) => { control.tabIndex = cell === chosen ? 0 : -1; }));
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

function turn(grid, event, way, day) {
  const link = grid.closest("[data-month]")?.querySelector(`[data-turn=${way}]`);
  event.preventDefault();
  if (!link) return;
  if (link.matches("a:not([hx-get])")) link.hash = HASH;
  const { id } = grid.closest("[data-month]");
  wanted = { month: id ? `#${id}` : "", day };
  link.click();
}
