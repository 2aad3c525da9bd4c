// Draws the charts of a report from the tables beside them, in the colours of the page. Without it the tables stand open.
(() => {
  "use strict";

  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // Filled and edged so that they differ in lightness too.
  const TONES = {
    good: ["--good", "--surface"],
    bad: ["--bad", "--surface"],
    warn: ["--warn-line", "--warn"],
    plain: ["--sunken", "--line-strong"],
  };

  // The rows of a table: a name and whole numbers for each column that has a tone.
  const read = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    return {
      names: rows.map((row) => row.cells[0].dataset.short),
      sets: heads.flatMap((head, column) =>
        head.dataset.tone
          ? [
              {
                label: head.textContent.trim(),
                tone: head.dataset.tone,
                data: rows.map((row) => Number(row.cells[column].textContent)),
              },
            ]
          : [],
      ),
    };
  };

  // A long name goes on in a second line, or ends in dots.
  const folded = (name) => {
    const lines = [""];
    for (const word of name.split(" ")) {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length > 20) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines.length > 3 ? [...lines.slice(0, 2), `${lines[2]} …`] : lines;
  };

  const draw = (part) => {
    const canvas = part.querySelector("canvas");
    const { names, sets } = read(part.querySelector("table"));
    const lying = "lying" in canvas.dataset;
    const ink = colour("--ink-soft");
    const counts = { stacked: true, beginAtZero: true, ticks: { color: ink, precision: 0 }, grid: { color: colour("--line") } };
    const labels = {
      stacked: true,
      ticks: { color: ink, autoSkip: !lying, maxRotation: 45 },
      grid: { display: false },
    };
    canvas.parentElement.style.blockSize = lying ? `${Math.max(9, 5 + names.length * 3.25)}rem` : "17rem";
    return new window.Chart(canvas, {
      type: "bar",
      data: {
        labels: lying ? names.map(folded) : names,
        datasets: sets.map((set) => ({
          label: set.label,
          data: set.data,
          backgroundColor: colour(TONES[set.tone][0]),
          borderColor: colour(TONES[set.tone][1]),
          borderWidth: 1,
          maxBarThickness: 44,
        })),
      },
      options: {
        indexAxis: lying ? "y" : "x",
        animation: still.matches ? false : { duration: 300 },
        maintainAspectRatio: false,
        scales: lying ? { x: counts, y: labels } : { x: labels, y: counts },
        plugins: {
          legend: { position: "bottom", labels: { color: colour("--ink"), boxWidth: 14, boxHeight: 14 } },
        },
      },
    });
  };

  const drawAll = () => {
    window.Chart.defaults.font.family = colour("--font");
    for (const chart of drawn.splice(0)) chart.destroy();
    for (const part of document.querySelectorAll(".chart")) drawn.push(draw(part));
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!window.Chart) return;
    for (const part of document.querySelectorAll(".chart")) {
      part.querySelector(".drawing").hidden = false;
      part.querySelector("details").open = false;
    }
    drawAll();
    dark.addEventListener("change", drawAll);
  });
})();
