/* Booking Hub, shown on another website. Links with data-booking-hub become what they say:
 *   <a href="https://hub.example/team/type/" data-booking-hub="inline">Book a time</a>   the page in place of the link
 *   <a href="https://hub.example/team/type/" data-booking-hub="popup">Book a time</a>    the page over this one, when pressed
 *   <script src="https://hub.example/static/embed/v1/embed.js" async></script>
 * Without this script, and where the hub does not let this website show its pages, they stay links.
 * The element gets the event "booking-hub:booked" when something was booked. Nothing is stored, no style is written inline.
 */
(() => {
  "use strict";

  const HUB = new URL(document.currentScript.src).origin;
  const PATIENCE = 4000;
  const german = document.documentElement.lang.toLowerCase().startsWith("de");
  const frames = new Map();

  addEventListener("message", (event) => {
    if (event.origin !== HUB) return;
    for (const [frame, hears] of frames) {
      if (event.source === frame.contentWindow) return hears(event.data ?? {});
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-booking-hub=popup]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const page = framed(link);
    if (!page || !window.HTMLDialogElement) return;
    event.preventDefault();
    open(link, page);
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", inline);
  else inline();

  function inline() {
    document.querySelectorAll("a[data-booking-hub=inline]").forEach((link) => {
      const page = framed(link);
      if (!page) return;
      const box = document.createElement("div");
      const frame = make(link, page, (message) => {
        if (message.bookingHub === "height") frame.style.height = `${Number(message.height) || 0}px`;
        if (message.bookingHub === "look") look(frame, Number(message.top) || 0);
        if (message.bookingHub === "booked") booked(box);
      }, () => box.replaceWith(link));
      let pages = 0;
      frame.addEventListener("load", () => { if (pages++ && frame.getBoundingClientRect().top < 0) frame.scrollIntoView(); });
      put(frame, { width: "100%", height: "44rem", border: "0", display: "block" });
      frame.loading = "lazy";
      box.append(frame);
      link.replaceWith(box);
    });
  }

  function open(link, page) {
    const dialog = document.createElement("dialog");
    const shut = document.createElement("button");
    const frame = make(link, page, (message) => {
      if (message.bookingHub === "booked") booked(link);
      if (message.bookingHub === "close") dialog.close();
    }, () => { dialog.close(); location.assign(link.href); });
    dialog.setAttribute("aria-label", frame.title);
    put(dialog, { boxSizing: "border-box", width: "min(100vw, 66rem)", height: "min(100dvh, 52rem)", maxWidth: "none", maxHeight: "none", padding: "0", border: "0", borderRadius: "12px", overflow: "hidden", background: "transparent" });
    put(frame, { width: "100%", height: "100%", border: "0", display: "block" });
    put(shut, { position: "absolute", insetBlockStart: "0", insetInlineEnd: "0", width: "44px", height: "44px", padding: "0", border: "0", borderRadius: "0 12px 0 12px", background: "#1b2421", color: "#fff", font: "24px/1 system-ui, sans-serif", cursor: "pointer" });
    shut.type = "button";
    shut.textContent = "\u00d7";
    shut.setAttribute("aria-label", german ? "Schließen" : "Close");
    shut.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => { frames.delete(frame); dialog.remove(); link.focus(); });
    dialog.append(frame, shut);
    document.body.append(dialog);
    dialog.showModal();
  }

  // A frame that is greeted at each of its pages. Where none of them ever answers, the hub did not let this website show it.
  function make(link, page, hears, fails) {
    const frame = document.createElement("iframe");
    let hasAnswered = false;
    frames.set(frame, (message) => { hasAnswered = true; hears(message); });
    frame.title = link.textContent.trim() || "Booking Hub";
    frame.addEventListener("load", () => {
      if (!frame.contentWindow) return;
      frame.contentWindow.postMessage({ bookingHub: "hello" }, HUB);
      setTimeout(() => { if (!hasAnswered && frame.isConnected) { frames.delete(frame); fails(); } }, PATIENCE);
    });
    frame.src = page;
    return frame;
  }

  // The same page of the hub, made to stand in a frame; nothing for a link that leads elsewhere.
  function framed(link) {
    const page = new URL(link.href, location.href);
    if (page.origin !== HUB) return "";
    if (!page.pathname.startsWith("/embed/")) page.pathname = `/embed${page.pathname}`;
    // A dark page within a light one would be nobody's wish; where the website has both, the reader's choice is the same for both.
    const colours = getComputedStyle(link).colorScheme;
    if (!page.searchParams.has("theme") && !(colours.includes("light") && colours.includes("dark"))) page.searchParams.set("theme", colours.includes("dark") ? "dark" : "light");
    return page.href;
  }

  // What was asked for stands further down in the frame than the window reaches.
  function look(frame, top) {
    const at = frame.getBoundingClientRect().top + top;
    if (at > innerHeight * 0.75) scrollBy({ top: at - 16, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  function booked(element) {
    element.dispatchEvent(new CustomEvent("booking-hub:booked", { bubbles: true }));
  }

  function put(element, style) {
    Object.assign(element.style, style);
  }
})();
