// A list that moved under a hand at rest: the next press there was meant for the row that is gone.

const REST = 900;   // milliseconds for a second press that was on its way
const STILL = 12;   // pixels that a hand at rest may wander

let hand = null;    // where it was last
let rest = null;    // where it was when the list changed, and when that was
let ignores = false;

document.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") hand = spot(event); }, { capture: true, passive: true });
document.addEventListener("pointerdown", (event) => {
  ignores = Boolean(rest && performance.now() - rest.at < REST && near(event, rest) && event.target.closest(".bookings"));
  hand = spot(event);
}, true);

document.addEventListener("click", (event) => {
  if (!ignores || !near(event, hand)) return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.closest?.("#bookings, .booking") || event.detail.target?.id === "bookings") moved();
});
document.addEventListener("list-moved", moved);   // by a live update

function moved() {
  if (hand) rest = { ...hand, at: performance.now() };
}

function spot(event) {
  return { x: event.clientX, y: event.clientY };
}

function near(one, other) {
  return Math.abs(one.clientX - other.x) < STILL && Math.abs(one.clientY - other.y) < STILL;
}
