// Forms: a pressed button turns busy, nothing is sent twice, errors get the focus, and unsent words are not lost by accident.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute("hx-post") || form.hasAttribute("hx-get")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method !== "post") return;
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:beforeRequest", (event) => busy(event).forEach((button) => button.setAttribute("aria-busy", "true")));
document.addEventListener("htmx:afterRequest", (event) => busy(event).forEach((button) => button.removeAttribute("aria-busy")));

// Back from the next page: the form may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });
});

// Long forms (data-guard) ask before unsent changes are left.
const changed = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && "guard" in form.dataset) changed.add(form);
});
window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected && !form.dataset.sent)) event.preventDefault();
});

// Choices that need no button of their own.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

document.addEventListener("htmx:afterSettle", (event) => focusErrors(event.target));
focusErrors(document);

function busy(event) {
  const { elt, requestConfig } = event.detail;
  const button = requestConfig?.triggeringEvent?.submitter ?? (elt.matches("button") ? elt : null);
  return button ? [button] : [];
}

function focusErrors(root) {
  const summary = root.querySelector?.("[data-errors]");
  const first = root.querySelector?.("[aria-invalid=true]");
  (summary && summary.dataset.errors !== "1" ? summary : first ?? summary)?.focus();
}
