// Bulk bar: says how many rows are chosen (the bar appears by :has), clears the choice, extends it with Shift.

let last = null;

document.addEventListener("click", (event) => {
  const box = event.target.closest(".pick input");
  if (box && event.shiftKey && last?.isConnected) {
    const boxes = [...document.querySelectorAll(".pick input")];
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((one, other) => one - other);
    boxes.slice(from, to + 1).forEach((between) => { between.checked = box.checked; });
  }
  if (box) last = box;
  if (event.target.closest("[data-clears]")) {
    document.querySelectorAll(".pick :checked").forEach((chosen) => { chosen.checked = false; });
    count();
  }
});

document.addEventListener("change", (event) => { if (event.target.closest(".pick")) count(); });
document.addEventListener("htmx:afterSettle", count);

// data-one and data-many are the server's words; # stands for the number.
function count() {
  const number = document.querySelectorAll(".pick :checked").length;
  document.querySelectorAll("[data-chosen]").forEach((place) => {
    place.textContent = (number === 1 ? place.dataset.one : place.dataset.many).replace("#", number);
  });
}
