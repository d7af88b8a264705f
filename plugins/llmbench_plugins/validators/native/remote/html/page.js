// What tests import as "page": opens a page of the answer, uses it, and says what is on it.
//
// The page lives in the answer's box. What comes from there is a picture, plain data, of which everything that tests
// read is worked out here, where no script of the page ever was.
'use strict';

const { Drawn } = require('./drawn.js');
const { PageElement } = require('./element.js');

const OPTIONS = ['now', 'width', 'files'];
const FIELDS = 'input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]):not([type=image]),select,textarea,[role=textbox],[role=combobox],[role=checkbox],[role=switch],[role=spinbutton],[role=slider],[role=listbox]';

class Page {
  #peer;
  #stillOpen;
  #drawn;
  #handles = new Map();

  constructor(peer, stillOpen) {
    this.#peer = peer;
    this.#stillOpen = stillOpen;
  }

  get drawn() {
    this.#stillOpen();
    this.#drawn ??= new Drawn(this.#ask({ op: 'look' }));
    return this.#drawn;
  }

  // The one handle of an element, for as long as the page is open.
  handle(number) {
    if (!this.#handles.has(number)) this.#handles.set(number, new PageElement(this, number));
    return this.#handles.get(number);
  }

  get document() {
    return this.handle(this.drawn.rootNumber);
  }

  get title() {
    return this.drawn.title;
  }

  get url() {
    return this.drawn.url;
  }

  get left() {
    return this.drawn.left;
  }

  get text() {
    return this.document.text;
  }

  get focused() {
    return this.drawn.focus ? this.handle(this.drawn.focus) : null;
  }

  one(role, name) {
    return this.document.one(role, name);
  }

  all(role, name) {
    return this.document.all(role, name);
  }

  field(name) {
    return this.document.only(this.queryAll(FIELDS).filter((each) => each.accessible), 'field', name);
  }

  query(selector) {
    return this.document.query(selector);
  }

  queryAll(selector) {
    return this.document.queryAll(selector);
  }

  heard() {
    return this.#ask({ op: 'hear' }).map(String);
  }

  click(element) {
    this.#act('click', element);
  }

  dblclick(element) {
    this.#act('dblclick', element);
  }

  hover(element) {
    this.#act('hover', element);
  }

  unhover(element) {
    this.#act('unhover', element);
  }

  type(element, text) {
    this.#act('type', element, String(text));
  }

  clear(element) {
    this.#act('clear', element);
  }

  choose(element, ...choices) {
    this.#act('choose', element, choices.map(String));
  }

  fill(element, text) {
    this.#act('fill', element, String(text));
  }

  press(...strokes) {
    for (const keys of strokes) this.#do({ op: 'act', kind: 'press', args: [keys] });
  }

  tick(ms) {
    this.#do({ op: 'tick', ms });
  }

  #act(kind, element, ...args) {
    if (!(element instanceof PageElement)) throw new TypeError(`${kind}: expected an element of the page, got ${element}`);
    if (!element.visible) throw new Error(`${kind}: ${element} is not displayed`);
    this.#do({ op: 'act', kind, node: element.number, args });
  }

  #ask(request) {
    this.#stillOpen();
    return answered(this.#peer.exchange({ ask: request }));
  }

  #do(request) {
    this.#drawn = undefined;
    this.#ask(request);
  }
}

// The functions of the module, over the line to the answer's box.
function helper(peer) {
  let open = 0;
  return {
    open(path, options = {}) {
      const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
      if (unknown) throw new TypeError(`open: no option ${unknown}; there are: ${OPTIONS.join(', ')}`);
      const number = (open += 1);
      answered(peer.exchange({ ask: { op: 'open', path, options } }));
      return new Page(peer, () => {
        if (number !== open) throw new Error('another page has been opened since');
      });
    },
  };
}

function answered(reply) {
  if (reply === null || typeof reply !== 'object') throw new Error("the page's process said what is no reply");
  if ('ended' in reply) throw new Error(String(reply.ended));
  if ('error' in reply) throw new Error(String(reply.error));
  return reply.value;
}

module.exports = { helper };
