// Menus are details elements: Escape and a press elsewhere close them, focus goes back to the summary.

document.addEventListener("click", (event) => {
  const inside = event.target.closest("details.menu");
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== inside) menu.open = false;
  });
});

// A menu that would leave the page at its end hangs from its other side.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.("details.menu[open]")) place(target);
}, true);
addEventListener("resize", () => document.querySelectorAll("details.menu[open]").forEach(place));

function place(menu) {
  menu.classList.remove("flipped");
  const { right } = menu.querySelector(".sheet").getBoundingClientRect();
  menu.classList.toggle("flipped", right > document.documentElement.clientWidth);
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.matches("input:not([type=checkbox]), select")) return;
  const items = [...menu.querySelectorAll(".item:not(:disabled)")].map((item) => item.querySelector("input") ?? item);
  event.preventDefault();
  items.at((items.indexOf(event.target) + step + items.length) % items.length)?.focus();
}, true);

// A filter closes when it is applied. Its summary, which the answer has again, keeps the focus.
document.addEventListener("submit", (event) => {
  const menu = event.target.querySelector("details.filter[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
