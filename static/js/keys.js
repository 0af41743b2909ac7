// Single keys of the hub. They rest inside fields and dialogs, with modifiers, and where the account has switched them off.
// A control says its letter with data-key (in the chosen row first, else in the part of the page that has the focus, else on
// the page) and a place with data-go (after G).

const ROWS = ".booking, [data-entry]";
const isOff = document.body.dataset.keys === "off";
let isGoing = false;
let current = null;   // id of the chosen row or of the name in it, which survives a swap
let position = -1;
let ahead = null;     // what was typed while a dialog was on its way

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.key === "Escape") return clearChoice(event);
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
  if (ahead !== null && event.key.length === 1) return typeAhead(event);
  if (isOff) return;
  if (event.key.startsWith("Arrow") && hasArrows(event.target)) return;
  const key = event.key.toLowerCase();
  const done = isGoing ? go(key) : act(key);
  isGoing = !isGoing && key === "g";
  if (done) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest(ROWS);
  if (row) choose(row);
});

// After a row was swapped away, the one that took its place has the focus.
document.addEventListener("htmx:afterSettle", () => {
  if (position < 0 || document.activeElement !== document.body) return;
  const all = rows();
  const row = known() || all[Math.min(position, all.length - 1)];
  if (row) focus(row);
});

// Whoever asked for a dialog and types on means its first field, not the keys of the page behind it.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target.id === "dialog") ahead = "";
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target.id !== "dialog") return;
  const field = document.activeElement;
  if (ahead && field.matches("dialog :is(textarea, [type=text])")) {
    field.setRangeText(ahead, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  ahead = null;
});

function typeAhead(event) {
  ahead += event.key;
  event.preventDefault();
}

function act(key) {
  if (key === "/") return focusSearch();
  if (key === "?") return showKeys();
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (key === "x") return press(chosen()?.querySelector(".pick input"));
  if (key === "o") return press(chosen()?.querySelector(".name"));
  if (!/^([a-z]|arrow(left|right))$/.test(key)) return false;
  return press(chosen()?.querySelector(`[data-key=${key}]`) ?? inPart(key) ?? onPage(key));
}

// A part may be drawn in several places, such as the head of a column and the column.
function inPart(key) {
  const part = document.activeElement?.closest("[data-part]")?.dataset.part;
  return part && document.querySelector(`[data-part="${part}"] [data-key=${key}]`);
}

function onPage(key) {
  const all = [...document.querySelectorAll(`[data-key=${key}]`)].filter((control) => !control.closest(`${ROWS}, [data-part]`));
  return all.find((control) => control.closest("main")) ?? all[0];
}

// Grids, menus and what scrolls sideways have a use of their own for arrows.
function hasArrows(target) {
  const scrolls = target.closest("[tabindex='0'][role=region]");
  return target.closest("[role=grid], details.menu") || (scrolls && scrolls.scrollWidth > scrolls.clientWidth);
}

function go(key) {
  return /^[a-z]$/.test(key) && press(document.querySelector(`[data-go=${key}]`));
}

function rows() {
  return [...document.querySelectorAll(ROWS)].filter((row) => row.checkVisibility());
}

function chosen() {
  return document.activeElement?.closest(ROWS) ?? known();
}

function known() {
  return current ? document.getElementById(current)?.closest(ROWS) : null;
}

function choose(row) {
  current = row.id || row.querySelector(".name")?.id;
  position = rows().indexOf(row);
}

function step(by) {
  const all = rows();
  const row = all[Math.min(Math.max(all.indexOf(chosen()) + by, 0), all.length - 1)];
  if (row) focus(row);
  return Boolean(row);
}

// Where a decision is wanted its first button has the focus, so that Enter decides; else the name, so that Enter opens.
function focus(row) {
  choose(row);
  (row.querySelector("[data-key=c]") ?? row.querySelector(".name"))?.focus();
}

function press(control) {
  control?.click();
  return Boolean(control);
}

function focusSearch() {
  const field = document.querySelector("main [type=search], .say input");
  field?.focus();
  field?.select();
  return Boolean(field);
}

function showKeys() {
  return press(document.querySelector("[data-opens=keys]"));
}

function clearChoice(event) {
  if (event.target.closest("dialog, input:not([type=checkbox]), textarea, select")) return;
  document.querySelectorAll(".pick :checked").forEach((box) => box.click());
}
