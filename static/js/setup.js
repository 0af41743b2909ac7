// Set-up forms: the address follows the name until somebody types one, a new person's zone is the browser's, and folded
// parts know when they were changed.

const SPELT = { ä: "ae", ö: "oe", ü: "ue", ß: "ss", ø: "o", æ: "ae", œ: "oe", ł: "l", đ: "d" };

for (const name of document.querySelectorAll("[data-names]")) {
  const slug = name.form.elements[name.dataset.names];
  if (!slug) continue;
  let isOwn = slug.value !== "";
  slug.addEventListener("input", () => { isOwn = slug.value !== ""; });
  name.addEventListener("input", () => { if (!isOwn) slug.value = slugOf(name.value); });
}

// What a folded part says of itself is what is saved; once something is typed in it, it says so instead.
document.addEventListener("input", (event) => event.target.closest("details.fold")?.toggleAttribute("data-changed", true));

for (const select of document.querySelectorAll("select[data-zone=browser]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === here)) select.value = here;
}

function slugOf(words) {
  return words.toLowerCase().replace(/[^\x00-\x7f]/g, (letter) => SPELT[letter] ?? letter)
    .normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60);
}
