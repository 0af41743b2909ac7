// Time zone of a booker: read once from the browser when the address names none, and changed without a button.
// A form with data-zone holds the select; data-chosen tells that the address names a zone already.

const form = document.querySelector("form[data-zone]");
const select = form?.querySelector("select[name=zone]");

if (select) {
  select.addEventListener("change", () => form.requestSubmit());
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const page = new URL(location.href);
  if (!page.searchParams.has("zone") && !("chosen" in form.dataset) && here && here !== select.value) {
    page.searchParams.set("zone", here);
    location.replace(page);
  }
}
