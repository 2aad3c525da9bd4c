// The booking page inside another site: tells the page around it how high it is, and nothing about the visitor.
(() => {
  "use strict";
  // A frame that is sandboxed without an origin of its own may not ask for parts of a page: whole pages then.
  if (window.origin === "null") {
    for (const part of document.querySelectorAll("[hx-boost=true]")) part.setAttribute("hx-disable", "");
  }
  const { site, booked } = document.body.dataset;
  if (!site || window.parent === window) return;

  const tell = (kept, more) => window.parent.postMessage({ kept, ...more }, site);
  let last = 0;
  const measure = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height && height !== last) tell("height", { height: (last = height) });
  };
  new ResizeObserver(measure).observe(document.body);
  measure();
  if (booked) tell("booked", { status: booked });
  if (document.referrer.startsWith(window.location.origin + "/")) tell("page");
  document.addEventListener("htmx:afterSettle", () => tell("page"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) tell("escape");
  });
})();
