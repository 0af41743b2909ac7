// Where now is in the calendar: the line in the time grid and the row in the list move on with the clock.

const MINUTE = 60000;

tick();
setInterval(tick, 5000);
document.addEventListener("htmx:afterSettle", tick);

function tick() {
  const calendar = document.getElementById("calendar");
  if (!calendar) return;
  calendar.querySelectorAll("[data-now]").forEach((place) => write(place, clock(calendar)));
  calendar.querySelectorAll(".now").forEach(move);
  calendar.querySelectorAll(".now-row").forEach(pass);
}

function clock({ dataset }) {
  const options = { timeZone: dataset.zone, hour: dataset.half ? "numeric" : "2-digit", minute: "2-digit", hourCycle: dataset.half ? "h12" : "h23" };
  return new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date());
}

function move(line) {
  const { starts, length } = line.closest("[data-starts]").dataset;
  const minutes = Date.now() / MINUTE - starts;
  line.hidden = minutes < 0 || minutes >= length;
  const place = `t-${Math.floor(Math.max(minutes, 0) / 5)}`;
  if (!line.hidden && !line.classList.contains(place)) line.className = `now ${place} d-1`;
}

// What has begun meanwhile stands above.
function pass(row) {
  while (Date.parse(row.nextElementSibling?.querySelector("time")?.dateTime) <= Date.now()) row.nextElementSibling.after(row);
}

function write(place, words) {
  if (place.textContent !== words) place.textContent = words;
}
