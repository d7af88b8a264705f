import { LAST_ROW, parseAddress, withRow } from './address.js';
import { tokenize } from './lexer.js';

/** Returns how inserting rows moves a row. */
export function insertion(first, count) {
  const moved = (row) => {
    const to = row >= first ? row + count : row;
    if (to > LAST_ROW) throw new RangeError(`row ${row} would be moved past the last one`);
    return to;
  };
  return { cell: moved, range: (top, bottom) => [moved(top), bottom + moved(top) - top] };
}

/** Returns how deleting rows moves a row; undefined is a deleted one. */
export function deletion(first, count) {
  const next = first + count;
  const cell = (row) => {
    if (row < first) return row;
    return row < next ? undefined : row - count;
  };
  const range = (top, bottom) => {
    const left = [top >= first && top < next ? next : top, bottom >= first && bottom < next ? first - 1 : bottom];
    return left[0] > left[1] ? undefined : left.map(cell);
  };
  return { cell, range };
}

/** Returns the input of a cell after rows were moved: references follow, and all else stays. */
export function movedInput(input, moves) {
  if (!input.startsWith('=')) return input;
  const text = input.slice(1);
  const tokens = tokenize(text);
  let result = '=';
  let done = 0;
  for (let index = 0; index < tokens.length; index += 1) {
    if (tokens[index].type !== 'reference') continue;
    const isRange = tokens[index + 1]?.text === ':';
    const last = isRange ? tokens[index + 2] : tokens[index];
    const { at } = tokens[index];
    const end = last.at + last.text.length;
    const between = text.slice(at + tokens[index].text.length, last.at);
    result += text.slice(done, at) + (isRange ? movedRange(tokens[index].text, between, last.text, moves) : movedName(last.text, moves));
    done = end;
    if (isRange) index += 2;
  }
  return result + text.slice(done);
}

function movedName(name, moves) {
  const row = moves.cell(parseAddress(name).row);
  return row === undefined ? '#REF!' : withRow(name, row);
}

function movedRange(first, between, second, moves) {
  const rows = [parseAddress(first).row, parseAddress(second).row];
  const isUpward = rows[0] > rows[1];
  const moved = isUpward ? moves.range(rows[1], rows[0])?.reverse() : moves.range(...rows);
  return moved === undefined ? '#REF!' : withRow(first, moved[0]) + between + withRow(second, moved[1]);
}
