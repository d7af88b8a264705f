// What of a page is displayed, by its style sheets, style attributes and what browsers hide by themselves.
//
// jsdom's getComputedStyle goes by order alone and asks every rule of every element. Here specificity and !important
// count, and only rules that hide or show something are asked.
'use strict';

const NEVER = 'area,base,datalist,head,link,meta,noscript,param,script,style,template,title,input[type=hidden i]';
const CLOSED = 'dialog:not([open]),[hidden],details:not([open])>:not(summary)';
const PROPERTIES = ['display', 'visibility'];

class Shown {
  constructor(document, width) {
    this.rules = [...document.styleSheets].flatMap((sheet) => [...rulesOf(sheet.cssRules, width)]);
  }

  // The value of display.
  displayed(element) {
    if (element.matches(NEVER)) return 'none';
    const found = this.cascaded(element, 'display');
    return found ?? (element.matches(CLOSED) ? 'none' : 'block');
  }

  // Whether an element has a box, if its parents have.
  display(element) {
    return this.displayed(element) !== 'none';
  }

  // Whether it is visible, given whether its parent is.
  visibility(element, inherited) {
    const found = this.cascaded(element, 'visibility');
    if (found === undefined || found === 'inherit' || found === 'unset') return inherited;
    return found !== 'hidden' && found !== 'collapse';
  }

  // The same, by all its parents.
  isVisible(element) {
    return this.visibility(element, element.parentElement ? this.isVisible(element.parentElement) : true);
  }

  // Whether somebody who looks at the page could see it.
  isSeen(element) {
    for (let at = element; at; at = at.parentElement) if (!this.display(at)) return false;
    return this.isVisible(element);
  }

  cascaded(element, property) {
    let best;
    const offer = (style, weight) => {
      const value = style?.getPropertyValue(property);
      if (!value) return;
      const whole = [style.getPropertyPriority(property) === 'important' ? 1 : 0, ...weight];
      if (best === undefined || compare(whole, best.whole) >= 0) best = { value, whole };
    };
    for (const { style, selectors } of this.rules) {
      for (const { text, weight } of selectors) if (isMatch(element, text)) offer(style, [0, ...weight]);
    }
    offer(element.style, [1, 0, 0, 0]);
    return best?.value;
  }
}

function* rulesOf(list, width) {
  for (const rule of list ?? []) {
    if (rule.media && !isFor(rule.media.mediaText, width)) continue;
    if (rule.cssRules) yield* rulesOf(rule.cssRules, width);
    if (rule.styleSheet) yield* rulesOf(rule.styleSheet.cssRules, width);
    if (!rule.selectorText || !PROPERTIES.some((name) => rule.style.getPropertyValue(name))) continue;
    yield { style: rule.style, selectors: parted(rule.selectorText).map((text) => ({ text, weight: specificity(text) })) };
  }
}

// Of queries for features of the device, those for a width are known.
function isFor(media, width) {
  return parted(media || 'all').some((query) =>
    query.trim().toLowerCase().split(/\s+and\s+/).every((part) => {
      const [, bound, px] = /^\((min|max)-width:\s*([\d.]+)px\)$/.exec(part) ?? [];
      if (bound) return bound === 'min' ? width >= px : width <= px;
      return ['all', 'screen', 'only screen', ''].includes(part);
    }),
  );
}

// Parts between commas that are in no brackets.
function parted(list) {
  const parts = [''];
  let depth = 0;
  for (const each of list) {
    if (each === '(' || each === '[') depth += 1;
    if (each === ')' || each === ']') depth -= 1;
    if (each === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += each;
  }
  return parts;
}

function specificity(selector) {
  const bare = selector.replace(/:where\([^()]*\)/g, '').replace(/:(?:is|not|has)\(/g, ' ').replace(/\[[^\]]*\]/g, '[]');
  const count = (pattern) => (bare.match(pattern) ?? []).length;
  const elements = count(/(?:^|[\s>+~(,])[a-z]/gi) + count(/::[\w-]+/g);
  return [count(/#[\w-]/g), count(/\.[\w-]/g) + count(/\[\]/g) + count(/(?<!:):[\w-]/g), elements];
}

function compare(one, other) {
  const at = one.findIndex((part, n) => part !== other[n]);
  return at < 0 ? 0 : one[at] - other[at];
}

// A selector that jsdom does not know matches nothing, as in a browser that does not.
function isMatch(element, selector) {
  try {
    return element.matches(selector);
  } catch {
    return false;
  }
}

module.exports = { Shown };
