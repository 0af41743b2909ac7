// Toasts: dismissed by hand or by time, counting down where something can be undone; trouble stays until dismissed.

const place = document.getElementById("toasts");
const UNDO_GRACE = 250;   // milliseconds for a press on Undo that is already on its way

if (place) {
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(start))).observe(place, { childList: true });
  [...place.children].forEach(start);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-closes]")) event.target.closest(".toast")?.remove();
  });
  document.addEventListener("htmx:sendError", () => tell("toast-offline"));
  document.addEventListener("htmx:timeout", () => tell("toast-offline"));
  document.addEventListener("htmx:responseError", () => tell("toast-failed"));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) event.detail.elt.closest?.(".toast")?.remove();
  });
}

function tell(name) {
  const template = document.getElementById(name);
  if (template) place.append(template.content.cloneNode(true));
}

function start(toast) {
  if (!toast.dataset?.seconds) return;
  const canUndo = toast.querySelector("[data-left]");
  const bar = toast.querySelector("progress");
  let left = Number(toast.dataset.seconds) * 1000;
  let before = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    // A note waits while it is read; the time to undo runs on the server and does not.
    if (canUndo || !toast.matches(":hover, :focus-within")) left -= now - before;
    before = now;
    if (canUndo) canUndo.textContent = Math.max(0, Math.ceil(left / 1000));
    if (bar) bar.value = left / 1000;
    if (left < -UNDO_GRACE || !toast.isConnected) {
      clearInterval(timer);
      toast.remove();
    }
  }, 100);
}
