// A page within another website's page: tells that page how high it is, that something was booked, and that Escape was pressed.
// The page around has to ask first, and only the websites that the team named are answered (see static/embed/v1/embed.js).

const allowed = new Set([location.origin, ...document.body.dataset.origins.split(" ")]);
let around = "";
let told = 0;
let isClosing = false;

addEventListener("message", (event) => {
  if (event.source !== parent || event.data?.bookingHub !== "hello") return;
  if (!allowed.has(event.origin) && !allowed.has("*")) return;
  around = event.origin;
  told = 0;
  tellHeight();
  if (document.getElementById("booking")) tell({ bookingHub: "booked" });
  if (isClosing) tell({ bookingHub: "close" });
});
new ResizeObserver(tellHeight).observe(document.body);
document.addEventListener("toggle", tellHeight, true);
document.addEventListener("input", tellHeight);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("details[name=menu][open]")) close();
});

// Pressed before the page around has asked, it is told then.
function close() {
  isClosing = !around;
  tell({ bookingHub: "close" });
}

// The page around scrolls, not this one.
document.addEventListener("hub:look", (event) => tell({ bookingHub: "look", top: event.detail.getBoundingClientRect().top }));

// Menus hang out of the body, so they are measured too.
function tellHeight() {
  const low = [...document.querySelectorAll("details[name=menu][open] > .sheet, [role=listbox]:not([hidden])")].map((sheet) => sheet.getBoundingClientRect().bottom + scrollY);
  const height = Math.ceil(Math.max(document.body.getBoundingClientRect().height, ...low));
  if (height === told) return;
  told = height;
  tell({ bookingHub: "height", height });
}

function tell(message) {
  if (around) parent.postMessage(message, around);
}
