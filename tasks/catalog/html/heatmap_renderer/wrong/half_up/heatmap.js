"use strict";

const LEVELS = 5;
const PAGE = 5;
const { title, unit, columns, rows, values } = window.HEATMAP;
const byId = (id) => document.getElementById(id);
const cells = [];
let marked = [];

function textOf(value) {
  const rounded = Math.round(value * 10) / 10;
  return `${value < 0 ? "\u2212" : ""}${Math.abs(rounded)}`;
}

function measure(value) {
  return unit === "" ? textOf(value) : `${textOf(value)} ${unit}`;
}

function rankOf(value, numbers) {
  const smaller = numbers.filter((each) => each < value).length;
  return 1 + Math.floor((LEVELS * smaller) / numbers.length);
}

function rangeOf(value, numbers) {
  const min = Math.min(...numbers);
  const max = Math.max(...numbers);
  if (min === max) return 1;
  return value === max ? LEVELS : 1 + Math.floor((LEVELS * (value - min)) / (max - min));
}

function added(parent, tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

function build() {
  const grid = byId("grid");
  added(grid, "caption", title);
  const head = added(grid, "tr", "");
  added(head, "td", "", { role: "presentation" });
  for (const column of columns) added(head, "th", column, { scope: "col" });
  rows.forEach((row, y) => {
    const line = added(grid, "tr", "");
    added(line, "th", row, { scope: "row" });
    columns.forEach((column, x) => {
      const given = values[y]?.[x];
      const value = Number.isFinite(given) ? given : undefined;
      const node = added(line, "td", value === undefined ? "\u2013" : textOf(value), {
        role: "gridcell",
        tabindex: "-1",
        "aria-selected": "false",
      });
      cells.push({ node, value, place: `${row}, ${column}`, x, y });
    });
  });
  cells[0].node.tabIndex = 0;
}

function numbersOf(some) {
  return some.map((cell) => cell.value).filter((value) => value !== undefined);
}

function paint() {
  const numbers = numbersOf(cells);
  const levelOf = document.querySelector("[name=scale]:checked").value === "rank" ? rankOf : rangeOf;
  for (const cell of cells) {
    if (cell.value === undefined) {
      cell.node.setAttribute("aria-label", `${cell.place}: no data`);
      continue;
    }
    cell.level = levelOf(cell.value, numbers);
    cell.node.dataset.level = cell.level;
    cell.node.setAttribute("aria-label", `${cell.place}: ${measure(cell.value)}, level ${cell.level} of ${LEVELS}`);
  }
  explain();
}

function explain() {
  const legend = byId("legend");
  legend.replaceChildren();
  for (let level = 1; level <= LEVELS; level += 1) {
    const numbers = numbersOf(cells.filter((cell) => cell.level === level));
    if (!numbers.length) continue;
    const ends = [textOf(Math.min(...numbers)), textOf(Math.max(...numbers))];
    added(legend, "li", `Level ${level}: ${ends[0] === ends[1] ? ends[0] : ends.join(" to ")}`);
  }
  if (cells.some((cell) => cell.value === undefined)) added(legend, "li", "No data");
}

function stopAt(cell) {
  for (const each of cells) each.node.tabIndex = each === cell ? 0 : -1;
}

function at(x, y) {
  return cells[y * columns.length + x];
}

function nextLargest(cell) {
  const largest = Math.max(...numbersOf(cells));
  const from = cells.indexOf(cell) + 1;
  return [...cells.slice(from), ...cells.slice(0, from)].find((each) => each.value === largest);
}

function target(cell, { key, ctrlKey }) {
  const [right, bottom] = [columns.length - 1, rows.length - 1];
  const { x, y } = cell;
  switch (key) {
    case "ArrowLeft":
      return at(Math.max(x - 1, 0), y);
    case "ArrowRight":
      return at(Math.min(x + 1, right), y);
    case "ArrowUp":
      return at(x, Math.max(y - 1, 0));
    case "ArrowDown":
      return at(x, Math.min(y + 1, bottom));
    case "Home":
      return at(0, ctrlKey ? 0 : y);
    case "End":
      return at(right, ctrlKey ? bottom : y);
    case "PageUp":
      return at(x, Math.max(y - PAGE, 0));
    case "PageDown":
      return at(x, Math.min(y + PAGE, bottom));
    case "m":
      return nextLargest(cell);
    default:
      return undefined;
  }
}

function toggle(cell) {
  if (cell.value === undefined) return;
  marked = marked.includes(cell) ? marked.filter((each) => each !== cell) : [...marked, cell].slice(-2);
  for (const each of cells) each.node.setAttribute("aria-selected", String(marked.includes(each)));
  const [first, second] = marked;
  if (second) byId("status").textContent = `Difference: ${measure(second.value - first.value)}`;
  else byId("status").textContent = first ? `${first.place}: ${measure(first.value)}` : "";
}

function pressed(cell, event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    toggle(cell);
    return;
  }
  const next = target(cell, event);
  if (!next) return;
  event.preventDefault();
  next.node.focus();
}

function start() {
  build();
  paint();
  for (const cell of cells) {
    cell.node.addEventListener("focus", () => stopAt(cell));
    cell.node.addEventListener("keydown", (event) => pressed(cell, event));
    cell.node.addEventListener("click", () => cell.node.focus());
    cell.node.addEventListener("dblclick", () => toggle(cell));
  }
  byId("scale").addEventListener("change", paint);
}

if (rows.length && columns.length) {
  start();
} else {
  for (const id of ["scale", "grid", "legend"]) byId(id).hidden = true;
  byId("empty").hidden = false;
}
