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

  // The reader's own zone, asked for once: a choice made by hand is in the address and stays. Who picks something before the
  // answer is there takes the zone along, and what was typed meanwhile stands in the answer too.
  let foundZone = "";
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
    foundZone = zone;
    window.history.replaceState(null, "", address);
    const target = "#" + picker.id;
    let typed = [];
    picker.addEventListener("htmx:beforeSwap", () => { typed = typedIn(picker); }, { once: true });
    window.htmx
      .ajax("GET", address.pathname + address.search, { source: picker, target, select: target, swap: "outerHTML" })
      .then(() => typed.forEach(typeAgain), () => {}); // a pick takes its place
  };
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (foundZone && detail.verb === "get" && !new URL(detail.path, window.location.href).searchParams.has("tz")) {
      detail.parameters.tz = foundZone;
    }
  });

  const isTouched = ({ options, value, defaultValue, checked, defaultChecked }) =>
    options
      ? [...options].some((one) => one.selected !== one.defaultSelected)
      : value !== defaultValue || checked !== defaultChecked;
  const typedIn = (scope) => [...scope.querySelectorAll("input[id], select[id], textarea[id]")].filter(isTouched);
  const typeAgain = ({ id, value, checked }) => {
    const field = document.getElementById(id);
    if (!field) return;
    Object.assign(field, { value, checked });
    if (field.form) field.form.setAttribute("data-typed", "");
  };

  // What a browser without cookies would have needed on its way here.
  const tidyAddress = () => {
    const address = new URL(window.location.href);
    if (!address.searchParams.has("knock")) return;
    address.searchParams.delete("knock");
    window.history.replaceState(null, "", address);
  };

  // On a phone the pages of a room are one line: the one that is open is in sight.
  const showTab = () => {
    const here = document.querySelector(".tabs [aria-current]");
    const line = here && here.closest("ul");
    if (line) line.scrollLeft = here.getBoundingClientRect().left - line.getBoundingClientRect().left - 48;
  };
  showTab();

  // Those that stand elsewhere on the page too.
  const submitsOf = (form) => [...form.elements].filter((one) => one.type === "submit");
  const sendOnce = (form, pressed) => {
    window.setTimeout(() => {
      form.setAttribute("aria-busy", "true");
      for (const button of submitsOf(form)) button.disabled = true;
      // Enter presses the first button, which may be there for that alone; the one that is seen says it.
      const plain = !pressed || !pressed.name;
      const tells = plain ? submitsOf(form).find((one) => one.dataset.waiting) : pressed;
      if (tells && tells.dataset.waiting) {
        tells.dataset.label = tells.textContent;
        tells.textContent = tells.dataset.waiting;
      }
    }, 0);
  };

  const release = (scope) => {
    for (const form of scope.querySelectorAll("form[aria-busy]")) {
      form.removeAttribute("aria-busy");
      for (const button of submitsOf(form)) {
        button.disabled = false;
        if (button.dataset.label) button.textContent = button.dataset.label;
      }
    }
  };

  // On a phone what was asked for may stand below the screen.
  const bringIntoView = (part) => {
    const { top } = part.getBoundingClientRect();
    if (top < 0 || top > window.innerHeight * 0.6) part.scrollIntoView({ block: "start" });
  };

  // What a client wants this device to know, for the next booking. Unticked it is forgotten at once.
  const ME = "kept.me";
  const remembered = () => {
    try {
      return JSON.parse(window.localStorage.getItem(ME)) || null;
    } catch {
      return null;
    }
  };
  const remember = (facts) => {
    try {
      if (facts) window.localStorage.setItem(ME, JSON.stringify(facts));
      else window.localStorage.removeItem(ME);
    } catch {
      // No storage here: nothing is remembered.
    }
  };
  const startRemembering = (form) => {
    const box = form.querySelector("[data-remember]");
    if (!box) return;
    const said = form.querySelector("[data-remember-said]");
    const fields = ["name", "email", "phone"].map((name) => form.elements[name]).filter(Boolean);
    const known = remembered();
    box.checked = Boolean(known);
    for (const field of fields) {
      if (known && !field.value && known[field.name]) {
        field.value = known[field.name];
        said.textContent = box.dataset.known;
      }
    }
    box.addEventListener("change", () => {
      if (box.checked) return;
      said.textContent = remembered() ? box.dataset.forgotten : "";
      remember(null);
    });
    form.addEventListener("submit", () => {
      if (box.checked) remember(Object.fromEntries(fields.map((field) => [field.name, field.value])));
    });
  };

  // After a swap the reader goes on where the answer is; a fresh page is read from its top, unless it warns.
  const startUp = (scope, fresh) => {
    const first = scope.querySelector(fresh ? "[data-focus][role]" : "[data-focus]");
    if (first) {
      first.focus({ preventScroll: first.hasAttribute("data-focus-still") });
      if (!fresh) bringIntoView(first);
    }
    for (const form of scope.querySelectorAll("form[data-kept-me]")) startRemembering(form);
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
    if (event.defaultPrevented || elsewhere || event.target.method !== "post") return;
    if (navigator.onLine) {
      sendOnce(event.target, event.submitter);
    } else {
      event.preventDefault(); // a browser's own page about it would stand in the place of what was typed
      say(document.body.dataset.offline);
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.form) event.target.form.setAttribute("data-typed", "");
  });
  window.addEventListener("pageshow", () => release(document));
  window.addEventListener("online", () => say());

  // While a part of the page is on its way, and where it does not come: said in words, for waiting looks like *nothing free*.
  const state = document.createElement("p");
  state.className = "loading";
  state.setAttribute("role", "status");
  let soon = 0;
  let said = "";
  const say = (words = "", address = "", link = "") => {
    window.clearTimeout(soon);
    if (said === words + address) return; // what is asked for again and again is said once
    said = words + address;
    state.textContent = words;
    if (!address) return;
    const way = state.appendChild(document.createElement("a"));
    way.href = address;
    way.textContent = link;
    if (document.querySelector("[data-typed]")) way.target = "_blank"; // what was typed stays where it is
  };
  // Another window of one's own has logged out, or it has been long: there is nothing to show here, and nothing is lost.
  const sayOut = () => {
    const { out, outUrl, outLink } = document.body.dataset;
    say(out, outUrl, outLink);
  };
  const wordsOf = (target) => (target.closest("[data-broken]") || document.body).dataset;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { loading } = wordsOf(event.detail.target);
    window.clearTimeout(soon);
    if (loading) soon = window.setTimeout(() => say(loading), 400);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    window.clearTimeout(soon);
    if (event.detail.successful) say();
  });
  for (const kind of ["sendError", "timeout"]) {
    document.addEventListener("htmx:" + kind, (event) => {
      const { broken, again } = wordsOf(event.detail.target);
      const { verb, path } = event.detail.requestConfig;
      if (verb === "get" && again) say(broken, path, again);
      else say(broken); // a button that sent what was typed is still there to be pressed, a part asks again by itself
    });
  }
  // A part that asked for itself was led to another page: the one to log in.
  const isElsewhere = ({ boosted, xhr, requestConfig }) => {
    const path = (address) => new URL(address, window.location.href).pathname;
    return !boosted && xhr.responseURL && path(xhr.responseURL) !== path(requestConfig.path);
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event;
    detail.pathInfo.anchor = null; // the focus leads there, and only where it is out of sight
    if (isElsewhere(detail)) {
      detail.shouldSwap = false;
      detail.isError = true;
    } else if (detail.xhr.status >= 400 && detail.target.id && detail.xhr.responseText.includes(`id="${detail.target.id}"`)) {
      detail.shouldSwap = true; // our own page with a kind no, like that of a time that has just been taken
      detail.isError = false;
    }
  });
  // The weeks of a series stand above the form in which a name may have been typed already; a yes is given to what was read.
  let typed = [];
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const forms = detail.shouldSwap ? [...detail.target.querySelectorAll("form[data-kept-me][data-typed]")] : [];
    typed = forms.flatMap(typedIn).filter((field) => !(field.type === "checkbox" && field.required));
  });
  document.addEventListener("htmx:afterSwap", () => {
    typed.splice(0).forEach(typeAgain);
  });
  document.addEventListener("htmx:afterSettle", (event) => startUp(event.detail.elt, false));
  document.addEventListener("htmx:responseError", (event) => {
    const { boosted, requestConfig, target } = event.detail;
    if (requestConfig.verb === "get" && boosted) window.location.assign(requestConfig.path); // the whole page says what is wrong
    else if (isElsewhere(event.detail)) sayOut();
    else say(wordsOf(target).broken);
  });
  // The same for what asks in another way.
  document.addEventListener("kept:line", (event) => {
    if (event.detail === "out") sayOut();
    else say(document.body.dataset[event.detail]);
  });
  document.addEventListener("DOMContentLoaded", () => {
    document.body.append(state);
    tidyAddress();
    startUp(document, true);
    findZone(document);
  });
})();
