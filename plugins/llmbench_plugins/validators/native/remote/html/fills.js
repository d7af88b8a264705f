// What browsers have and jsdom has not: as much of it as pages need that do nothing with it but look well.
'use strict';

// Text as people see it, less the line breaks that layout makes.
const innerText = {
  configurable: true,
  get() {
    return this.textContent;
  },
  set(text) {
    const lines = String(text).split(/\r?\n/);
    const nodes = lines.flatMap((line, n) => (n ? [this.ownerDocument.createElement('br'), line] : [line]));
    this.replaceChildren(...nodes);
  },
};

function fillIn(window) {
  const { HTMLElement, Element, HTMLDialogElement } = window;
  const add = (target, names) => {
    for (const [name, value] of Object.entries(names)) {
      if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
    }
  };
  add(Element.prototype, { scrollIntoView() {}, scrollTo() {}, scrollBy() {}, animate: () => ({ finished: Promise.resolve(), cancel() {} }) });
  add(HTMLDialogElement.prototype, dialogMethods(window));
  Object.defineProperty(HTMLElement.prototype, 'innerText', innerText);
  Object.defineProperty(HTMLElement.prototype, 'inert', reflected('inert'));
  add(window, { CSS: { escape, supports: () => false }, matchMedia: matchMedia(window), structuredClone });
  add(window, { ResizeObserver: idle(), IntersectionObserver: idle() });
  add(window, { requestIdleCallback: (call) => window.setTimeout(call, 1), cancelIdleCallback: window.clearTimeout });
  Object.assign(window, { scrollTo() {}, scrollBy() {}, close() {}, alert() {}, confirm: () => false, prompt: () => null });
}

function dialogMethods(window) {
  const show = function () {
    this.setAttribute('open', '');
  };
  const close = function (value) {
    if (!this.hasAttribute('open')) return;
    this.removeAttribute('open');
    if (value !== undefined) this.returnValue = String(value);
    this.dispatchEvent(new window.Event('close'));
  };
  return { show, showModal: show, close };
}

function reflected(name) {
  return {
    configurable: true,
    get() {
      return this.hasAttribute(name);
    },
    set(value) {
      this.toggleAttribute(name, Boolean(value));
    },
  };
}

// No preference is set and no width is known to match.
function matchMedia(window) {
  return (media) => {
    const list = new window.EventTarget();
    return Object.assign(list, { media: String(media), matches: false, onchange: null, addListener() {}, removeListener() {} });
  };
}

function idle() {
  return class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
}

function escape(name) {
  return String(name).replace(/^\d|[^\w\-\u0080-\uffff]/g, (each, at) => (at === 0 && /\d/.test(each) ? `\\3${each} ` : `\\${each}`));
}

module.exports = { fillIn };
