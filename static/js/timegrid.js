// The calendar under a pointer: free time offers a new booking, and a booking can be dragged to another time or day; a finger
// takes it by holding still, because one that moves scrolls.
// Nothing is changed here. Both lead to the page or the dialog that asks; by keyboard these are reached by links and keys.

const STEP = 15;   // minutes between which a pointer chooses
const ROW = 5;     // minutes of a row
const LEAST = 30;  // minutes that are drawn of what is shorter
const FAR = 6;     // pixels after which a press is a drag
const STILL = 10;  // pixels within which a finger holds still
const HOLD = 400;  // milliseconds after which it holds what is under it; before the browser offers its menu
const EDGE = 40;   // pixels from the edge of the grid where it begins to move along
const MINUTE = 60000;

let drag = null;       // what is dragged: item, where it was grabbed, where the pointer is, and the start that it would get
let ghost = null;      // the place that is offered or aimed at
let isDropped = false; // the click that ends a drag is none

// -- Free time --------------------------------------------------------------------------------------------------------

document.addEventListener("pointermove", (event) => {
  if (drag) return carry(event);
  if (event.pointerType === "mouse") offer(event);
});

// A finger has no place before it presses: the first press shows the offer, the second one takes it. A mouse that moves on while it
// is pressed, or comes without a way, means where it was pressed.
document.addEventListener("click", (event) => {
  if (event.target.closest?.(".new-slot")) return;
  if (event.pointerType === "touch") offer(event);
  else if (ghost?.isConnected && event.target.matches?.(".slots-of-day[data-new]")) ghost.firstChild.click();
});

function offer(event) {
  if (event.type === "pointermove" && event.buttons) return;
  const free = event.target.closest?.(".slots-of-day[data-new]");
  if (!free || event.target.closest(".ev")) return withdraw();
  const column = free.parentElement;
  const minutes = Math.floor(minutesAt(column, event.clientY) / STEP) * STEP;
  const start = Number(column.dataset.starts) + minutes;
  if (minutes < 0 || minutes >= column.dataset.length || start * MINUTE <= Date.now()) return withdraw();
  const link = show(column, minutes, 2 * STEP, `+ ${clock(start)} ${calendar().dataset.words}`);
  link.href = `${free.dataset.new}&start=${start}`;
}

// -- Dragging ---------------------------------------------------------------------------------------------------------

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest?.("[data-starts] [data-move]");
  isDropped = false;
  if (drag) return cancel();  // a second finger
  if (!item && event.pointerType === "mouse" && event.button === 0 && !event.target.closest?.(".new-slot")) offer(event);
  if (!item || event.button !== 0) return;
  drag = { item, x: event.clientX, y: event.clientY, grabbed: instantAt(event), at: event, start: null, isOn: false };
  if (event.pointerType === "touch") drag.hold = setTimeout(lift, HOLD);
});

function carry(event) {
  const way = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
  drag.at = event;
  if (!drag.isOn && drag.hold) return way > STILL ? cancel() : null;
  if (!drag.isOn && way < FAR) return;
  if (!drag.isOn) lift();
  aim(event);
}

function lift() {
  withdraw();
  drag.isOn = true;
  calendar().classList.add("dragging");
  drag.item.classList.add("dragged");
  glide();
}

// At an edge the grid moves along, for as long as the pointer stays there.
function glide() {
  const grid = drag?.isOn && drag.item.closest(".time-grid");
  if (!grid) return;
  const { left, right, top, bottom } = grid.getBoundingClientRect();
  const past = (at, low, high) => Math.min(Math.max(at - high + EDGE, 0), EDGE) - Math.min(Math.max(low + EDGE - at, 0), EDGE);
  const before = [grid.scrollLeft, grid.scrollTop];
  grid.scrollBy(past(drag.at.clientX, left, right) / 5, past(drag.at.clientY, top, Math.min(bottom, innerHeight)) / 5);
  if (before[0] !== grid.scrollLeft || before[1] !== grid.scrollTop) aim(drag.at);
  requestAnimationFrame(glide);
}

// Where it would go: in the time grid as far as the pointer went, in the month to the same time of another day.
function aim(event) {
  withdraw();
  const over = document.elementFromPoint(event.clientX, event.clientY);
  const place = over?.closest("#calendar [data-starts]");
  drag.start = drag.host = null;
  if (!place) return;
  const at = Number(drag.item.dataset.at);
  const isDay = place.matches("td");
  const start = isDay ? sameClock(at, Number(place.dataset.starts)) : stepped(at + instantAt(event) - drag.grabbed, place);
  const host = place.dataset.host !== drag.item.closest("[data-starts]").dataset.host ? place.dataset.host : null;
  if ((start === at && !host) || start * MINUTE <= Date.now()) return;
  drag.start = start;
  drag.host = host;
  if (isDay) place.classList.add("aimed");
  else show(place, start - place.dataset.starts, Number(drag.item.dataset.minutes), clock(start));
}

document.addEventListener("pointerup", () => {
  if (!drag) return;
  const done = drag;
  cancel();
  if (!done.isOn) return;
  isDropped = true;
  if (done.start === null) return;
  const host = done.host ? `&host=${done.host}` : "";
  htmx.ajax("GET", `${done.item.querySelector("a").pathname}reschedule/?back=dialog&start=${done.start}${host}`, { source: done.item.querySelector("a"), target: "#dialog", swap: "innerHTML" });
});

document.addEventListener("pointercancel", cancel);
document.addEventListener("contextmenu", (event) => { if (drag?.hold) event.preventDefault(); });
document.addEventListener("dragstart", (event) => { if (event.target.closest?.("[data-move]")) event.preventDefault(); });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !drag?.isOn) return;
  event.stopPropagation();
  cancel();
  isDropped = true;
}, true);
document.addEventListener("click", (event) => {
  if (!isDropped || !event.target.closest?.("#calendar")) return;
  isDropped = false;
  event.preventDefault();
  event.stopPropagation();
}, true);

function cancel() {
  withdraw();
  clearTimeout(drag?.hold);
  drag?.item.classList.remove("dragged");
  calendar()?.classList.remove("dragging");
  drag = null;
}

// -- Places and clocks ------------------------------------------------------------------------------------------------

function calendar() {
  return document.getElementById("calendar");
}

function minutesAt(column, y) {
  const { from, hours } = column.closest(".time-grid").dataset;
  const box = column.querySelector(".slots-of-day").getBoundingClientRect();
  return from * 60 + ((y - box.top) / box.height) * hours * 60;
}

function instantAt(event) {
  const column = document.elementFromPoint(event.clientX, event.clientY)?.closest(".col[data-starts]");
  return column ? Number(column.dataset.starts) + minutesAt(column, event.clientY) : null;
}

function stepped(start, column) {
  const top = Number(column.dataset.starts);
  return top + Math.max(Math.round((start - top) / STEP) * STEP, 0);
}

// The instant at which the clocks of a day that begins at `midnight` show what they show at `at`.
function sameClock(at, midnight) {
  const guess = midnight + minutesOf(at);
  return guess + minutesOf(at) - minutesOf(guess);
}

function minutesOf(instant) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: calendar().dataset.zone, hour: "numeric", minute: "numeric", hourCycle: "h23" }).formatToParts(instant * MINUTE);
  const [hour, minute] = ["hour", "minute"].map((type) => Number(parts.find((part) => part.type === type).value));
  return hour * 60 + minute;
}

function clock(instant) {
  const { zone, half } = calendar().dataset;
  const options = { timeZone: zone, hour: half ? "numeric" : "2-digit", minute: "2-digit", hourCycle: half ? "h12" : "h23" };
  return new Intl.DateTimeFormat(document.documentElement.lang, options).format(instant * MINUTE);
}

function show(column, minutes, length, words) {
  if (!ghost) {
    ghost = document.createElement("li");
    ghost.append(document.createElement("a"));
    ghost.firstChild.className = "new-here";
    ghost.firstChild.tabIndex = -1;
    ghost.firstChild.draggable = false;
    ghost.firstChild.setAttribute("hx-boost", "false");   // it leads to a page, though what stands around it opens as dialogs
  }
  ghost.className = `new-slot t-${Math.floor(minutes / ROW)} d-${Math.ceil(Math.max(length, LEAST) / ROW)}`;
  ghost.firstChild.textContent = words;
  const list = column.querySelector(".slots-of-day");
  if (ghost.parentElement !== list) list.append(ghost);
  return ghost.firstChild;
}

function withdraw() {
  ghost?.remove();
  ghost = null;
  document.querySelectorAll("td.aimed").forEach((cell) => cell.classList.remove("aimed"));
}

// -- Sight ------------------------------------------------------------------------------------------------------------

let seen = null;   // how far the grid was scrolled, which a swap must not lose: down, and along to which column and how far into it
const widths = new ResizeObserver(() => requestAnimationFrame(even));

document.addEventListener("htmx:beforeSwap", (event) => {
  const grid = event.detail.target.id === "calendar" && event.detail.target.querySelector(".time-grid");
  if (!grid) return void (seen = null);
  const edges = edgesOf(grid);
  const first = edges.findLastIndex((edge) => edge <= grid.scrollLeft + 1);
  seen = { first, past: grid.scrollLeft - edges[first], top: grid.scrollTop, columns: grid.dataset.columns };
});
document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "calendar") look(); });
look();

function look() {
  // A page that could be kept from scrolling at any touch scrolls late, so only what can be dragged is asked.
  document.querySelector("#calendar .cal-body").addEventListener("touchmove", still, { passive: false });
  const grid = document.querySelector("#calendar .time-grid");
  if (!grid) return;
  even();
  widths.disconnect();
  [grid, ...grid.querySelectorAll(".col")].forEach((part) => widths.observe(part));
  if (seen?.columns === grid.dataset.columns) return grid.scrollTo(edgesOf(grid)[seen.first] + seen.past, seen.top);
  const line = grid.querySelector(".now");
  if (line && grid.dataset.view === "week") grid.scrollLeft = line.closest(".col").offsetLeft - grid.querySelector(".hours").offsetWidth;
  grid.scrollTop = heightOf(grid, line);
}

// The way along may end in the middle of a day: then the last one grows until it ends at the edge of one. By how much stands
// on the root, where no news of a booking takes it away.
function even() {
  const grid = document.querySelector("#calendar .time-grid");
  if (!grid) return;
  const left = grid.scrollLeft;
  document.documentElement.style.removeProperty("--more");
  const last = grid.querySelector(".col:last-child");
  const end = last.offsetLeft + last.offsetWidth - grid.clientWidth;
  const edge = edgesOf(grid).find((edge) => edge >= end);
  if (end > 1 && edge) document.documentElement.style.setProperty("--more", `${edge - end}px`);
  if (grid.scrollLeft !== left) grid.scrollLeft = left;
}

// How far along each column is the first one in sight.
function edgesOf(grid) {
  const gutter = grid.querySelector(".hours").offsetWidth;
  return [...grid.querySelectorAll(".col")].map((column) => column.offsetLeft - gutter);
}

function still(event) {
  if (drag?.isOn) event.preventDefault();
}

// How far down to begin, so that the usual hours are in sight whatever the hour: with now, if there is room for both; where
// there is room for neither, as near to now as they go.
function heightOf(grid, line) {
  const [from, hours, opens, closes] = ["from", "hours", "usualFrom", "usualUntil"].map((name) => Number(grid.dataset[name]));
  const box = grid.querySelector(".slots-of-day").getBoundingClientRect();
  const top = box.top - grid.getBoundingClientRect().top + grid.scrollTop;
  const heads = grid.querySelector(".above").offsetHeight;
  const hour = box.height / hours;
  const highest = opens > from ? top + (opens - from) * hour - heads : 0;
  const lowest = top + (closes - from) * hour - grid.clientHeight;
  const now = line ? top + line.offsetTop : 0;
  const wanted = lowest > highest ? now - (heads + grid.clientHeight) / 2 : now + hour - grid.clientHeight;
  return Math.min(Math.max(wanted, Math.min(lowest, highest)), Math.max(lowest, highest));
}
