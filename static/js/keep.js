// What a booker typed stays with the tab, so that choosing another time or loading the page again loses nothing. A booking ends it.

const details = document.getElementById("details");

if (details) {
  const place = `details ${new URL(details.action).pathname}`;
  const fields = () => [...details.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit");
  const isChoice = (field) => field.type === "checkbox" || field.type === "radio";

  const keep = () => {
    const typed = fields().filter((field) => (isChoice(field) ? field.checked : field.value));
    write(JSON.stringify(typed.map((field) => [field.name, field.value])));
  };

  // Only into what is empty: what the page brings was typed later.
  const fill = (typed) => {
    const empty = fields().filter((field) => (isChoice(field) ? !field.checked : !field.value));
    for (const [name, value] of typed) {
      for (const field of empty.filter((each) => each.name === name)) {
        if (!isChoice(field)) field.value = value;
        else if (field.value === value) field.checked = true;
        field.closest("details")?.setAttribute("open", "");
      }
    }
  };

  // A page in somebody else's frame may be refused the store; then nothing is kept.
  const write = (text) => { try { sessionStorage.setItem(place, text); } catch { return; } };
  const read = () => { try { return JSON.parse(sessionStorage.getItem(place) ?? "[]"); } catch { return []; } };

  fill(read());
  if (details.querySelector("[data-errors], [aria-invalid=true]")) keep();
  details.addEventListener("input", keep);
  details.addEventListener("submit", () => { try { sessionStorage.removeItem(place); } catch { return; } });
}
