// The page as it was drawn in the answer's box, made into a document again: one without scripts and styles, of which
// names, roles and texts are worked out.
'use strict';

const { JSDOM } = require('jsdom');
const { computeAccessibleDescription, computeAccessibleName } = require('dom-accessibility-api');
const { roleOf } = require('./roles.js');

const HTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';
const INLINE = new Set(
  'a abbr b bdi bdo br cite code data del dfn em i img ins kbd label mark output q s samp small span strong sub sup time u var wbr'.split(' '),
);
// They would begin to load something, or to be windows of their own.
const INERT = new Set(['iframe', 'frame', 'object', 'embed', 'base', 'script', 'link']);

const { window } = new JSDOM('');

class Drawn {
  #nodes = new Map();
  #facts = new WeakMap();
  #roles = new WeakMap();
  #names = new WeakMap();

  constructor({ tree, focus, title, url, left }) {
    Object.assign(this, { focus: Number(focus), title: String(title), url: String(url), left: left === true });
    window.document.documentElement?.remove();
    window.document.append(this.#made(tree));
    this.rootNumber = tree.n;
  }

  #made(facts) {
    const made = facts.ns === SVG ? window.document.createElementNS(SVG, nameFor(facts)) : window.document.createElement(nameFor(facts));
    for (const [name, value] of facts.attrs) setAttribute(made, name, value);
    this.#nodes.set(facts.n, made);
    this.#facts.set(made, facts);
    made.append(...facts.kids.map((kid) => (typeof kid === 'string' ? kid : this.#made(kid))));
    setLive(made, facts.live);
    return made;
  }

  node(number) {
    return this.#nodes.get(number);
  }

  number(node) {
    return this.#facts.get(node).n;
  }

  live(node) {
    return this.#facts.get(node).live;
  }

  role(node) {
    if (!this.#roles.has(node)) this.#roles.set(node, roleOf(node, () => this.name(node)));
    return this.#roles.get(node);
  }

  name(node) {
    if (!this.#names.has(node)) this.#names.set(node, computeAccessibleName(node, this.#styles()));
    return this.#names.get(node);
  }

  // The library leaves a space for each element that says nothing.
  description(node) {
    return computeAccessibleDescription(node, this.#styles()).replace(/\s+/g, ' ').trim();
  }

  // What the library asks of styles, from what the answer's box said of them.
  #styles() {
    const getComputedStyle = (node) => {
      const { none, unseen } = this.#facts.get(node);
      const known = { display: none ? 'none' : INLINE.has(node.localName) ? 'inline' : 'block', visibility: unseen ? 'hidden' : 'visible' };
      return { ...known, content: '', getPropertyValue: (name) => known[name] ?? '' };
    };
    return { getComputedStyle, computedStyleSupportsPseudoElements: false };
  }

  isVisible(node) {
    return !this.#facts.get(node).unseen && this.#isDisplayed(node);
  }

  #isDisplayed(node) {
    for (let at = node; at; at = at.parentElement) if (this.#facts.get(at).none) return false;
    return true;
  }

  isAccessible(node) {
    return this.isVisible(node) && !node.closest('[aria-hidden=true],[inert]');
  }

  // What somebody who looks at the page reads there, in one line.
  text(node) {
    return this.#isDisplayed(node) ? this.#read(node).replace(/\s+/g, ' ').trim() : '';
  }

  #read(node) {
    const { none, unseen } = this.#facts.get(node);
    if (none) return '';
    const parts = [...node.childNodes].map((kid) => (kid.nodeType === 1 ? this.#read(kid) : unseen ? '' : kid.data));
    const text = parts.join('');
    return INLINE.has(node.localName) && node.localName !== 'br' ? text : ` ${text} `;
  }
}

function nameFor({ name, ns }) {
  if (ns !== HTML && ns !== SVG) return 'x-foreign';
  return INERT.has(name) ? `x-${name}` : name;
}

// Parsers let names through that nobody may set.
function setAttribute(element, name, value) {
  try {
    element.setAttribute(name, value);
  } catch {
    // Nobody can ask for it either.
  }
}

function setLive(element, { value, checked, selected }) {
  if (checked !== undefined) element.checked = checked === true;
  if (selected !== undefined && element.localName === 'option') element.selected = selected === true;
  if (value !== undefined && ['input', 'textarea'].includes(element.localName) && element.type !== 'file') element.value = value;
}

module.exports = { Drawn };
