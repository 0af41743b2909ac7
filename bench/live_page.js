// What a page shows of bookings, and when: put into the pages of bench/live before their own scripts.

window.soak = (() => {
  const ROWS = ":is(.booking, [data-entry])[id*='-']:not(dialog *)";
  const REGION = "#bookings, #calendar";
  // What differs from answer to answer, or follows from the worker alone: a row being confirmed counts as confirmed.
  const VOLATILE = "[data-ago], .new-slot, .acts, .pick, .state .by, form, script";
  const SETTLES = [/\bconfirming\b/g, "confirmed"];
  let log = [];            // [milliseconds, what the rows said] each time that this changed
  let told = [];           // [milliseconds, sentence] of each toast of others
  let known = new WeakSet();
  let work = null;         // what this person is at: says what of it was lost

  function words(row) {
    const copy = row.cloneNode(true);
    copy.querySelectorAll(VOLATILE).forEach((part) => part.remove());
    const status = row.dataset.status ?? row.querySelector("[data-status]")?.dataset.status;
    return `${status} ${copy.textContent}`.replace(/\s+/g, " ").trim().toLowerCase().replace(...SETTLES);
  }

  function read(root) {
    return Object.fromEntries([...root.querySelectorAll(ROWS)].map((row) => [row.id, words(row)]));
  }

  function look() {
    if (!document.querySelector(REGION)) return;
    const said = read(document);
    if (JSON.stringify(said) !== JSON.stringify(log.at(-1)?.[1])) log.push([Date.now(), said]);
    document.querySelectorAll("#toasts .news strong").forEach((title) => {
      if (known.has(title)) return;
      known.add(title);
      told.push([Date.now(), title.textContent]);
    });
  }

  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["data-status", "datetime"] });

  return {
    begin() {
      log = [];
      told = [];
      look();
    },
    state: () => ({ log, told }),
    // The rows as the server has them now.
    async truth() {
      const address = document.querySelector(REGION).getAttribute("hx-get");
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, cache: "no-store" });
      return read(new DOMParser().parseFromString(await answer.text(), "text/html"));
    },
    // Take something up. Returns the row that it is about, which a change of its own may take away.
    take(kind) {
      const { activeElement: focus } = document;
      const row = focus?.closest(ROWS) ?? null;
      const scrolled = [...document.querySelectorAll(".time-grid"), document.scrollingElement].find((part) => part.scrollTop > 0);
      const shown = scrolled && [...document.querySelectorAll(ROWS)].find((each) => each.getBoundingClientRect().bottom > 0);
      const top = (shown ?? row)?.getBoundingClientRect().top;
      if (kind === "scrolled" && !shown) kind = "nothing";
      work = { kind, focus, focusId: focus?.id, value: focus?.value, row: (shown ?? row)?.id, top, isPage: scrolled === document.scrollingElement, dialog: document.querySelector("dialog[open]") };
      return work.row ?? "";
    },
    rest() {
      work = null;
    },
    // What was lost of it: focus (also the words of a field, and the place of its row), scroll, dialog.
    lost() {
      const { kind = "nothing", focus, focusId, value, row, top, isPage, dialog } = work ?? {};
      const now = document.activeElement;
      const at = document.getElementById(row)?.getBoundingClientRect().top;
      const isFocused = (now === focus || (focusId && now?.id === focusId)) && now?.value === value;
      // A page that became too short to be scrolled that far, or is back at its beginning, can't keep it there.
      const page = document.scrollingElement;
      const isAtEnd = isPage && (page.scrollTop <= 0 || page.scrollTop + innerHeight >= page.scrollHeight - 1);
      const hasMoved = row && !isAtEnd && !(Math.abs(at - top) <= 2);
      const what = {
        nothing: [],
        search: isFocused ? [] : ["focus"],
        scrolled: hasMoved ? ["scroll"] : [],
        row: isFocused && !hasMoved ? [] : ["focus"],
        dialog: dialog?.isConnected && dialog.open && isFocused ? [] : ["dialog"],
      };
      const waits = document.querySelector("[data-shows]") ? "; says that it changed" : "";
      return { what: what[kind], words: `${row} at ${top}, now ${at}; ${focusId}, now ${now?.tagName} ${now?.id}${waits}` };
    },
  };
})();
