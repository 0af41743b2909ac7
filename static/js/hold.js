// A held time: counts down, is kept while the page is open, and is let go when the booker goes elsewhere.

const form = document.querySelector("form[data-hold]");
const TICK = 5000;
const EXTEND_WHEN_LEFT = 5 * 60 * 1000;

if (form) {
  const details = document.getElementById("details");
  const left = form.querySelector("[data-left]");
  let expires = form.dataset.expires ? Date.parse(form.dataset.expires) : 0;
  let isAsking = false;
  let isSent = false;

  const ask = async (verb) => {
    isAsking = true;
    try {
      const answer = await post(verb);
      const facts = await answer.json();
      if (answer.ok) take(facts);
      else if (answer.status !== 429 && answer.status !== 503) expires = 0;
    } catch {
      // Without a connection the time simply runs on; the next tick tries again.
    } finally {
      isAsking = false;
      show();
    }
  };

  const post = (verb) => {
    const body = new FormData(form);
    body.set(verb, "1");
    return fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "omit" });
  };

  // A time that was taken again comes with a new form value: the address has to carry it too, for a reload.
  const take = (facts) => {
    expires = Date.parse(facts.expires);
    if (!facts.form) return;
    form.elements.form.value = facts.form;
    const page = new URL(location.href);
    page.searchParams.set("form", facts.form);
    history.replaceState(history.state, "", page);
    const target = new URL(details.action);
    target.searchParams.set("form", facts.form);
    details.action = target;
  };

  const show = () => {
    const rest = expires - Date.now();
    form.querySelector("[data-held]").hidden = rest <= 0;
    form.querySelector("[data-gone]").hidden = rest > 0;
    if (rest <= 0) return;
    const minutes = Math.floor(rest / 60000);
    left.textContent = minutes ? form.dataset.words.replace("{minutes}", minutes) : form.dataset.last;
  };

  const tick = () => {
    const rest = expires - Date.now();
    if (isSent) return;
    if (rest > 0 && rest < EXTEND_WHEN_LEFT && !isAsking) ask("extend");
    else show();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask("again");
  });
  document.addEventListener("submit", (event) => { if (event.target !== form) isSent = true; });

  // Going back to the times: the time is free again, so that it can be chosen anew.
  window.addEventListener("pagehide", () => {
    if (isSent || expires <= Date.now()) return;
    const body = new FormData(form);
    body.set("release", "1");
    navigator.sendBeacon(form.action, body);
  });
  // Coming back, or loading again: the time was let go on the way (perhaps after this page was made) and is taken again.
  window.addEventListener("pageshow", (event) => {
    isSent = false;
    const way = performance.getEntriesByType("navigation")[0]?.type;
    if (event.persisted || way === "reload" || way === "back_forward") ask("again");
  });

  setInterval(tick, TICK);
  show();
}
