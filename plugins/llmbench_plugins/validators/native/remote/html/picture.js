// The page as plain data, as it is at the moment: elements by number, with what only a live one knows.
'use strict';

const { Shown } = require('./shown.js');

const SILENT = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'object']);

class Picture {
  constructor() {
    this.elements = [];
    this.numbers = new WeakMap();
  }

  element(number) {
    return this.elements[number - 1];
  }

  number(element) {
    if (!this.numbers.has(element)) this.numbers.set(element, this.elements.push(element));
    return this.numbers.get(element);
  }

  taken({ window, width, left }) {
    const { document } = window;
    const shown = new Shown(document, width);
    const { activeElement } = document;
    const hasFocus = activeElement && activeElement !== document.body && activeElement !== document.documentElement;
    return {
      tree: this.drawn(document.documentElement, shown, true),
      focus: hasFocus ? this.number(activeElement) : 0,
      title: document.title,
      url: window.location.href,
      left,
    };
  }

  drawn(element, shown, parentVisible) {
    const visible = shown.visibility(element, parentVisible);
    const name = element.localName;
    const kids = SILENT.has(name) ? [] : [...element.childNodes];
    return {
      n: this.number(element),
      name,
      ns: element.namespaceURI,
      attrs: [...element.attributes].map((each) => [each.name, each.value]),
      none: !shown.display(element),
      unseen: !visible,
      live: live(element),
      kids: kids.map((kid) => this.child(kid, shown, visible)).filter((kid) => kid !== undefined),
    };
  }

  child(node, shown, visible) {
    if (node.nodeType === 1) return this.drawn(node, shown, visible);
    return node.nodeType === 3 ? node.data : undefined;
  }
}

// What is not in attributes.
function live(element) {
  const has = (name) => name in element;
  const made = {};
  if (element.localName === 'option') made.selected = element.selected;
  if (has('validity')) Object.assign(made, { valid: element.validity.valid, message: element.validationMessage });
  if (has('validity') && has('value')) made.value = String(element.value);
  if (has('checked')) Object.assign(made, { checked: element.checked, indeterminate: element.indeterminate });
  if (has('tabIndex')) made.tabIndex = element.tabIndex;
  return made;
}

module.exports = { Picture };
