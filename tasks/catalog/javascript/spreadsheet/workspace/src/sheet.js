import { parseAddress } from './address.js';
import { evaluate } from './evaluator.js';
import { parse } from './parser.js';

/** A sheet of cells that hold numbers, texts and formulas. */
export class Sheet {
  #cells = new Map();

  setCell(name, input) {
    checkName(name);
    if (typeof input !== 'string') throw new TypeError('input: not a string');
    if (input === '') this.#cells.delete(name);
    else this.#cells.set(name, { input, ...contentOf(input) });
  }

  cellInput(name) {
    checkName(name);
    return this.#cells.get(name)?.input ?? '';
  }

  cellValue(name) {
    checkName(name);
    const cell = this.#cells.get(name);
    if (cell === undefined) return null;
    return cell.formula ? evaluate(cell.formula, (other) => this.cellValue(other)) : cell.value;
  }
}

function contentOf(input) {
  if (input.startsWith('=')) return { formula: parse(input.slice(1)) };
  return { value: /^-?\d+(\.\d+)?$/.test(input) ? Number(input) : input };
}

function checkName(name) {
  if (parseAddress(name) === undefined) throw new RangeError(`no such cell: ${name}`);
}
