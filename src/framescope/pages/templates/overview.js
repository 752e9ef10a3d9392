// Sorting, filtering and keys for the page of an overview. The page says all it has to say without it.
"use strict";
for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;

const folded = (text) => text.toLocaleLowerCase().normalize("NFC");

for (const box of document.querySelectorAll("input[data-filter]")) {
  box.addEventListener("input", () => {
    const sought = folded(box.value.trim());
    for (const part of document.querySelectorAll(box.dataset.filter)) {
      part.hidden = sought !== "" && !folded(part.dataset.name).includes(sought);
    }
  });
}

function sortBy(table, column, button) {
  const head = button.closest("th");
  const isFalling = head.getAttribute("aria-sort") !== "descending";
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", isFalling ? "descending" : "ascending");
  const body = table.tBodies[0];
  const key = (row) => row.cells[column].dataset.value;
  const isNumber = [...body.rows].every((row) => key(row) !== "" && Number.isFinite(Number(key(row))));
  const compare = isNumber ? (a, b) => key(a) - key(b) : (a, b) => key(b).localeCompare(key(a));
  body.append(...[...body.rows].sort((a, b) => (isFalling ? compare(b, a) : compare(a, b))));
}

for (const table of document.querySelectorAll("table[data-sortable]")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sortBy(table, column, button));
  });
}

// In a heat map one cell is a stop of the Tab key, and arrows go to the others.
for (const grid of document.querySelectorAll("table.heat")) {
  const links = [...grid.querySelectorAll("td a")];
  links.forEach((link, place) => (link.tabIndex = place ? -1 : 0));
  const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  grid.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const cell = event.target.closest("td");
    if (!step || !cell) return;
    const rows = [...grid.tBodies[0].rows].filter((row) => !row.hidden);
    let down = rows.indexOf(cell.parentElement), across = cell.cellIndex;
    for (;;) {
      down += step[0];
      across += step[1];
      const next = rows[down]?.cells[across];
      if (!next) return;
      const link = next.hidden ? null : next.querySelector("a");
      if (next.tagName === "TD" && link) {
        event.preventDefault();
        event.target.tabIndex = -1;
        link.tabIndex = 0;
        link.focus();
        return;
      }
    }
  });
}

// A panel closes with Escape, and gives the focus back to what has opened it.
let opener = null;
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#e"]');
  if (link) opener = link;
  const close = event.target.closest(".exhibit .close");
  if (close) {
    event.preventDefault();
    closePanel();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.querySelector(".exhibit:target")) closePanel();
});
function closePanel() {
  const panel = document.querySelector(".exhibit:target");
  const place = opener ?? document.getElementById(panel.querySelector(".close").hash.slice(1));
  const { scrollX, scrollY } = window;
  location.hash = "#none";
  window.scrollTo(scrollX, scrollY);
  place?.focus({ preventScroll: true });
}

function openProfile() {
  const details = document.getElementById(location.hash.slice(1))?.closest("details");
  if (details) details.open = true;
}
window.addEventListener("hashchange", openProfile);
openProfile();
