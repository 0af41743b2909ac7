// A booking that is being confirmed: asks for the page every two seconds and shows the new state when there is one.

const EVERY = 2000;
let place = document.querySelector("[data-settling]");

if (place) setTimeout(look, EVERY);

async function look() {
  try {
    const answer = await fetch(place.dataset.settling, { credentials: "omit", cache: "no-store" });
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("booking"));
  } catch {
    // The next look may find a connection.
  }
  if ("settling" in place.dataset) setTimeout(look, EVERY);
}

function show(fresh) {
  if (!fresh || fresh.dataset.state === place.dataset.state) return;
  // Whoever is at work inside keeps what they have; the words below say what is new.
  if (place.contains(document.activeElement) && document.activeElement !== place) return;
  place.replaceWith(document.adoptNode(fresh));
  place = fresh;
  document.getElementById("announce")?.replaceChildren(fresh.querySelector("#state-words")?.textContent ?? "");
}
