// Regions that show bookings: on news each loads itself from its own address and takes over what differs, at most once a second while much
// happens. Few changes are not kept waiting: some deeds in a row, and what the worker makes of each.
// What somebody is at work on (focus, a choice, an open menu, typed or marked words, a moving hand) stays as and where it is:
// where that can't be, the region only says that it changed, until they are done or ask to see it. While a dialog is open or something is
// dragged all of it waits.

const REGIONS = "[id][hx-get][hx-trigger*=bookings-changed]";
const ROWS = ".booking, .asked, .filters, .bulk";
const SEEN_ROWS = ".booking, [data-entry][id]";
const UNSEEN = "[name=csrfmiddlewaretoken], [data-shows], [data-chosen], [data-ago], .new-slot";
const BUSY = "dialog[open], .dragging";
const OWN_STATE = ["class", "open", "tabindex", "aria-busy"];
const PAUSE = 1000, AT_ONCE = 5, LOOK = 400, AGAIN = 5000;
const HAND = 2000;               // milliseconds for which a hand that moved is still at work

const states = new Map();        // by the id of the region, which outlives it
let swaps = 0;                   // what the page itself asked for and got
let hand = { x: 0, y: 0, at: -Infinity };

document.addEventListener("bookings-live", () => document.querySelectorAll(REGIONS).forEach((region) => want(region.id)));
// A region that loads itself after what was done here already: htmx keeps the next load in mind, and forgets it with the element that is replaced.
document.addEventListener("bookings-changed", () => document.querySelectorAll(`.htmx-request:is(${REGIONS})`).forEach((region) => want(region.id)), true);
// What was done in a row that such a load replaced meanwhile: the answer has nowhere to go, and says that something changed to nobody.
const landed = new WeakSet();
document.addEventListener("htmx:beforeSwap", ({ detail }) => landed.add(detail.xhr));
document.addEventListener("htmx:beforeRequest", ({ detail: { xhr, requestConfig } }) => {
  if (requestConfig.verb === "post") xhr.addEventListener("load", () => { if (!landed.has(xhr)) document.querySelectorAll(REGIONS).forEach((region) => load(region.id, { asked: true })); });
});
document.addEventListener("htmx:afterSwap", () => { swaps += 1; });
document.addEventListener("animationend", (event) => event.target.classList.remove("flash"));
document.addEventListener("pointermove", ({ clientX: x, clientY: y }) => {
  if (x !== hand.x || y !== hand.y) hand = { x, y, at: performance.now() };
}, { passive: true });
// A press on the button leaves the focus where it is.
document.addEventListener("pointerdown", (event) => { if (event.target.closest("[data-shows]")) event.preventDefault(); });
document.addEventListener("click", (event) => {
  const region = event.target.closest("[data-shows]")?.closest(REGIONS);
  if (region) load(region.id, { asked: true });
});

function stateOf(id) {
  if (!states.has(id)) states.set(id, { due: -Infinity, timer: 0, rings: 0, look: 0, begun: 0, taken: 0 });
  return states.get(id);
}

function want(id, after = 0) {
  const state = stateOf(id);
  const now = performance.now();
  const wait = Math.max(after, state.due - (AT_ONCE - 1) * PAUSE - now, 0);
  // What is to be tried again later goes at once when there is news.
  if (state.timer && state.rings <= now + wait) return;
  clearTimeout(state.timer);
  state.rings = now + wait;
  state.timer = setTimeout(() => { state.timer = 0; load(id); }, wait);
}

async function load(id, { asked = false } = {}) {
  const region = document.getElementById(id);
  if (!region) return;
  const state = stateOf(id);
  const before = swaps;
  state.due = Math.max(state.due, performance.now()) + PAUSE;
  const fresh = await fetched(region).catch(() => want(id, AGAIN));
  if (!fresh) return;
  if (before !== swaps || !region.isConnected) return want(id);
  settle(id);
  if (seen(fresh) === seen(region)) return region.querySelector(":scope > [data-shows]")?.remove();
  if (!asked && isHeld(region, fresh)) return hold(region, fresh);
  take(region, fresh);
}

// The region as its own address has it now; none where an answer to a later question came first. What belongs beside it takes its place at once.
async function fetched(region) {
  const state = stateOf(region.id);
  const turn = state.begun += 1;
  const before = swaps;
  const answer = await fetch(region.getAttribute("hx-get"), { headers: { "HX-Request": "true", "HX-Trigger": region.id }, cache: "no-store" });
  if (answer.status === 404) return gone(region);
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn < state.taken) return null;
  state.taken = turn;
  // What the page asked for itself meanwhile is newer; the region is loaded again then.
  if (before === swaps) page.querySelectorAll("[hx-swap-oob=true]").forEach((beside) => {
    beside.removeAttribute("hx-swap-oob");
    const old = document.getElementById(beside.id);
    if (old) old.replaceWith(beside);
    else beside.remove();
  });
  return page.getElementById(region.id);
}

// The booking is not the reader's to see any more.
function gone(region) {
  const fresh = region.cloneNode(false);
  fresh.append(document.getElementById("gone").content.cloneNode(true));
  return fresh;
}

function isHeld(region, fresh) {
  if (document.querySelector(BUSY)) return true;
  return [...atWork(region)].some((unit) => !isSame(unit, region, fresh));
}

function isSame(unit, region, fresh) {
  const twin = unit === region ? fresh : unit.id && fresh.querySelector(`#${CSS.escape(unit.id)}`);
  return Boolean(twin) && seen(unit) === seen(twin) && above(region, unit) === above(fresh, twin);
}

// What somebody is at work on: its row, else the nearest that has a name.
function atWork(region) {
  const marked = getSelection();
  const parts = [document.activeElement, ...region.querySelectorAll("details.menu[open]")];
  if (!marked.isCollapsed) parts.push(marked.anchorNode.parentElement);
  if (performance.now() - hand.at < HAND) parts.push(...region.querySelectorAll(":is(.booking, a, button, summary):hover"));
  parts.push(...[...region.querySelectorAll("input, textarea")].filter((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked));
  const inside = parts.filter((part) => part && part !== region && region.contains(part) && !part.closest("[data-shows]"));
  return new Set(inside.map((part) => part.closest(ROWS) ?? part.closest("[id]")));
}

// How it reads, without what differs from answer to answer or was done to it here.
function seen(node) {
  const copy = node.cloneNode(true);
  copy.querySelectorAll(UNSEEN).forEach((part) => part.remove());
  [copy, ...copy.querySelectorAll("*")].forEach((part) => OWN_STATE.forEach((name) => part.removeAttribute(name)));
  return copy.outerHTML.replace(/\s+/g, " ").replaceAll("> <", "><");
}

// What stands before it; while that is the same, it does not move.
function above(root, unit) {
  const named = [...root.querySelectorAll("[id]")];
  return named.slice(0, named.indexOf(unit)).map((part) => part.id).join(" ");
}

function hold(region, fresh) {
  const state = stateOf(region.id);
  const look = () => {
    if (!region.isConnected) return settle(region.id);
    if (!isHeld(region, fresh)) return want(region.id);
    if (!document.querySelector(BUSY) && !region.querySelector(":scope > [data-shows]")) mark(region);
  };
  state.look = setInterval(look, LOOK);
  look();
}

function settle(id) {
  clearInterval(stateOf(id).look);
}

function mark(region) {
  const button = document.getElementById("changed").content.firstElementChild.cloneNode(true);
  region.prepend(button);
  document.getElementById("announce")?.replaceChildren(button.dataset.shows);
}

function take(region, fresh) {
  const kept = new Set([...atWork(region)].filter((unit) => isSame(unit, region, fresh)));
  const before = new Map([...region.querySelectorAll(".booking")].map((row) => [row.id, seen(row)]));
  const focus = region.contains(document.activeElement) ? document.activeElement : null;
  const under = region.querySelector(".booking:hover");
  const top = under?.getBoundingClientRect().top;
  const stays = staying(region, fresh);
  window.Idiomorph.morph(region, fresh, {
    callbacks: {
      beforeNodeMorphed: (node) => !kept.has(node),
      beforeAttributeUpdated: (name) => name !== "open",
    },
  });
  stays();
  window.htmx.process(region);
  region.querySelectorAll(".booking").forEach((row) => { if (before.get(row.id) !== seen(row)) row.classList.add("flash"); });
  if (focus && !focus.isConnected) (document.getElementById(focus.id) ?? region.querySelector(".name, h1[tabindex]"))?.focus({ preventScroll: true });
  if (under && under.getBoundingClientRect().top !== top) document.dispatchEvent(new Event("list-moved"));
}

// Of a page that is scrolled, what is read stays where it is: the first row in sight that stays as it is. The browser by itself may hold
// on to a row that goes elsewhere, and follow it. Returns what puts it back.
function staying(region, fresh) {
  const page = document.scrollingElement;
  const row = page.scrollTop > 0 && [...region.querySelectorAll(SEEN_ROWS)].find((each) => each.getBoundingClientRect().bottom > 0 && isThere(each, fresh));
  if (!row) return () => {};
  const top = row.getBoundingClientRect().top;
  region.style.overflowAnchor = "none";
  return () => {
    page.scrollTop += row.getBoundingClientRect().top - top;
    requestAnimationFrame(() => region.style.removeProperty("overflow-anchor"));
  };
}

function isThere(row, fresh) {
  const twin = fresh.querySelector(`#${CSS.escape(row.id)}`);
  return Boolean(twin) && seen(twin) === seen(row);
}
