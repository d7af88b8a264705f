import { parseAddress, rangeBetween } from './address.js';
import { AGGREGATES, arityOf } from './functions.js';
import { tokenize } from './lexer.js';

const LEVELS = [
  ['+', '-'],
  ['*', '/'],
];

/** Makes a tree of the text of a formula (without its =), and lists what it refers to. */
export function parse(text) {
  const parser = new Parser(tokenize(text));
  const tree = parser.expression();
  parser.end();
  return { tree, names: parser.names, ranges: parser.ranges };
}

class Parser {
  names = new Set();
  ranges = [];
  #tokens;
  #at = 0;

  constructor(tokens) {
    this.#tokens = tokens;
  }

  expression(level = 0) {
    if (level === LEVELS.length) return this.#unary();
    let left = this.expression(level + 1);
    while (LEVELS[level].includes(this.#peek()?.text)) {
      const operator = this.#next().text;
      left = { kind: 'binary', operator, left, right: this.expression(level + 1) };
    }
    return left;
  }

  end() {
    if (this.#at < this.#tokens.length) throw new SyntaxError(`unexpected ${this.#peek().text}`);
  }

  #unary() {
    if (this.#peek()?.text !== '-') return this.#primary();
    this.#next();
    return { kind: 'negate', operand: this.#unary() };
  }

  #primary() {
    const token = this.#next();
    if (token.type === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.type === 'reference') return this.#reference(token);
    if (token.type === 'error') return { kind: 'error', code: token.text };
    if (token.type === 'name') return this.#call(token.text.toUpperCase());
    if (token.text !== '(') throw new SyntaxError(`unexpected ${token.text}`);
    const inside = this.expression();
    this.#expect(')');
    return inside;
  }

  #reference({ text }) {
    this.names.add(cellName(text));
    return { kind: 'reference', name: text };
  }

  #call(name) {
    const parameters = [];
    let needed = this.#referred();
    this.#expect('(');
    if (this.#peek()?.text === ')') this.#next();
    else {
      do {
        parameters.push(this.#parameter());
        if (parameters.length === 1 && !arityOf(name).takesRanges) needed = this.#referred();
      } while (this.#expect(';', ')') === ';');
    }
    checkCall(name, parameters);
    if (!AGGREGATES.has(name)) Object.assign(this, needed);
    return { kind: 'call', name, parameters };
  }

  #referred() {
    return { names: new Set(this.names), ranges: [...this.ranges] };
  }

  #parameter() {
    if (this.#tokens[this.#at + 1]?.text !== ':') return this.expression();
    const [first, , second] = [this.#next(), this.#next(), this.#next()];
    const range = rangeBetween(cellName(first.text), cellName(second.text));
    this.ranges.push(range);
    return { kind: 'range', range };
  }

  #peek() {
    return this.#tokens[this.#at];
  }

  #next() {
    if (this.#at === this.#tokens.length) throw new SyntaxError('the formula ends too early');
    this.#at += 1;
    return this.#tokens[this.#at - 1];
  }

  #expect(...texts) {
    const token = this.#next();
    if (!texts.includes(token.text)) throw new SyntaxError(`unexpected ${token.text}, not ${texts.join(' or ')}`);
    return token.text;
  }
}

function checkCall(name, parameters) {
  const { least, most, takesRanges } = arityOf(name);
  if (parameters.length < least || parameters.length > most) throw new SyntaxError(`${name}: wrong number of arguments`);
  if (!takesRanges && parameters.some(({ kind }) => kind === 'range')) throw new SyntaxError(`${name}: takes no range`);
}

function cellName(text) {
  if (parseAddress(text) === undefined) throw new SyntaxError(`no such cell: ${text}`);
  return text;
}
