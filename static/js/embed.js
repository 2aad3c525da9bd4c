// Kept on another site: in the page, as a pop-up or as a button. Links that work without it are all it needs:
//   <a href="https://kept.example/studio/" data-kept="inline">Book a time</a>
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.Kept) return;
  const home = new URL(script.src).origin;
  const CLOSE = { en: "Close", it: "Chiudi", th: "ปิด" };
  const GREEN = "#0b6a57";
  const language = () => (script.dataset.lang || document.documentElement.lang || "").slice(0, 2).toLowerCase();
  const theme = (link) => [link && link.dataset.theme, script.dataset.theme].find((one) => one === "light" || one === "dark");
  const style = (element, rules) => Object.assign(element.style, rules);
  const frames = new Map(); // the frames that we made, each with what is to be done when it speaks

  // The address of the page as it is for frames; none for an address that is not one of ours.
  const framed = (address, link) => {
    const url = new URL(address, window.location.href);
    const [provider, service, more] = url.pathname.split("/").filter(Boolean);
    if (url.origin !== home || !provider || more) return "";
    url.pathname = "/" + provider + "/embed/" + (service ? service + "/" : "");
    url.searchParams.set("site", window.location.origin);
    if (language()) url.searchParams.set("lang", language());
    if (theme(link)) url.searchParams.set("theme", theme(link));
    return url.href;
  };

  const frameOf = (address, title, heard) => {
    const frame = document.createElement("iframe");
    frame.src = address;
    frame.title = title;
    style(frame, { border: "0", width: "100%", display: "block" });
    frames.set(frame, heard);
    return frame;
  };

  // Only our own frames are listened to, and only as long as what they show is ours.
  window.addEventListener("message", (event) => {
    if (event.origin !== home || !event.data || typeof event.data.kept !== "string") return;
    for (const [frame, heard] of frames) {
      if (frame.contentWindow === event.source) heard(event.data);
    }
  });

  // For the page around: `kept:booked` says that somebody booked, not who or when.
  const announce = (element, message) => {
    const detail = { status: String(message.status) };
    element.dispatchEvent(new CustomEvent("kept:booked", { bubbles: true, detail }));
  };

  // The link stays until the frame speaks: where this site may not show it, the link is what there is.
  const inline = (link) => {
    const address = framed(link.href, link);
    if (!address) return;
    const frame = frameOf(address, link.textContent.trim(), (message) => {
      if (message.kept === "height" && message.height > 0) {
        style(frame, { height: Math.min(Math.ceil(message.height), 20000) + "px", visibility: "", position: "" });
        link.hidden = true;
      } else if (message.kept === "page" && frame.getBoundingClientRect().top < 0) {
        frame.scrollIntoView();
      } else if (message.kept === "booked") announce(frame, message);
    });
    style(frame, { height: "1px", visibility: "hidden", position: "absolute" });
    link.after(frame);
  };

  let close = () => {};
  const open = (url, title, from) => {
    const address = framed(url, from);
    if (!address) return false;
    close();
    const dialog = document.createElement("dialog");
    const bar = document.createElement("div");
    const button = document.createElement("button");
    const link = document.createElement("a");
    const name = title || url;
    dialog.setAttribute("aria-label", name);
    style(dialog, {
      position: "fixed", inset: "0", width: "100%", height: "100%", maxWidth: "none", maxHeight: "none", margin: "0",
      padding: "0", border: "0", boxSizing: "border-box", background: "rgba(10, 20, 17, .6)", overflow: "hidden",
    });
    const box = document.createElement("div");
    style(box, {
      display: "flex", flexDirection: "column", boxSizing: "border-box", width: "100%", maxWidth: "62rem", height: "100%",
      margin: "0 auto", background: "Canvas", color: "CanvasText", colorScheme: theme(from) || "light dark",
    });
    style(bar, { display: "flex", alignItems: "center", justifyContent: "space-between", padding: "4px 4px 4px 16px" });
    style(link, { color: "inherit", font: "500 15px/1.4 system-ui, sans-serif" });
    style(button, {
      font: "26px/1 system-ui, sans-serif", width: "44px", height: "44px", border: "0", background: "none", color: "inherit",
      cursor: "pointer", flex: "none",
    });
    Object.assign(link, { href: url, target: "_blank", rel: "noopener", textContent: name });
    Object.assign(button, { type: "button", textContent: "\u00d7" });
    button.setAttribute("aria-label", CLOSE[language()] || CLOSE.en);
    const frame = frameOf(address, name, (message) => {
      if (message.kept === "escape") close();
      else if (message.kept === "booked") announce(document, message);
    });
    style(frame, { flex: "1", minHeight: "0" });
    bar.append(link, button);
    box.append(bar, frame);
    dialog.append(box);
    document.body.append(dialog);

    const root = document.documentElement.style;
    const before = root.overflow;
    close = () => dialog.close();
    button.addEventListener("click", close);
    dialog.addEventListener("click", (event) => event.target === dialog && close());
    dialog.addEventListener("close", () => {
      close = () => {};
      root.overflow = before;
      frames.delete(frame);
      dialog.remove();
    });
    root.overflow = "hidden";
    dialog.showModal();
    return true;
  };

  const opens = (link) => {
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("click", (event) => {
      const elsewhere = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
      if (!elsewhere && open(link.href, link.textContent.trim(), link)) event.preventDefault();
    });
  };

  const button = (link) => {
    style(link, {
      position: "fixed", insetBlockEnd: "20px", insetInlineEnd: "20px", zIndex: "2147483000", padding: "14px 22px",
      borderRadius: "999px", background: link.dataset.color || GREEN, color: link.dataset.ink || "#fff",
      font: "600 16px/1.25 system-ui, sans-serif", textDecoration: "none", boxShadow: "0 8px 28px -8px rgba(0, 0, 0, .45)",
    });
    opens(link);
  };

  const kinds = { inline, popup: opens, button };
  const start = () => {
    for (const link of document.querySelectorAll("a[data-kept]")) {
      const kind = kinds[link.dataset.kept];
      if (kind && !link.keptIsOn) {
        link.keptIsOn = true;
        kind(link);
      }
    }
  };

  window.Kept = Object.freeze({ open, close: () => close(), start });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
