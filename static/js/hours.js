// The week as a grid to paint on. The form below it is the truth: painting writes into its fields, typing is
// seen on the grid, and what is posted is the form.
(() => {
  "use strict";

  const STEP = 30;
  const DAY = 1440;
  const DAYLIGHT = [6 * 60, 22 * 60];
  const CLOCK = /^(?:(\d{1,2})(?:[:.h](\d{2}))?|(\d{2})(\d{2}))(?:\s*([ap])\.?m\.?)?$/i;
  const TWELVE = new Intl.DateTimeFormat("en-GB", { hour: "numeric", minute: "2-digit", hourCycle: "h12", timeZone: "UTC" });

  const pad = (number) => String(number).padStart(2, "0");
  const onTwelve = () => Boolean(document.querySelector("[data-hour-cycle=h12]"));
  const twelve = (minute) => TWELVE.format(minute * 60000).replace(/\s/, "\u00a0");
  const words = (minute) => (onTwelve() ? twelve(minute) : pad(Math.floor(minute / 60)) + ":" + pad(minute % 60));

  const minuteOf = (text, end) => {
    const match = CLOCK.exec(text.trim());
    if (!match) return null;
    let hours = Number(match[1] || match[3]);
    if (match[5] && (hours < 1 || hours > 12)) return null;
    if (match[5]) hours = (hours % 12) + (match[5].toLowerCase() === "p" ? 12 : 0);
    const found = hours * 60 + Number(match[2] || match[4] || 0);
    if (match[5] && end && !found) return DAY;
    return found <= DAY ? found : null;
  };

  const rowsOf = (day) => [...day.querySelectorAll("[data-row]")];

  const periodsOf = (day) => {
    const found = [];
    for (const row of rowsOf(day)) {
      const [opens, closes] = [...row.querySelectorAll("input")].map((field, end) => minuteOf(field.value, end));
      if (opens !== null && closes !== null && opens < closes) found.push([opens, closes]);
    }
    return found.sort((a, b) => a[0] - b[0]);
  };

  // One stretch of a day opened or closed: what is off the half hours elsewhere in the day stays as it was typed.
  const painted = (periods, from, to, open) => {
    const left = [];
    for (const [opens, closes] of periods) {
      if (open && closes >= from && opens <= to) {
        from = Math.min(from, opens);
        to = Math.max(to, closes);
      } else if (open || closes <= from || opens >= to) {
        left.push([opens, closes]);
      } else {
        if (opens < from) left.push([opens, from]);
        if (closes > to) left.push([to, closes]);
      }
    }
    if (open) left.push([from, to]);
    return left.sort((a, b) => a[0] - b[0]);
  };

  const number = (row, key, n) => {
    for (const part of row.querySelectorAll("[id], [for], [name], [value]")) {
      for (const name of ["id", "for", "name"]) {
        const said = part.getAttribute(name);
        if (said) part.setAttribute(name, said.replace(/^(f-)?[a-z]+-\d+/, (all, f) => (f || "") + key + "-" + n));
      }
    }
    const button = row.querySelector("button");
    if (button) button.value = key + "-" + n;
  };

  const write = (day, periods) => {
    const place = day.querySelector("[data-rows]");
    const rows = rowsOf(day);
    const told = periods.length ? periods.map((one) => one.map(words)) : [["", ""]];
    while (rows.length < told.length) {
      const made = rows[0].cloneNode(true);
      place.append(made);
      rows.push(made);
    }
    for (const extra of rows.splice(told.length)) extra.remove();
    rows.forEach((row, n) => {
      number(row, day.dataset.day, n);
      row.querySelectorAll("input").forEach((field, end) => {
        field.value = told[n][end];
        field.removeAttribute("aria-invalid");
        field.removeAttribute("aria-describedby");
      });
      for (const error of row.querySelectorAll(".error")) error.remove();
    });
  };

  const paintable = (form) => {
    const table = form.querySelector(".paint");
    const days = [...form.querySelectorAll("[data-day]")];
    const fixed = form.querySelector("fieldset").disabled;
    const most = 12;
    const cells = [];
    let whole = false;

    const bounds = () => {
      const all = days.flatMap(periodsOf).flat();
      const first = Math.min(DAYLIGHT[0], ...all), last = Math.max(DAYLIGHT[1], ...all);
      return whole ? [0, DAY] : [Math.floor(first / STEP) * STEP, Math.ceil(last / STEP) * STEP];
    };

    const element = (name, facts, text) => {
      const made = document.createElement(name);
      for (const [key, value] of Object.entries(facts)) made.setAttribute(key, value);
      if (text) made.textContent = text;
      return made;
    };

    const build = () => {
      const [first, last] = bounds();
      const head = element("tr", {});
      head.append(element("td", {}));
      for (const day of days) {
        const name = element("th", { scope: "col" });
        name.append(element("abbr", { title: day.dataset.name }, day.dataset.short));
        head.append(name);
      }
      const body = element("tbody", {});
      cells.length = 0;
      for (let minute = first; minute < last; minute += STEP) {
        const row = element("tr", {});
        const hour = minute % 60 === 0;
        const label = words(minute).replace(":00\u00a0", "\u00a0"); // 9 am
        row.append(element("th", { scope: "row", class: hour ? "on-hour" : "half-hour" }, label));
        days.forEach((day, column) => {
          const cell = element("td", { role: "gridcell", tabindex: "-1", class: hour ? "on-hour" : "half-hour" });
          Object.assign(cell, { day, minute, column, line: cells.length });
          row.append(cell);
        });
        cells.push([...row.querySelectorAll("[role=gridcell]")]);
        body.append(row);
      }
      const top = element("thead", {});
      top.append(head);
      table.replaceChildren(top, body);
      if (cells.length) cells[0][0].tabIndex = 0;
      show();
    };

    const state = (cell) => {
      let open = 0;
      for (const [from, to] of periodsOf(cell.day)) open += Math.max(0, Math.min(to, cell.minute + STEP) - Math.max(from, cell.minute));
      return open >= STEP ? "open" : open > 0 ? "partly" : "closed";
    };

    const sum = () => {
      const total = days.flatMap(periodsOf).reduce((all, [from, to]) => all + to - from, 0);
      const place = document.querySelector("[data-total]");
      const pattern = total % 60 ? place.dataset.pattern : place.dataset.patternHours;
      place.textContent = pattern.replace("HOURS", Math.floor(total / 60)).replace("MINUTES", total % 60);
    };

    const show = () => {
      for (const cell of cells.flat()) {
        const now = state(cell);
        cell.dataset.state = now;
        cell.setAttribute("aria-selected", now === "closed" ? "false" : "true");
        cell.setAttribute("aria-label", cell.day.dataset.name + " " + words(cell.minute) + "–" + words(cell.minute + STEP) + ", " + table.dataset[now]);
      }
    };

    const set = (cell, open) => {
      const wanted = painted(periodsOf(cell.day), cell.minute, cell.minute + STEP, open);
      if (wanted.length > most) return;
      write(cell.day, wanted);
      show();
      sum();
    };

    let open = null;
    let last = null;

    const begin = (cell) => {
      open = state(cell) !== "open";
      set(cell, open);
      last = cell;
    };

    // A quick hand skips cells: all between the last one and this one are painted.
    const drag = (cell) => {
      if (!last || cell === last) return;
      const [fromLine, toLine] = [last.line, cell.line].sort((a, b) => a - b);
      const [fromColumn, toColumn] = [last.column, cell.column].sort((a, b) => a - b);
      for (let line = fromLine; line <= toLine; line += 1) {
        for (let column = fromColumn; column <= toColumn; column += 1) set(cells[line][column], open);
      }
      last = cell;
    };

    const focus = (cell) => {
      for (const other of table.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
      cell.tabIndex = 0;
      cell.focus();
    };

    const at = (event) => {
      const found = document.elementFromPoint(event.clientX, event.clientY);
      return found && found.closest(".paint [role=gridcell]");
    };

    if (!fixed) {
      table.addEventListener("pointerdown", (event) => {
        const cell = event.target.closest("[role=gridcell]");
        if (!cell || event.button) return;
        event.preventDefault();
        if (event.target.hasPointerCapture(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
        focus(cell);
        begin(cell);
      });
      document.addEventListener("pointermove", (event) => {
        if (open === null) return;
        const cell = at(event);
        if (cell) drag(cell);
      });
      for (const name of ["pointerup", "pointercancel"]) {
        document.addEventListener(name, () => {
          open = null;
          last = null;
        });
      }
    }

    const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    table.addEventListener("keydown", (event) => {
      const cell = event.target.closest("[role=gridcell]");
      if (!cell) return;
      const move = MOVES[event.key];
      if (move) {
        event.preventDefault();
        const next = (cells[cell.line + move[0]] || [])[cell.column + move[1]];
        if (!next) return;
        if (event.shiftKey && !fixed) set(next, state(cell) !== "closed");
        focus(next);
      } else if ((event.key === " " || event.key === "Enter") && !fixed) {
        event.preventDefault();
        set(cell, state(cell) !== "open");
      }
    });

    form.addEventListener("input", () => {
      show();
      sum();
    });

    const button = form.querySelector("[data-whole-day]");
    button.addEventListener("click", () => {
      whole = !whole;
      button.setAttribute("aria-pressed", String(whole));
      build();
    });

    form.querySelector("[data-paint]").hidden = false;
    build();
  };

  // Hours are asked for only where the day is open.
  const onlyWhenOpen = (part) => {
    const form = part.closest("form");
    const show = () => {
      const chosen = form.querySelector("input[name=what]:checked");
      part.hidden = Boolean(chosen) && chosen.value !== "open";
    };
    form.addEventListener("change", show);
    show();
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("[data-hours-form]")) paintable(form);
    for (const part of document.querySelectorAll("[data-when-open]")) onlyWhenOpen(part);
  });
})();
