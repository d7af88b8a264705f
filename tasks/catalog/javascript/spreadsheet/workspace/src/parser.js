import { parseAddress } from './address.js';
import { tokenize } from './lexer.js';

const LEVELS = [
  ['+', '-'],
  ['*', '/'],
];

/** Makes a tree of the text of a formula (without its =). */
export function parse(text) {
  const parser = new Parser(tokenize(text));
  const tree = parser.expression();
  parser.end();
  return tree;
}

class Parser {
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
    if (token.text !== '(') throw new SyntaxError(`unexpected ${token.text}`);
    const inside = this.expression();
    this.#expect(')');
    return inside;
  }

  #reference({ text }) {
    if (parseAddress(text) === undefined) throw new SyntaxError(`no such cell: ${text}`);
    return { kind: 'reference', name: text };
  }

  #peek() {
    return this.#tokens[this.#at];
  }

  #next() {
    if (this.#at === this.#tokens.length) throw new SyntaxError('the formula ends too early');
    this.#at += 1;
    return this.#tokens[this.#at - 1];
  }

  #expect(text) {
    const token = this.#next();
    if (token.text !== text) throw new SyntaxError(`unexpected ${token.text}, not ${text}`);
  }
}
