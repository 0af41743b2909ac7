// The zone of a booker: read once from the browser when the address names none, and found by typing a city or an offset.
// A form with data-zone holds the select, which stays as it is without script; data-chosen tells that the address names a zone already.

let choices = [];

document.addEventListener("hub:swapped", enhance);
document.addEventListener("change", (event) => { if (event.target.matches("form[data-zone] select")) event.target.form.requestSubmit(); });
enhance();
detect();

function detect() {
  const form = document.querySelector("form[data-zone]:not([data-chosen])");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!form || !here || new URL(location.href).searchParams.has("zone") || here === form.elements.zone.value) return;
  form.dataset.quiet = "";
  choose(form, here);
}

function choose(form, zone) {
  const select = form.elements.zone;
  if (![...select.options].some((option) => option.value === zone)) select.add(new Option(zone, zone));
  select.value = zone;
  form.requestSubmit();
}

// An editable combobox with a list (APG) in place of the select.
function enhance() {
  const form = document.querySelector("form[data-zone]");
  const select = form?.elements.zone;
  if (!select || select.hidden) return;
  const options = [...select.options].map((option) => ({ value: option.value, label: option.text, words: fold(`${option.text} ${option.value}`) }));
  choices = [...new Map(options.map((one) => [one.value, one])).values()];
  const now = select.selectedOptions[0].text;
  const input = make("input", { id: "zone-search", type: "text", value: now, role: "combobox", autocomplete: "off", spellcheck: "false", "aria-expanded": "false", "aria-controls": "zone-list", "aria-autocomplete": "list" });
  const list = make("ul", { id: "zone-list", role: "listbox", hidden: "", "aria-label": form.querySelector("label").textContent });
  const box = make("div", { class: "combo" });
  box.append(input, list);
  select.before(box);
  select.hidden = true;
  form.querySelector("label").htmlFor = input.id;

  let at = -1;
  const rows = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
  const open = (words) => {
    const found = choices.filter((one) => words.every((word) => one.words.includes(word)));
    list.replaceChildren(...(found.length ? found.map((one, n) => row(one, n, select.value)) : [make("li", { role: "option", "aria-disabled": "true" }, form.dataset.none)]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(words.length ? 0 : found.findIndex((one) => one.value === select.value));
  };
  const shut = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const mark = (to) => {
    rows()[at]?.classList.remove("at");
    at = Math.max(-1, Math.min(to, rows().length - 1));
    const row = rows()[at];
    row?.classList.add("at");
    row?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", row?.id ?? "");
  };
  const pick = (row) => {
    if (!row) return;
    input.value = row.textContent;
    shut();
    choose(form, row.dataset.zone);
  };

  input.addEventListener("click", () => { if (list.hidden) { input.select(); open([]); } });
  input.addEventListener("input", () => open(fold(input.value).split(" ").filter(Boolean)));
  input.addEventListener("blur", () => { input.value = now; shut(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open([]);
      else mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!list.hidden) pick(rows()[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      input.value = now;
      shut();
    }
  });
  // Pressed before the field loses the focus.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => pick(event.target.closest("[data-zone]")));
}

function row(one, number, chosen) {
  return make("li", { id: `zone-${number}`, role: "option", "aria-selected": String(one.value === chosen), "data-zone": one.value }, one.label);
}

function make(name, attributes, text = "") {
  const element = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  if (name === "input") element.value = attributes.value;
  else element.textContent = text;
  return element;
}

// Without accents and marks, so that "Sao Paulo", "utc-3" and "GMT-3" find São Paulo (UTC−3).
function fold(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("−", "-").replace(/\bgmt/g, "utc").replace(/[_/,()]+/g, " ").trim();
}
