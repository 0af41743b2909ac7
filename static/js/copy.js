// Copy buttons: data-copy holds the text, data-copied the word that is shown for a moment and read out.

const SHOWN = 2000;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return fallBack(button);
  }
  const word = button.querySelector("[data-word]") ?? button;
  const before = word.textContent;
  if (word.textContent === button.dataset.copied) return;
  word.textContent = button.dataset.copied;
  document.getElementById("announce")?.replaceChildren(button.dataset.copied);
  setTimeout(() => { word.textContent = before; }, SHOWN);
});

// Without the right to the clipboard (plain http) the text is selected for copying by hand.
function fallBack(button) {
  const source = document.getElementById(button.dataset.copyFrom ?? "");
  if (!source) return;
  source.focus?.();
  source.select ? source.select() : getSelection().selectAllChildren(source);
}
