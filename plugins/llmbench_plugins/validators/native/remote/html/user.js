// Somebody at the page, with a keyboard and a pointer.
'use strict';

const { userEvent } = require('@testing-library/user-event');

const MODIFIERS = { Ctrl: 'Control', Control: 'Control', Shift: 'Shift', Alt: 'Alt', Meta: 'Meta' };

class User {
  constructor(page) {
    this.page = page;
    this.hands = userEvent.setup({
      document: page.window.document,
      delay: null,
      pointerEventsCheck: 0,
      advanceTimers: (ms) => page.clock.tick(ms),
    });
  }

  async does(kind, element, args) {
    await this[kind](element, ...args);
    await this.page.settled();
  }

  click(element) {
    return this.hands.click(element);
  }

  dblclick(element) {
    return this.hands.dblClick(element);
  }

  hover(element) {
    return this.hands.hover(element);
  }

  unhover(element) {
    return this.hands.unhover(element);
  }

  type(element, text) {
    return this.hands.type(element, text.replace(/[{[]/g, '$&$&'));
  }

  clear(element) {
    return this.hands.clear(element);
  }

  choose(element, choices) {
    const options = [...element.options].filter((option) => choices.includes(option.label.trim()));
    if (options.length !== choices.length) throw new Error(`there is no option ${choices.join(', ')}`);
    return this.hands.selectOptions(element, options);
  }

  press(_, keys) {
    return this.hands.keyboard(stroke(keys));
  }

  // Clears a field and pastes, which is quicker than typing.
  async fill(element, text) {
    await this.hands.click(element);
    if (element.value) await this.hands.clear(element);
    if (text) await this.hands.paste(text);
  }
}

// From Shift+Tab to what the library calls it.
function stroke(keys) {
  const parts = keys === '+' ? ['+'] : keys.split('+');
  const key = parts.pop();
  const held = parts.map((part) => MODIFIERS[part]);
  if (held.includes(undefined)) throw new Error(`${keys}: no such keys`);
  const pressed = key === 'Space' || key === ' ' ? '[Space]' : /^[{[]$/.test(key) ? key + key : `{${key}}`;
  return held.map((name) => `{${name}>}`).join('') + pressed + held.map((name) => `{/${name}}`).reverse().join('');
}

module.exports = { User };
