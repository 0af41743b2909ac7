// The clock in the bar: the server wrote the day, the minutes tick here on the same zone.

const places = [...document.querySelectorAll("[data-clock]")].map((place) => ({ place, day: place.textContent.trim() }));

if (places.length) {
  tick();
  setInterval(tick, 5000);
}

function tick() {
  places.forEach(({ place, day }) => {
    const words = `${day}, ${clock(place.dataset)}`;
    if (place.textContent !== words) place.textContent = words;
  });
}

// 14:30, or 2:30 pm with the two words of `half`, as the server writes it.
function clock({ zone, half }) {
  const figures = new Intl.DateTimeFormat("en", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const [hour, minute] = figures.format(new Date()).split(":");
  if (!half) return `${hour}:${minute}`;
  return `${(Number(hour) + 11) % 12 + 1}:${minute} ${half.split("|")[hour < 12 ? 0 : 1]}`;
}
