// getComputedStyle for the page and its user, which knows specificity where it says whether something is displayed.
'use strict';

const { Shown } = require('./shown.js');

function useStyles(window, width) {
  const real = window.getComputedStyle.bind(window);
  window.getComputedStyle = (element, pseudo) => {
    if (pseudo || !(element instanceof window.Element)) return real(element, pseudo);
    const shown = new Shown(window.document, width);
    const known = { display: () => shown.displayed(element), visibility: () => (shown.isVisible(element) ? 'visible' : 'hidden') };
    let style;
    return new Proxy({}, {
      get(_, name) {
        if (Object.hasOwn(known, name)) return known[name]();
        if (name === 'getPropertyValue') return (asked) => (Object.hasOwn(known, asked) ? known[asked]() : (style ??= real(element)).getPropertyValue(asked));
        style ??= real(element);
        return typeof style[name] === 'function' ? style[name].bind(style) : style[name];
      },
    });
  };
}

module.exports = { useStyles };
