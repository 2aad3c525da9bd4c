// What the dashboard does better with JavaScript: the grace clock that runs, what is shown as it is typed.
(() => {
  "use strict";

  // 9:04 and counting; what it means stands beside it in words.
  const runClock = (place) => {
    const until = new Date(place.dataset.until).getTime();
    const show = () => {
      const left = Math.round((until - Date.now()) / 1000);
      place.textContent =
        left <= 0 ? place.dataset.over : Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
      if (left > 0 && place.isConnected) window.setTimeout(show, 1000);
    };
    show();
  };

  // The time above a screen that stays open.
  const runNow = (place) => {
    const { now: timeZone, hourCycle } = place.dataset;
    const clock = new Intl.DateTimeFormat("en-GB", { hour: hourCycle === "h12" ? "numeric" : "2-digit", minute: "2-digit", hourCycle, timeZone });
    const show = () => {
      place.textContent = clock.format(new Date());
      window.setTimeout(show, 10000);
    };
    show();
  };

  // What is typed is shown in the frame beside it, a moment after the last key.
  const showLive = (form) => {
    const button = form.querySelector("[data-show]");
    let soon;
    form.addEventListener("input", () => {
      window.clearTimeout(soon);
      soon = window.setTimeout(() => form.requestSubmit(button), 700);
    });
    form.addEventListener("submit", () => window.clearTimeout(soon));
  };

  // A call, a text or a mail is noted on the timeline the moment it is begun.
  document.addEventListener("click", (event) => {
    const way = event.target.closest("[data-note]");
    const form = way && way.closest(".reach").querySelector(".reach-note");
    if (!form) return;
    const said = new FormData(form);
    said.set("way", way.dataset.note);
    const byHand = () => {
      const part = form.querySelector("[data-by-hand]");
      part.classList.remove("without-script");
      part.querySelector("[role=alert]").hidden = false;
    };
    window
      .fetch(form.action, { method: "POST", body: said, keepalive: true, redirect: "manual" })
      .then((answer) => answer.type === "opaqueredirect" || byHand(), byHand);
  });

  // Text that is to be copied; where the browser does not let us, it is selected for the reader to copy.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      window.getSelection().selectAllChildren(text);
      return;
    }
    const label = button.textContent;
    button.textContent = button.dataset.done;
    window.setTimeout(() => (button.textContent = label), 2000);
  });

  // A slider and the number beside it say the same.
  document.addEventListener("input", (event) => {
    const twin = event.target.dataset.twin && document.getElementById(event.target.dataset.twin);
    if (twin) twin.value = event.target.value;
  });

  // --- Parts that are fetched anew ---

  // Not from under somebody's hands: a moment after the last touch, and never while something is being sent. What was
  // opened stays open, what was typed stands in the new part, and the focus stays where it was.
  const QUIET = 5000;
  let touched = -QUIET;
  for (const kind of ["pointerdown", "keydown", "input", "selectionchange"]) {
    document.addEventListener(kind, () => (touched = performance.now()));
  }
  const isHeld = () => performance.now() - touched < QUIET || document.querySelector("form[aria-busy]");

  const twinOf = (form, part) => part.querySelector(`form[action="${form.getAttribute("action")}"]`);
  // What a button, a link or a summary is called, and under which heading it stands.
  const nameOf = (one) => {
    const id = one.id || (one.tagName === "SUMMARY" && one.parentElement.id);
    if (id) return id;
    const around = one.closest("[aria-labelledby]");
    const heading = around && document.getElementById(around.getAttribute("aria-labelledby"));
    return [one.getAttribute("href"), one.textContent, heading && heading.textContent].join("|");
  };
  const topOf = (one) => one.getBoundingClientRect().top;
  const asItWas = (part) => {
    const open = new Set([...part.querySelectorAll("details[open] > summary")].map(nameOf));
    const typed = [...part.querySelectorAll("form[data-typed]")];
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    const name = active && nameOf(active);
    const top = topOf(active || part);
    return (fresh) => {
      for (const summary of fresh.querySelectorAll("summary")) {
        if (open.has(nameOf(summary))) summary.parentElement.open = true;
      }
      for (const form of typed) twinOf(form, fresh).replaceWith(form);
      const twin = active && [active, ...fresh.querySelectorAll(active.tagName)].find((one) => fresh.contains(one) && nameOf(one) === name);
      if (twin) twin.focus({ preventScroll: true });
      // Browsers follow what is taken away; the eyes are on what came in its place.
      window.scrollBy({ top: topOf(twin || fresh) - top, behavior: "instant" });
    };
  };

  let restore = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const part = detail.target;
    if (!detail.shouldSwap || !part.matches("[data-live]")) return;
    const fresh = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
    const isGone = (form) => !twinOf(form, fresh);
    if (isHeld() || !fresh.getElementById(part.id) || [...part.querySelectorAll("form[data-typed]")].some(isGone)) detail.shouldSwap = false;
    else restore = asItWas(part);
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (restore) restore(document.getElementById(detail.target.id));
    restore = null;
  });

  const runClocks = (part) => {
    for (const clock of part.querySelectorAll("[data-until]")) runClock(clock);
  };

  document.addEventListener("htmx:afterSettle", (event) => runClocks(event.detail.elt));

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-live]")) showLive(form);
    runClocks(document);
    for (const now of document.querySelectorAll("[data-now]")) runNow(now);
  });
})();
