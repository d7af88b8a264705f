import { LAST_ROW, isInRange, parseAddress, readingOrder, withRow } from './address.js';
import { evaluate } from './evaluator.js';
import { CYCLE, Failure } from './failures.js';
import { affectedBy, calculationOrder, inCycles } from './graph.js';
import { parse } from './parser.js';
import { deletion, insertion, movedInput } from './rows.js';

/** A sheet of cells that hold numbers, texts and formulas. */
export class Sheet {
  #cells = new Map();
  #values = new Map();

  setCell(name, input) {
    return this.setCells([[name, input]]);
  }

  /** Fills several cells at once, and returns the names of those whose value has changed. */
  setCells(entries) {
    const contents = entries.map(([name, input]) => [name, contentOf(name, input)]);
    for (const [name, content] of contents) {
      if (content.input === '') this.#cells.delete(name);
      else this.#cells.set(name, content);
    }
    return this.#recalculate(contents.map(([name]) => name));
  }

  cellInput(name) {
    checkName(name);
    return this.#cells.get(name)?.input ?? '';
  }

  cellValue(name) {
    checkName(name);
    const value = this.#values.get(name) ?? null;
    return value instanceof Failure ? value.code : value;
  }

  insertRows(row, count) {
    checkRows(row, count);
    this.#move(insertion(row, count));
  }

  deleteRows(row, count) {
    checkRows(row, count);
    this.#move(deletion(row, count));
  }

  #move(moves) {
    const entries = [];
    for (const [name, { input }] of this.#cells) {
      const row = moves.cell(parseAddress(name).row);
      if (row !== undefined) entries.push([withRow(name, row), movedInput(input, moves)]);
    }
    this.#cells.clear();
    this.#values.clear();
    this.setCells(entries);
  }

  #recalculate(names) {
    const graph = affectedBy(names, this.#referrers());
    const cyclic = inCycles(graph);
    return calculationOrder(graph, cyclic).filter((name) => {
      const value = cyclic.has(name) ? CYCLE : this.#calculate(name);
      const isChanged = value !== this.#values.get(name);
      if (value === undefined) this.#values.delete(name);
      else this.#values.set(name, value);
      return isChanged;
    });
  }

  #calculate(name) {
    const cell = this.#cells.get(name);
    if (!cell?.formula) return cell?.value;
    const valuesIn = (range) => {
      const filled = [...this.#values.keys()].filter((other) => isInRange(other, range));
      return filled.sort((a, b) => readingOrder(a) - readingOrder(b)).map((other) => this.#values.get(other));
    };
    return evaluate(cell.formula.tree, { valueOf: (other) => this.#values.get(other), valuesIn });
  }

  #referrers() {
    const byName = new Map();
    const ranges = [];
    for (const [name, { formula }] of this.#cells) {
      for (const other of formula?.names ?? []) {
        if (!byName.has(other)) byName.set(other, []);
        byName.get(other).push(name);
      }
      for (const range of formula?.ranges ?? []) ranges.push({ range, name });
    }
    return (name) => {
      const inRanges = ranges.filter(({ range }) => isInRange(name, range));
      return new Set([...(byName.get(name) ?? []), ...inRanges.map((entry) => entry.name)]);
    };
  }
}

function contentOf(name, input) {
  checkName(name);
  if (typeof input !== 'string') throw new TypeError('input: not a string');
  if (input.startsWith('=')) return { input, formula: parse(input.slice(1)) };
  return { input, value: /^-?\d+(\.\d+)?$/.test(input) ? Number(input) : input };
}

function checkName(name) {
  if (parseAddress(name) === undefined) throw new RangeError(`no such cell: ${name}`);
}

function checkRows(row, count) {
  const isRow = Number.isInteger(row) && row >= 1 && row <= LAST_ROW;
  if (!isRow || !Number.isInteger(count) || count < 1) throw new RangeError('row, count: not integers from 1');
}
