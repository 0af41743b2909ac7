// The clock in the bar: the server wrote the day, the minutes tick here on the same zone.

const places = [...document.querySelectorAll("[data-clock]")].map((place) => ({ place, day: place.textContent.trim() }));

if (places.length) {
  tick();
  setInterval(tick, 5000);
}

function tick() {
  places.forEach(({ place, day }) => {
    const options = { timeZone: place.dataset.zone, hour: "2-digit", minute: "2-digit", hourCycle: place.dataset.half ? "h12" : "h23" };
    const words = `${day}, ${new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date())}`;
    if (place.textContent !== words) place.textContent = words;
  });
}
