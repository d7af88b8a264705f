export const LAST_ROW = 9999;

const NAME = /^([A-Z]{1,2})([1-9]\d{0,3})$/;
const ROW_WIDTH = 1000;

/** Returns column and row of a cell's name, or undefined if no cell has this name. */
export function parseAddress(name) {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const column = [...match[1]].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0);
  return { column, row: Number(match[2]) };
}

/** Returns the name of the cell of the same column in another row. */
export function withRow(name, row) {
  return name.replace(/\d+$/, row);
}

/** Returns a number by which cells are sorted in reading order. */
export function readingOrder(name) {
  const { column, row } = parseAddress(name);
  return row * ROW_WIDTH + column;
}

/** Returns the range between two corners, in any order. */
export function rangeBetween(first, second) {
  const [one, other] = [parseAddress(first), parseAddress(second)];
  return {
    top: Math.min(one.row, other.row),
    bottom: Math.max(one.row, other.row),
    left: Math.min(one.column, other.column),
    right: Math.max(one.column, other.column),
  };
}

export function isInRange(name, { top, bottom, left, right }) {
  const { column, row } = parseAddress(name);
  return row >= top && row <= bottom && column >= left && column <= right;
}
