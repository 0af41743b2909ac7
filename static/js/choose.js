// The choice of a time. Days, months, lengths, places and clocks are links to this page, the zone is a form of it: what they lead to
// is fetched and put in place, so that nothing jumps, the focus stays and the address goes along. Without this they load the page.

const region = () => document.getElementById("choose");
let shown = here();
let asking;

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#choose a[href]");
  if (!link || link.target || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const page = new URL(link.href);
  if (page.origin + page.pathname !== location.origin + location.pathname) return;
  event.preventDefault();
  // A key press leaves the view where it is: the focus is there.
  go(page, { look: event.detail > 0 && link.closest("[role=grid]") !== null });
});
document.addEventListener("submit", (event) => {
  // Whoever has chosen a time waits for no day: its answer would take the form away from under the choice.
  if (event.target.closest("#choose form[method=post]")) asking?.abort();
  const form = event.target.closest("#choose form[method=get]");
  if (!form || new URL(form.action).pathname !== location.pathname) return;
  event.preventDefault();
  const page = new URL(form.action);
  page.search = new URLSearchParams(new FormData(form));
  go(page, { isQuiet: "quiet" in form.dataset });
});
addEventListener("popstate", () => { if (region() && here() !== shown) go(new URL(location.href), { isBack: true }); });

async function go(page, { look = false, isQuiet = false, isBack = false }) {
  page.hash = "";
  asking?.abort();
  const mine = asking = new AbortController();
  region().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(page, { headers: { "HX-Request": "true" }, credentials: "omit", cache: "no-store", signal: mine.signal });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("choose");
    if (!answer.ok || !fresh) throw new Error(answer.statusText);
    if (!isBack) history[isQuiet ? "replaceState" : "pushState"](null, "", page);
    shown = here();
    swap(document.adoptNode(fresh), { look, isQuiet });
  } catch {
    if (!mine.signal.aborted) location.assign(page);
  }
}

function swap(fresh, { look, isQuiet }) {
  const old = region();
  const before = { month: monthOf(old), focus: old.contains(document.activeElement) ? document.activeElement.id : null };
  // The zones are the same on every page, and many: they are not sent again.
  fresh.querySelector("#zone")?.append(...old.querySelectorAll("#zone > optgroup"));
  old.replaceWith(fresh);
  document.dispatchEvent(new CustomEvent("hub:swapped"));
  if (before.focus !== null && document.activeElement === document.body) {
    (document.getElementById(before.focus) ?? fresh.querySelector("[role=grid] [tabindex='0']"))?.focus({ preventScroll: true });
  }
  const times = fresh.querySelector("[data-said]");
  if (look) show(times);
  if (!isQuiet) say([monthOf(fresh) === before.month ? "" : monthOf(fresh), times?.dataset.said].filter(Boolean).join(". "));
}

// On a phone the times stand below what was pressed; within another page that one has to scroll (framed.js).
function show(times) {
  document.dispatchEvent(new CustomEvent("hub:look", { detail: times }));
  if (times.getBoundingClientRect().top > innerHeight * .75) times.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function say(words) {
  document.getElementById("announce")?.replaceChildren(words);
}

function monthOf(root) {
  return root.querySelector("[data-month] h2")?.textContent ?? "";
}

function here() {
  return location.pathname + location.search;
}
