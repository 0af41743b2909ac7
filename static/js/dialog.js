// Dialogs: what htmx puts into #dialog opens as a modal; closing gives focus back to whoever opened it.

const host = document.getElementById("dialog");
let opener = null;
let arrival = null;   // where the answer wants the focus: it came while the dialog still kept the page from it

// Remember who asked, before the answer takes the focus away. The opener may be swapped for a fresh copy meanwhile, so its id counts too.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target === host && !host.contains(event.detail.elt)) opener = event.detail.elt;
});

host?.addEventListener("htmx:afterSwap", () => open(host.querySelector("dialog")));

// A refused form comes back into the dialog, whatever region its success would have replaced.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, requestConfig, xhr } = event.detail;
  if (!host?.contains(requestConfig?.elt ?? elt) || ![409, 422].includes(xhr.status)) return;
  event.detail.target = host;
  event.detail.swapOverride = "innerHTML";
});

// A form in the dialog that changed something elsewhere has done its work; one that changed a part of the dialog has not.
const looks = new WeakSet();
document.addEventListener("htmx:beforeRequest", (event) => {
  if (host?.contains(event.detail.target)) looks.add(event.detail.xhr);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, target, successful, xhr } = event.detail;
  if (!successful || !host?.contains(elt) || target === host || looks.has(xhr)) return;
  arrival = document.querySelector("main [autofocus]");
  close();
});
document.addEventListener("dialog-close", close);

// Requests of a form wait for each other. One whose button was replaced meanwhile is left out by htmx 2, which then forgets all that
// wait behind it, the deed too: they are sent on their way.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = host?.contains(event.detail.elt) || host?.contains(event.detail.target) ? host.querySelector("form") : null;
  if (form) setTimeout(() => release(form["htmx-internal-data"]));
});

function release(data) {
  while (data?.queuedRequests?.length && !data.xhr) data.queuedRequests.shift()();
}

document.addEventListener("click", (event) => {
  const asks = event.target.closest("[data-opens]");
  if (asks) {
    opener = asks.closest("details")?.querySelector("summary") ?? asks;
    asks.closest("details.menu")?.removeAttribute("open");
    open(document.getElementById(asks.dataset.opens));
  }
  const closer = event.target.closest("[data-closes]");
  closer?.closest("dialog")?.close();
  if (event.target.matches?.("dialog[open]") && isOutside(event) && !hasWords(event.target)) event.target.close();
});

function open(dialog) {
  if (!dialog || dialog.open) return;
  dialog.addEventListener("close", () => settle(dialog), { once: true });
  document.querySelectorAll("details.menu[open]").forEach((menu) => menu.removeAttribute("open"));
  dialog.showModal();
  // The first field, else the safe answer; never by chance the deed.
  dialog.querySelector("[autofocus], .body :is(input:not([type=hidden]), select, textarea), footer [data-closes]")?.focus();
}

function close() {
  host?.querySelector("dialog[open]")?.close();
}

function settle(dialog) {
  if (host?.contains(dialog)) host.replaceChildren();
  const again = opener?.isConnected ? opener : opener?.id && document.getElementById(opener.id);
  const visible = again?.checkVisibility?.() === false ? again.closest("details")?.querySelector("summary") : again;
  // What was asked from is gone where the action ended it: the heading of what changed takes over.
  (arrival ?? visible ?? document.querySelector("main h1[tabindex]"))?.focus();
  opener = arrival = null;
}

function hasWords(dialog) {
  return [...dialog.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
}

// A press on the backdrop counts as a click on the dialog itself, outside of its box.
function isOutside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
