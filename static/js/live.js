// The live stream: open while the page is looked at. It says that bookings changed (regions.js loads what shows them) and brings toasts.
// A page that was away says for how long, so that the server can tell whether it missed anything.

const place = document.getElementById("live");
const toasts = document.getElementById("toasts");
const SILENCE = 40_000;          // the server says something every 15 seconds
const FIRST = 1000, LONGEST = 30_000;
const MOST_TOASTS = 3;

const mine = new Set();          // changes that this page asked for itself, as booking:version
let source = null;
let timer = 0;
let tries = 0;
let heard = performance.timeOrigin + (performance.getEntriesByType("navigation")[0]?.requestStart ?? 0);

if (place) {
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("online", () => { if (!source) open(); });
  document.addEventListener("htmx:beforeRequest", (event) => own(event).forEach((change) => mine.add(change)));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) own(event).forEach((change) => mine.delete(change));
  });
  open();
}

// Only what is looked at has a stream: a browser has six connections for all tabs of a site that speaks HTTP/1.1.
function open() {
  clearTimeout(timer);
  if (source || document.hidden) return;
  source = new EventSource(`${place.dataset.stream}?age=${Math.max(0, Math.round(Date.now() - heard))}`);
  source.addEventListener("error", lost);
  on("hello", ({ reload }) => {
    tries = 0;
    say("on");
    if (reload) tell();
  });
  on("news", ({ changes, toasts: html }) => {
    if (!changes.every(isMine)) tell();
    toasts.insertAdjacentHTML("beforeend", html);
    [...toasts.querySelectorAll(".news")].slice(0, -MOST_TOASTS).forEach((toast) => toast.remove());
  });
  on("beat", () => {});
  on("end", () => {
    close();
    say("ended");
  });
}

function on(name, act) {
  source.addEventListener(name, (event) => {
    heard = Date.now();
    clearTimeout(timer);
    timer = setTimeout(lost, SILENCE);
    act(JSON.parse(event.data));
  });
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

// The way back takes longer each time, and not the same for all who were sent away at once.
function lost() {
  close();
  if (!place.hidden) say("lost");
  timer = setTimeout(open, Math.min(FIRST * 2 ** tries, LONGEST) * (0.5 + Math.random() / 2));
  tries += 1;
}

function say(state) {
  place.hidden = false;
  place.dataset.state = state;
  place.textContent = place.dataset[state];
}

function tell() {
  document.dispatchEvent(new Event("bookings-live"));
}

function isMine({ booking, version, own: isOwn }) {
  return isOwn && mine.delete(`${booking}:${version}`);
}

// A form that acts on a booking carries the version it was made for; the change makes the next one.
function own({ detail }) {
  const { verb, path, formData } = detail.requestConfig ?? {};
  if (verb !== "post" || !formData) return [];
  const number = /\/bookings\/(\d+)\//.exec(path)?.[1];
  const one = number && formData.has("version") ? [`${number}:${formData.get("version")}`] : [];
  return [...one, ...formData.getAll("booking")].map((form) => {
    const [booking, version] = form.split(":");
    return `${booking}:${Number(version) + 1}`;
  });
}
