import assert from "node:assert/strict";
import { test } from "node:test";

import { open } from "page";

const NOISE = {
  title: "Noise at the harbour",
  unit: "dB",
  columns: ["night", "noon", "evening"],
  rows: ["Monday", "Tuesday", "Wednesday"],
  values: [
    [41.5, 61.25, 55],
    [40, null, 55],
    [-2, 47.9, 58.75],
  ],
};

/** Source of the data, with numbers that JSON can't hold. */
function source(value) {
  if (Array.isArray(value)) return `[${value.map(source).join(",")}]`;
  if (value === undefined || typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return JSON.stringify(value);
}

function shown(data = {}) {
  const all = Object.entries({ ...NOISE, ...data }).map(([key, value]) => `${key}: ${source(value)}`);
  return open("index.html", { files: { "data.js": `window.HEATMAP = { ${all.join(", ")} };` } });
}

const table = (rows, columns, values) => ({
  rows: Array.from({ length: rows }, (_, n) => `r${n}`),
  columns: Array.from({ length: columns }, (_, n) => `c${n}`),
  values,
});
const cellsOf = (page) => page.one("grid").all("gridcell");
const levels = (page) => cellsOf(page).map((cell) => cell.attr("data-level"));
const legend = (page) => page.one("list", "Legend").all("listitem").map((item) => item.text);
const marks = (page) => cellsOf(page).flatMap((cell, n) => (cell.attr("aria-selected") === "true" ? [n] : []));
const status = (page) => page.one("status").text;

/** The number of the cell with the focus; checks that it alone is the tab stop. */
function here(page) {
  const cells = cellsOf(page);
  const stops = cells.flatMap((cell, n) => (cell.attr("tabindex") === "0" ? [n] : []));
  const others = cells.filter((cell) => cell.attr("tabindex") === "-1").length;
  assert.deepEqual([stops.length, others], [1, cells.length - 1], "one cell has tabindex 0, all others -1");
  assert.equal(page.focused, cells[stops[0]], "the tab stop has the focus");
  return stops[0];
}

/** Where each stroke leads, one after the other, from a cell. */
function walked(page, from, ...strokes) {
  page.click(cellsOf(page)[from]);
  return strokes.map((keys) => {
    page.press(keys);
    return here(page);
  });
}

test("the grid has its title, headers and cells", () => {
  const page = shown();
  const grid = page.one("grid", "Noise at the harbour");
  const columns = grid.all("columnheader").map((each) => each.name);
  assert.deepEqual(columns.slice(-3), NOISE.columns);
  assert.ok(columns.length <= 4, "there may be one more for the corner");
  assert.deepEqual(grid.all("row").map((row) => row.all("columnheader").length), [columns.length, 0, 0, 0]);
  assert.deepEqual(grid.all("rowheader").map((each) => each.name), NOISE.rows);
  const rows = grid.all("row").filter((row) => row.all("gridcell").length);
  assert.deepEqual(rows.map((row) => row.all("gridcell").map((cell) => cell.text)), [
    ["41.5", "61.3", "55"],
    ["40", "\u2013", "55"],
    ["\u22122", "47.9", "58.8"],
  ]);
  for (const [n, row] of rows.entries()) {
    const [first] = row.queryAll("*").filter((each) => each.role === "rowheader" || each.role === "gridcell");
    assert.deepEqual([first.role, first.name], ["rowheader", NOISE.rows[n]], "a row begins with its header");
  }
  assert.equal(status(page), "");
});

test("cells say where they are, what they hold and their level", () => {
  const page = shown();
  assert.deepEqual(cellsOf(page).map((cell) => cell.name), [
    "Monday, night: 41.5 dB, level 2 of 5",
    "Monday, noon: 61.3 dB, level 5 of 5",
    "Monday, evening: 55 dB, level 3 of 5",
    "Tuesday, night: 40 dB, level 1 of 5",
    "Tuesday, noon: no data",
    "Tuesday, evening: 55 dB, level 3 of 5",
    "Wednesday, night: \u22122 dB, level 1 of 5",
    "Wednesday, noon: 47.9 dB, level 2 of 5",
    "Wednesday, evening: 58.8 dB, level 4 of 5",
  ]);
});

test("an empty unit leaves no space", () => {
  const page = shown({ unit: "" });
  assert.equal(cellsOf(page)[0].name, "Monday, night: 41.5, level 2 of 5");
  page.dblclick(cellsOf(page)[0]);
  assert.equal(status(page), "Monday, night: 41.5");
});

test("numbers are rounded to one decimal, away from zero", () => {
  const values = [[0.25, -0.25, -0.04, -0, 1234567, -1234.96, 0.05, 9.96, -0.05, 2.349]];
  const page = shown(table(1, 10, values));
  const texts = ["0.3", "\u22120.3", "0", "0", "1234567", "\u22121235", "0.1", "10", "\u22120.1", "2.3"];
  assert.deepEqual(cellsOf(page).map((cell) => cell.text), texts);
});

test("what is no finite number is no data", () => {
  const page = shown(table(1, 8, [[null, NaN, Infinity, -Infinity, "5", true, undefined, [1]]]));
  assert.deepEqual(cellsOf(page).map((cell) => cell.text), Array(8).fill("\u2013"));
  assert.deepEqual(levels(page), Array(8).fill(null));
  assert.equal(cellsOf(page)[2].name, "r0, c2: no data");
  assert.deepEqual(legend(page), ["No data"]);
});

test("short and long lists of values", () => {
  const page = shown(table(3, 2, [[1, 2, 99], [3]]));
  assert.deepEqual(cellsOf(page).map((cell) => cell.text), ["1", "2", "3", "\u2013", "\u2013", "\u2013"]);
  assert.deepEqual(levels(page), ["1", "2", "4", null, null, null]);
  const more = shown(table(1, 2, [[1, 2], [3, 4]]));
  assert.deepEqual([cellsOf(more).length, ...levels(more)], [2, "1", "3"]);
});

test("labels are text, whatever is in them", () => {
  const page = shown({ title: "<i>a</i> & b", unit: "<u>", rows: ["<b>x</b>", "&lt;", "z"], columns: ["<img src=q>", "y", "w"] });
  assert.equal(page.one("grid").name, "<i>a</i> & b");
  assert.deepEqual(page.all("rowheader").map((each) => each.text), ["<b>x</b>", "&lt;", "z"]);
  assert.equal(cellsOf(page)[0].name, "<b>x</b>, <img src=q>: 41.5 <u>, level 2 of 5");
  page.dblclick(cellsOf(page)[0]);
  assert.equal(status(page), "<b>x</b>, <img src=q>: 41.5 <u>");
  assert.equal(page.query("img"), null);
});

test("levels by rank: ties share one, and no data is not counted", () => {
  const page = shown(table(2, 6, [[5, 5, 5, 1, null, -7], [5, 9, 5, 5, 5, NaN]]));
  assert.deepEqual(levels(page), ["2", "2", "2", "1", null, "1", "2", "5", "2", "2", "2", null]);
  const equal = shown(table(1, 3, [[4, 4, 4]]));
  assert.deepEqual(levels(equal), ["1", "1", "1"]);
  assert.deepEqual(levels(shown(table(1, 6, [[1, 2, 3, 4, 5, 6]]))), ["1", "1", "2", "3", "4", "5"]);
});

test("levels by range: equal widths, the largest is on top", () => {
  const page = shown(table(1, 9, [[-10, -6.01, -6, 0, 1.9, 2, 6, 9.99, 10]]));
  page.click(page.one("group", "Scale").one("radio", "Range"));
  assert.deepEqual(levels(page), ["1", "1", "2", "3", "3", "4", "5", "5", "5"]);
  const equal = shown(table(1, 3, [[-3, -3, null]]));
  equal.click(equal.one("radio", "Range"));
  assert.deepEqual(levels(equal), ["1", "1", null]);
});

test("the legend has the levels that occur, with their values", () => {
  const page = shown();
  assert.deepEqual(legend(page), ["Level 1: \u22122 to 40", "Level 2: 41.5 to 47.9", "Level 3: 55", "Level 4: 58.8", "Level 5: 61.3", "No data"]);
  const near = shown(table(1, 5, [[0.01, 0.02, 100, 200.01, 200.04]]));
  assert.deepEqual(legend(near), ["Level 1: 0", "Level 2: 0", "Level 3: 100", "Level 4: 200", "Level 5: 200"]);
  near.click(near.one("radio", "Range"));
  assert.deepEqual(legend(near), ["Level 1: 0", "Level 3: 100", "Level 5: 200"]);
});

test("a scale changes names, levels and legend, and nothing else", () => {
  const page = shown();
  const scale = page.one("group", "Scale");
  assert.deepEqual(scale.all("radio").map((each) => [each.name, each.checked]), [["Rank", true], ["Range", false]]);
  const cells = cellsOf(page);
  page.click(cells[1]);
  page.press("Enter", "ArrowDown", "ArrowRight");
  page.heard();
  page.click(scale.one("radio", "Range"));
  assert.deepEqual(cellsOf(page), cells, "cells are the same elements");
  assert.equal(cells[0].name, "Monday, night: 41.5 dB, level 4 of 5");
  assert.deepEqual(levels(page), ["4", "5", "5", "4", null, "5", "1", "4", "5"]);
  assert.deepEqual(legend(page), ["Level 1: \u22122", "Level 4: 40 to 47.9", "Level 5: 55 to 61.3", "No data"]);
  assert.deepEqual([marks(page), status(page), page.heard()], [[1], "Monday, noon: 61.3 dB", []]);
  assert.equal(cells[5].attr("tabindex"), "0");
  page.click(scale.one("radio", "Rank"));
  assert.equal(cells[0].name, "Monday, night: 41.5 dB, level 2 of 5");
});

test("colours come from the style sheet alone", () => {
  const page = shown();
  page.dblclick(cellsOf(page)[0]);
  for (const cell of cellsOf(page)) assert.equal(cell.attr("style"), null, cell.name);
});

test("nothing to show", () => {
  for (const data of [{ rows: [] }, { columns: [] }, { rows: [], columns: [], values: [] }]) {
    const page = shown(data);
    assert.ok(page.text.includes("Nothing to show."), "the page says so");
    assert.deepEqual(["grid", "list", "radio"].map((role) => page.all(role).length), [0, 0, 0]);
  }
  assert.ok(!shown().text.includes("Nothing to show."), "there is something");
  assert.deepEqual(cellsOf(shown(table(1, 1, []))).map((cell) => cell.name), ["r0, c0: no data"]);
});

test("the grid is one tab stop, and keeps it", () => {
  const page = shown();
  assert.equal(page.focused, null);
  page.press("Tab", "Tab");
  assert.equal(here(page), 0);
  page.press("ArrowRight", "ArrowDown");
  assert.equal(here(page), 4);
  page.press("Tab");
  assert.ok(page.focused === null || page.focused.role !== "gridcell", "Tab leaves the grid");
  page.press("Shift+Tab");
  assert.equal(here(page), 4);
  page.press("Shift+Tab");
  assert.equal(page.focused.role, "radio");
  page.click(cellsOf(page)[8]);
  assert.equal(here(page), 8);
});

test("arrow keys stop at the edges", () => {
  const page = shown();
  assert.deepEqual(walked(page, 0, "ArrowLeft", "ArrowUp", "ArrowRight", "ArrowRight", "ArrowRight"), [0, 0, 1, 2, 2]);
  assert.deepEqual(walked(page, 2, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp"), [5, 8, 8, 7, 4]);
});

test("Home, End and pages", () => {
  const page = shown(table(12, 3, []));
  assert.deepEqual(walked(page, 4, "Home", "End", "Ctrl+Home", "Ctrl+End"), [3, 5, 0, 35]);
  assert.deepEqual(walked(page, 4, "PageDown", "PageDown", "PageDown", "PageUp", "PageUp", "PageUp"), [19, 34, 34, 19, 4, 1]);
});

test("m goes to the largest values, one after the other", () => {
  const page = shown(table(2, 3, [[7, 1, 7], [null, -1, 7]]));
  assert.deepEqual(walked(page, 1, "m", "m", "m", "m"), [2, 5, 0, 2]);
  assert.deepEqual(walked(shown(table(1, 3, [[-1, -9, null]])), 0, "m", "ArrowRight", "m"), [0, 1, 0]);
  assert.deepEqual(walked(shown(table(1, 4, [[7.04, 7.01, null, 7.04]])), 0, "m", "m", "ArrowLeft", "m"), [3, 0, 0, 3], "by values, not by what is displayed");
  assert.deepEqual(walked(shown(table(1, 3, [[null, 2, null]])), 2, "m", "m"), [1, 1]);
  assert.deepEqual(walked(shown(table(1, 3, [])), 1, "m"), [1]);
});

test("two cells can be marked, and the third takes the place of the first", () => {
  const page = shown();
  assert.equal(page.one("grid").attr("aria-multiselectable"), "true");
  assert.deepEqual(cellsOf(page).map((cell) => cell.attr("aria-selected")), Array(9).fill("false"));
  page.click(cellsOf(page)[0]);
  assert.deepEqual(marks(page), []);
  page.press("Enter", "ArrowRight", "Space");
  assert.deepEqual(marks(page), [0, 1]);
  page.press("Enter", "ArrowLeft", "Space");
  assert.deepEqual(marks(page), []);
  page.press("Enter", "ArrowRight", "Space");
  assert.deepEqual(marks(page), [0, 1]);
  page.dblclick(cellsOf(page)[8]);
  assert.deepEqual([marks(page), here(page)], [[1, 8], 8]);
  page.dblclick(cellsOf(page)[1]);
  assert.deepEqual(marks(page), [8]);
  page.dblclick(cellsOf(page)[1]);
  page.dblclick(cellsOf(page)[2]);
  assert.deepEqual(marks(page), [1, 2]);
});

test("the status tells of marks", () => {
  const page = shown({ values: [[0.16, 0.24, -3]] });
  const at = (n) => cellsOf(page)[n];
  page.dblclick(at(0));
  assert.deepEqual(page.heard(), ["Monday, night: 0.2 dB"]);
  page.dblclick(at(1));
  assert.deepEqual(page.heard(), ["Difference: 0.1 dB"]);
  page.dblclick(at(2));
  assert.deepEqual(page.heard(), ["Difference: \u22123.2 dB"]);
  page.dblclick(at(1));
  assert.deepEqual(page.heard(), ["Monday, evening: \u22123 dB"]);
  page.press("ArrowRight", "m", "Home");
  assert.deepEqual([page.heard(), status(page)], [[], "Monday, evening: \u22123 dB"]);
  page.dblclick(at(2));
  assert.deepEqual([status(page), marks(page)], ["", []]);
});

test("cells without data are reached, and not marked", () => {
  const page = shown();
  assert.deepEqual(walked(page, 3, "ArrowRight"), [4]);
  page.press("Enter", "Space");
  page.dblclick(cellsOf(page)[4]);
  assert.deepEqual([marks(page), status(page), page.heard()], [[], "", []]);
  page.press("ArrowRight", "Enter", "ArrowLeft", "Enter");
  assert.deepEqual([marks(page), status(page)], [[5], "Tuesday, evening: 55 dB"]);
});
