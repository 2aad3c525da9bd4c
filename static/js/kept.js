// What pages do better with JavaScript. Every page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("scripted");

  const readerZone = () => {
    try {
      return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    } catch {
      return "";
    }
  };

  // The reader's own zone, asked for once: a choice made by hand is in the address and stays.
  const findZone = (scope) => {
    const picker = scope.querySelector("[data-find-zone]");
    const zone = picker && readerZone();
    if (!picker || !zone || zone === picker.dataset.findZone) return;
    const address = new URL(window.location.href);
    if (address.searchParams.has("tz")) return;
    address.searchParams.set("tz", zone);
    picker.removeAttribute("data-find-zone");
    if (!window.htmx || window.origin === "null") {
      window.location.replace(address);
      return;
    }
    window.history.replaceState(null, "", address);
    const target = "#" + picker.id;
    window.htmx.ajax("GET", address.pathname + address.search, { target, select: target, swap: "outerHTML" });
  };

  const sendOnce = (form, pressed) => {
    window.setTimeout(() => {
      form.setAttribute("aria-busy", "true");
      for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
      const waiting = pressed && pressed.dataset.waiting;
      if (waiting) {
        pressed.dataset.label = pressed.textContent;
        pressed.textContent = waiting;
      }
    }, 0);
  };

  const release = (scope) => {
    for (const form of scope.querySelectorAll("form[aria-busy]")) {
      form.removeAttribute("aria-busy");
      for (const button of form.querySelectorAll("button[type=submit]")) {
        button.disabled = false;
        if (button.dataset.label) button.textContent = button.dataset.label;
      }
    }
  };

  // After a swap the reader goes on where the answer is; a fresh page is read from its top, unless it warns.
  const startUp = (scope, fresh) => {
    const first = scope.querySelector(fresh ? "[data-focus][role]" : "[data-focus]");
    if (first) first.focus({ preventScroll: first.hasAttribute("data-focus-still") });
    for (const form of scope.querySelectorAll("form[data-send-at-once]")) form.requestSubmit();
    for (const select of scope.querySelectorAll("select[data-send-on-change]")) {
      select.addEventListener("change", () => select.form.requestSubmit());
    }
    for (const field of scope.querySelectorAll("input[data-reader-zone]")) field.value = readerZone() || field.value;
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const closer = event.target.closest("[data-close]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog && dialog.showModal) {
        event.preventDefault();
        dialog.showModal();
      }
    } else if (closer) {
      const dialog = closer.closest("dialog");
      if (dialog) {
        event.preventDefault();
        dialog.close();
      }
    }
  });
  document.addEventListener("submit", (event) => {
    const elsewhere = event.submitter && event.submitter.formTarget; // a frame of this page: the form stays
    if (!event.defaultPrevented && !elsewhere && event.target.method === "post") sendOnce(event.target, event.submitter);
  });
  window.addEventListener("pageshow", () => release(document));
  document.addEventListener("htmx:afterSettle", (event) => startUp(event.detail.elt, false));
  document.addEventListener("htmx:responseError", () => release(document));
  document.addEventListener("DOMContentLoaded", () => {
    startUp(document, true);
    findZone(document);
  });
})();
