// A list that moved up under a hand at rest: the next press there was meant for the row that is gone.

const REST = 900;   // milliseconds for a second press that was on its way
const STILL = 12;   // pixels that a hand at rest may wander

let pressed = null;   // where the last press was
let changed = 0;      // when the list last changed after it

document.addEventListener("pointerdown", (event) => {
  const meant = pressed && performance.now() - changed < REST && near(event, pressed) && event.target.closest(".bookings");
  pressed = { x: event.clientX, y: event.clientY, ignore: Boolean(meant) };
}, true);

document.addEventListener("click", (event) => {
  if (!pressed?.ignore || !near(event, pressed)) return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.closest?.("#bookings, .booking") || event.detail.target?.id === "bookings") changed = performance.now();
});

function near(one, other) {
  return Math.abs(one.clientX - other.x) < STILL && Math.abs(one.clientY - other.y) < STILL;
}
