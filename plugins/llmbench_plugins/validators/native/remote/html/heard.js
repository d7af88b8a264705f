// What the page's live regions say, as somebody with a screen reader would hear it.
'use strict';

const { Shown } = require('./shown.js');

const REGIONS = '[role=alert],[role=status],[role=log],[aria-live=polite],[aria-live=assertive],output';
const HIDING = ['role', 'aria-live', 'aria-hidden', 'hidden', 'class', 'style', 'open'];

class Hearing {
  constructor(window, page) {
    this.window = window;
    this.page = page;
    // Whether a region was there to be heard, when it was last looked at.
    this.present = new WeakMap();
    const observer = new window.MutationObserver((records) => this.changed(records));
    observer.observe(window.document, { subtree: true, childList: true, characterData: true, attributeFilter: HIDING });
    window.addEventListener('load', () => this.changed([]));
  }

  // A change within a region is heard where the region was there before; an alert when it appears, too.
  changed(records) {
    const { document } = this.window;
    const shown = new Shown(document, this.page.width);
    for (const region of document.querySelectorAll(REGIONS)) {
      if (region.getAttribute('aria-live') === 'off') continue;
      const was = this.present.get(region) === true;
      const is = shown.isSeen(region) && !region.closest('[aria-hidden=true]');
      this.present.set(region, is);
      const isAlert = region.getAttribute('role') === 'alert' || region.getAttribute('aria-live') === 'assertive';
      const isNews = was ? records.some((record) => isIn(region, record)) : isAlert && document.readyState === 'complete';
      const text = is && isNews ? region.textContent.replace(/\s+/g, ' ').trim() : '';
      if (text) this.page.heard.push(text);
    }
  }
}

function isIn(region, { type, target }) {
  return type !== 'attributes' && region.contains(target);
}

module.exports = { Hearing };
