const NAME = /^([A-Z]{1,2})([1-9]\d{0,3})$/;

/** Returns column and row of a cell's name, or undefined if no cell has this name. */
export function parseAddress(name) {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const column = [...match[1]].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0);
  return { column, row: Number(match[2]) };
}
