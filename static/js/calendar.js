// The calendar with JavaScript: a grid that is dragged on, and a page that follows what happens elsewhere.
// Everything here ends in an address or a form that works without it; nothing is done by a drag alone.
(() => {
  "use strict";

  const GRIDS = { day: "timeGridDay", week: "timeGridWeek", month: "dayGridMonth" };
  const LOOK_AGAIN = 5000;
  const TABLE_WORDS = ["role", "aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount", "aria-colspan", "aria-rowspan"];

  const pad = (number) => String(number).padStart(2, "0");
  // The grid's dates are the provider's wall clock; they are sent as such, to the minute.
  const local = (date) =>
    date.getFullYear() + "-" + pad(date.getMonth() + 1) + "-" + pad(date.getDate()) + "T" + pad(date.getHours()) + ":" + pad(date.getMinutes());

  // Days and times as the server's pages write them.
  const spoken = (said) => (said.language === "en" ? "en-GB" : said.language);
  const clockOf = ({ hourCycle }) => ({ hour: hourCycle === "h12" ? "numeric" : "2-digit", minute: "2-digit", hourCycle });
  // The grid's columns have room for "11 am–12:50 pm" and no more.
  const inShort = (times, { hourCycle }) => (hourCycle === "h12" ? times.replaceAll(":00", "") : times).replace(/\s*–\s*/, "–");

  // --- What lies where ---

  const columnsOf = () => [...document.querySelectorAll("#desks > li")];
  const mayAct = (desk) => columnsOf().some((one) => one.dataset.id === desk && "acts" in one.dataset);

  // What is another desk's is opened by sitting down there: a form, for it changes where one is.
  const go = (url, desk) => {
    const form = document.getElementById("sit");
    if (!desk || !form) {
      window.location.href = url;
      return;
    }
    form.elements.desk.value = desk;
    form.elements.next.value = url;
    form.requestSubmit();
  };

  // Events become links, so that the keyboard and a screen reader open them like any other.
  const link = (info, clocks) => {
    const said = info.event.extendedProps;
    if (info.event.display === "background") return "";
    const anchor = document.createElement(said.url ? "a" : "div");
    if (said.url) anchor.href = said.url;
    if (said.desk) {
      anchor.addEventListener("click", (event) => {
        event.preventDefault();
        go(said.url, said.desk);
      });
    }
    // Half an hour is one line high: its end is left to the grid.
    const brief = (info.event.end - info.event.start) / 60000 <= 30;
    anchor.className = brief ? "ec-link brief" : "ec-link";
    anchor.draggable = false;
    const time = document.createElement("time");
    time.textContent = inShort(brief ? info.timeText.split("–")[0].trim() : info.timeText, clocks);
    const name = document.createElement("bdi");
    name.textContent = info.event.title;
    const service = document.createElement("small");
    service.textContent = said.service;
    anchor.append(name, " ", time, " ", service);
    return { domNodes: [anchor] };
  };

  // The grid says that it is a table but is none that a screen reader could follow; the list below it is
  // what the grid shows, so the grid is a group of links.
  const speakPlainly = (place) => {
    for (const part of [place, ...place.querySelectorAll("*")]) {
      if (part.closest("svg")) continue;
      for (const name of TABLE_WORDS) part.removeAttribute(name);
    }
  };

  // --- Free time ---

  const minutesOf = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

  const askFree = (said, start, end) => {
    const dialog = document.getElementById("free");
    if (!dialog) return;
    const day = new Intl.DateTimeFormat(spoken(said), { weekday: "long", day: "numeric", month: "long" });
    const clock = new Intl.DateTimeFormat(spoken(said), clockOf(said));
    document.getElementById("free_when").textContent = day.format(start) + ", " + clock.format(start) + " – " + clock.format(end);
    const form = dialog.querySelector("form");
    form.elements.start.value = local(start);
    form.elements.end.value = local(end);
    document.getElementById("free_book").href = said.book + "?start=" + encodeURIComponent(local(start));
    dialog.showModal();
  };

  const chosen = (said, info, start, end) => {
    const desk = info.resource && info.resource.id;
    const own = columnsOf()[0];
    if (!desk || !own || desk === own.dataset.id) {
      if ("acts" in said) askFree(said, start, end);
    } else if (mayAct(desk)) {
      go(said.book + "?start=" + encodeURIComponent(local(start)), desk);
    }
  };

  // --- The grid ---

  // Whatever is booked is seen, also before and after the usual hours.
  const hours = (said, events) => {
    let first = minutesOf(said.opens), last = minutesOf(said.closes);
    for (const one of events) {
      const state = one.classNames[0];
      if (!state.startsWith("state-")) continue;
      const overnight = one.start.slice(0, 10) !== one.end.slice(0, 10);
      first = Math.min(first, overnight ? 0 : Math.floor(minutesOf(one.start.slice(11)) / 60) * 60);
      last = Math.max(last, overnight ? 1440 : Math.ceil(minutesOf(one.end.slice(11)) / 60) * 60);
    }
    const clock = (minutes) => pad(Math.floor(minutes / 60)) + ":" + pad(minutes % 60);
    return { slotMinTime: clock(first), slotMaxTime: clock(last) };
  };

  const draw = (place) => {
    const said = place.dataset;
    // Seven columns do not fit a phone; the list below shows the week there.
    const narrow = window.matchMedia("(max-width: 47.99rem)").matches;
    if (said.view === "week" && narrow) {
      place.parentElement.hidden = true;
      return null;
    }
    const columns = columnsOf();
    const drags = !window.matchMedia("(pointer: coarse)").matches && said.view !== "month";
    const grid = window.EventCalendar.create(place, {
      view: columns.length ? "resourceTimeGridDay" : GRIDS[said.view],
      resources: columns.map((one) => ({ id: one.dataset.id, title: one.textContent })),
      date: said.date,
      headerToolbar: { start: "", center: "", end: "" },
      locale: spoken(said),
      timeZone: said.offset,
      firstDay: 1,
      nowIndicator: true,
      allDaySlot: false,
      dayMaxEvents: !narrow,
      slotMinTime: said.opens,
      slotMaxTime: said.closes,
      slotHeight: 28,
      snapDuration: "00:15",
      slotLabelFormat: said.hourCycle === "h12" ? { hour: "numeric", hourCycle: "h12" } : clockOf(said),
      eventTimeFormat: clockOf(said),
      dayHeaderFormat: { weekday: "short", day: "numeric" },
      views: { dayGridMonth: { dayHeaderFormat: { weekday: "short" } } },
      moreLinkContent: (info) => "+" + info.num + " " + said.more,
      events: [],
      eventContent: (info) => link(info, said),
      eventStartEditable: false,
      eventDurationEditable: false,
      selectable: drags && ("acts" in said || columns.length > 0),
      eventDrop: (info) => {
        info.revert();
        const about = info.event.extendedProps;
        const away = info.newResource && info.oldResource && info.newResource.id !== info.oldResource.id;
        if (!away && about.move) go(about.move + "?start=" + encodeURIComponent(local(info.event.start)), about.desk);
      },
      select: (info) => {
        grid.unselect();
        chosen(said, info, info.start, info.end);
      },
      dateClick: (info) => {
        if (said.view === "month") {
          window.location.search = "?view=day&date=" + info.dateStr.slice(0, 10);
          return;
        }
        chosen(said, info, info.date, new Date(info.date.getTime() + 3600000));
      },
    });
    speakPlainly(place);
    new MutationObserver(() => speakPlainly(place)).observe(place, { childList: true, subtree: true });
    return grid;
  };

  // --- What happens elsewhere ---

  // The list is the server's; it is fetched anew and put in its place, but not from under somebody's hands:
  // false means later.
  const listAnew = async () => {
    const answer = await window.fetch(window.location.href, { cache: "no-store" });
    if (!answer.ok || answer.redirected) return true;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("agenda");
    const old = document.getElementById("agenda");
    if (!fresh || !old) return true;
    if (old.contains(document.activeElement)) return false;
    old.replaceWith(document.importNode(fresh, true));
    return true;
  };

  const follow = (live, grid) => {
    const place = document.getElementById("calendar");
    const news = document.getElementById("news");
    let tag = "", asking = false, first = true, stale = false;
    const tell = (line) => document.dispatchEvent(new CustomEvent("kept:line", { detail: line }));
    const look = async () => {
      if (asking || document.hidden) return;
      asking = true;
      try {
        const answer = await window.fetch(live.dataset.feed, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
        tell(answer.redirected ? "out" : answer.status < 400 ? "" : "broken");
        if (answer.status === 200 && !answer.redirected) {
          const events = await answer.json();
          tag = answer.headers.get("ETag") || "";
          if (grid) {
            grid.setOption("events", events);
            if (place.dataset.view !== "month") for (const [name, value] of Object.entries(hours(place.dataset, events))) grid.setOption(name, value);
          }
          stale = !first;
          first = false;
        }
        if (stale) {
          stale = !(await listAnew());
          if (!stale) news.textContent = news.dataset.words;
        }
      } catch {
        tell("broken"); // the page stays as it is and looks again
      } finally {
        asking = false;
      }
    };
    look();
    window.setInterval(look, LOOK_AGAIN);
    document.addEventListener("visibilitychange", look);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const live = document.getElementById("live");
    if (!live) return;
    const place = document.getElementById("calendar");
    const dialog = document.getElementById("free");
    if (dialog) dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    follow(live, place && window.EventCalendar ? draw(place) : null);
  });
})();
