// Rows that can be added and removed: data-repeat holds the formset's prefix (or nothing), data-rows takes the rows,
// a template with data-row is the empty one. Works with Django's management form where there is one.
// Days of a week (data-weekday) can be copied to others: data-copies, beside the boxes of those that are chosen.

document.addEventListener("click", (event) => {
  const adds = event.target.closest("[data-add]");
  const removes = event.target.closest("[data-remove]");
  const copies = event.target.closest("[data-copies]");
  const group = event.target.closest("[data-repeat]");
  if (!group || !(adds || removes || copies)) return;
  event.preventDefault();
  if (adds) add(group).querySelector("input:not([type=hidden]), select, textarea")?.focus();
  else if (removes) remove(group, removes.closest("[data-row]"));
  else copy(group, copies);
  group.dispatchEvent(new Event("input", { bubbles: true }));
});

function add(group) {
  const total = counter(group);
  const index = total ? Number(total.value) : group.querySelectorAll("[data-row]:not(template)").length;
  const holder = document.createElement("template");
  holder.innerHTML = group.querySelector("template[data-row]").innerHTML.replaceAll("__prefix__", index).replaceAll("__number__", index + 1);
  const row = holder.content.firstElementChild;
  row.dataset.row = "";
  group.querySelector("[data-rows]").append(row);
  if (total) total.value = index + 1;
  tidy(group);
  return row;
}

// A formset's row stays, marked for deletion, so that the numbers of the others hold.
function remove(group, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const mark = row.querySelector("input[name$=-DELETE]");
  if (mark) {
    mark.checked = true;
    row.hidden = true;
    row.querySelectorAll("[required]").forEach((control) => { control.required = false; });
  } else {
    row.remove();
  }
  tidy(group);
  (next?.querySelector?.("input:not([type=hidden]), select") ?? group.querySelector("[data-add]"))?.focus();
}

// The copied day is open or closed as its source, with rows of its own and what was typed into those of the source.
function copy(source, button) {
  const typed = [...source.querySelectorAll("[data-rows] > [data-row]")].map(values);
  for (const box of button.closest("details").querySelectorAll("input:checked")) {
    const day = source.parentElement.querySelector(`[data-weekday="${box.value}"]`);
    day.querySelector("[name=open]").checked = source.querySelector("[name=open]").checked;
    day.querySelectorAll("[data-rows] > [data-row], .error").forEach((old) => old.remove());
    for (const words of typed) add(day).querySelectorAll("input").forEach((field, at) => { field.value = words[at]; });
  }
  const menu = button.closest("details");
  menu.open = false;
  menu.querySelector("summary").focus();
  document.getElementById("announce")?.replaceChildren(button.dataset.copied);
}

function values(row) {
  return [...row.querySelectorAll("input")].map((field) => field.value);
}

function counter(group) {
  return group.dataset.repeat ? document.querySelector(`[name="${group.dataset.repeat}-TOTAL_FORMS"]`) : null;
}

// data-none is what stands there when no row is left; data-most caps the rows.
function tidy(group) {
  const count = [...group.querySelectorAll("[data-rows] > [data-row]")].filter((row) => !row.hidden).length;
  group.querySelectorAll("[data-none]").forEach((place) => { place.hidden = count > 0; });
  const most = Number(group.dataset.most ?? Infinity);
  group.querySelectorAll("[data-add]").forEach((button) => { button.disabled = count >= most; });
}
