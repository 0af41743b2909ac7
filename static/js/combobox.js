// A field that offers what the server finds (ARIA combobox with a list box): arrows walk, Enter takes, Escape closes.
// The options come by htmx and carry what choosing them does; focus stays in the field.

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[role=combobox]");
  if (!field || event.isComposing || event.ctrlKey || event.metaKey) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) walk(field, step);
  else if (event.key === "Enter") options(field).find(isActive)?.click();
  else if (event.key === "Escape" && isOpen(field)) show(field, false);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("htmx:afterSwap", () => fields().forEach((field) => show(field, document.activeElement === field)));

// Leaving the field closes its list; a press on an option must not leave it.
document.addEventListener("focusout", (event) => {
  if (event.target.matches("[role=combobox]")) show(event.target, false);
});
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[role=option]")) event.preventDefault();
});
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[role=option]")) event.preventDefault();
});

function walk(field, step) {
  const all = options(field);
  if (!all.length) return;
  const at = all.findIndex(isActive);
  show(field, true);
  const next = at < 0 ? all.at(step > 0 ? 0 : -1) : all[(at + step + all.length) % all.length];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", next.id);
}

// Opened or closed, nothing is chosen yet.
function show(field, isShown) {
  field.parentElement.querySelector(".found").hidden = !isShown;
  field.setAttribute("aria-expanded", String(isShown && box(field) !== null));
  field.removeAttribute("aria-activedescendant");
  options(field).forEach((option) => option.setAttribute("aria-selected", "false"));
}

function isOpen(field) {
  return !field.parentElement.querySelector(".found").hidden;
}

function box(field) {
  return document.getElementById(field.getAttribute("aria-controls"));
}

function options(field) {
  return [...(box(field)?.querySelectorAll("[role=option]") ?? [])];
}

function fields() {
  return document.querySelectorAll("[role=combobox]");
}

function isActive(option) {
  return option.getAttribute("aria-selected") === "true";
}
