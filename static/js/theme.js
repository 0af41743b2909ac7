// Colours: the choice is kept in a cookie, so that the server writes the next page right at once.

const YEAR = 365 * 24 * 60 * 60;

document.querySelector("[data-theme-choice]")?.addEventListener("change", (event) => {
  const theme = event.target.value;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${theme ? YEAR : 0}; SameSite=Lax${secure}`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
});
