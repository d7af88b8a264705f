// An element of the page: what it is each time that it is asked, for as long as it is there.
'use strict';

const { inspect } = require('util');

class PageElement {
  #page;
  #words = 'the element';

  constructor(page, number) {
    this.#page = page;
    this.number = number;
  }

  get #drawn() {
    return this.#page.drawn;
  }

  get #node() {
    const node = this.#drawn.node(this.number);
    if (node === undefined) throw new Error(`${this.#words} is no longer on the page`);
    this.#words = `${node.localName}${node.id && `#${node.id}`}`;
    return node;
  }

  get #live() {
    return this.#drawn.live(this.#node);
  }

  get exists() {
    return this.#drawn.node(this.number) !== undefined;
  }

  get tag() {
    return this.#node.localName;
  }

  get id() {
    return this.#node.id;
  }

  get role() {
    return this.#drawn.role(this.#node);
  }

  get name() {
    return this.#drawn.name(this.#node);
  }

  get description() {
    return this.#drawn.description(this.#node);
  }

  get text() {
    return this.#drawn.text(this.#node);
  }

  get visible() {
    return this.#drawn.isVisible(this.#node);
  }

  get accessible() {
    return this.#drawn.isAccessible(this.#node);
  }

  get focused() {
    return this.#node !== undefined && this.#drawn.focus === this.number;
  }

  get disabled() {
    return this.#node.matches(':disabled') || this.attr('aria-disabled') === 'true';
  }

  get value() {
    return this.#live.value;
  }

  get checked() {
    return this.#live.checked;
  }

  get indeterminate() {
    return this.#live.indeterminate;
  }

  get selected() {
    return this.#live.selected;
  }

  get valid() {
    return this.#live.valid;
  }

  get message() {
    return this.#live.message;
  }

  get tabIndex() {
    return this.#live.tabIndex;
  }

  get parent() {
    return this.#found(this.#node.parentElement);
  }

  get children() {
    return [...this.#node.children].map((each) => this.#found(each));
  }

  attr(name) {
    return this.#node.getAttribute(name);
  }

  matches(selector) {
    return this.#node.matches(selector);
  }

  closest(selector) {
    return this.#found(this.#node.closest(selector));
  }

  query(selector) {
    return this.#found(this.#node.querySelector(selector));
  }

  queryAll(selector) {
    return [...this.#node.querySelectorAll(selector)].map((each) => this.#found(each));
  }

  // The elements that an attribute names by their ids, in its order.
  named(attribute) {
    const ids = (this.attr(attribute) ?? '').split(/\s+/).filter(Boolean);
    return ids.map((id) => this.#found(this.#node.ownerDocument.getElementById(id))).filter(Boolean);
  }

  all(role, name) {
    const found = this.queryAll('*').filter((each) => each.role === role && each.accessible);
    return name === undefined ? found : found.filter((each) => isNamed(each, name));
  }

  one(role, name) {
    return this.only(this.all(role), role, name);
  }

  // The one of some elements that has a name.
  only(elements, what, name) {
    const found = name === undefined ? elements : elements.filter((each) => isNamed(each, name));
    if (found.length === 1) return found[0];
    const wanted = name === undefined ? what : `${what} ${inspect(name)}`;
    const names = elements.map((each) => inspect(each.name)).join(', ') || 'none';
    throw new Error(`expected one ${wanted} on the page, found ${found.length}; each ${what} there: ${names.slice(0, 500)}`);
  }

  toString() {
    return this.exists ? `<${this.#node && this.#words}>` : `<${this.#words}, no longer there>`;
  }

  [inspect.custom]() {
    return this.toString();
  }

  #found(node) {
    return node ? this.#page.handle(this.#drawn.number(node)) : null;
  }
}

function isNamed(element, name) {
  return name instanceof RegExp ? name.test(element.name) : element.name === name;
}

module.exports = { PageElement };
