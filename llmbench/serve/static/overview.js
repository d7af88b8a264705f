/* The home page, and the Live page of all runs: asked for again every two seconds, and only what has changed is put in. */
import { addCopying } from "./app.js";
import { askFirst } from "./dialogs.js";

const EACH_MS = 2000;
const MOST_MS = 30000;

/** Put the parts of a fresh page in, one by one, so that what is in use stays. @param {Element} old @param {Element} next */
function renew(old, next) {
  if (old.innerHTML === next.innerHTML) return;
  const focused = document.activeElement;
  const where = focused instanceof HTMLElement && old.contains(focused) ? path(old, focused) : null;
  old.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
  dress(old);
  if (where) find(old, where)?.focus({ preventScroll: true });
}

/** @param {Element} root @param {Element} inner @returns {number[]} which child of which */
function path(root, inner) {
  const found = [];
  for (let one = inner; one !== root && one.parentElement; one = one.parentElement) {
    found.unshift([...one.parentElement.children].indexOf(one));
  }
  return found;
}

/** @param {Element} root @param {number[]} where @returns {HTMLElement | null} */
function find(root, where) {
  let one = /** @type {Element | undefined} */ (root);
  for (const place of where) one = one?.children[place];
  return one instanceof HTMLElement ? one : null;
}

/** @param {Element} part */
function dress(part) {
  askFirst(part);
  for (const line of part.querySelectorAll(".copy")) addCopying(/** @type {HTMLElement} */ (line));
}

/** @param {Element} live @param {HTMLElement | null} word */
function watch(live, word) {
  let wait = EACH_MS;
  // What the server says, before buttons were put in: that is what the next page is compared with.
  let known = live.innerHTML;

  async function look() {
    if (!document.hidden && !document.querySelector("dialog[open]")) await once();
    setTimeout(look, wait);
  }

  async function once() {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
      if (!next) throw new Error("no page");
      if (next.innerHTML !== known && !document.querySelector("dialog[open]")) {
        known = next.innerHTML;
        renew(live, next);
      }
      say("", false);
      wait = EACH_MS;
    } catch {
      say("Connection lost: trying again", true);
      wait = Math.min(MOST_MS, wait * 2);
    }
  }

  /** @param {string} text @param {boolean} isLost */
  function say(text, isLost) {
    if (word && word.textContent !== text) word.textContent = text;
    word?.classList.toggle("lost", isLost);
  }

  setTimeout(look, wait);
}

const live = document.getElementById("live");
if (live) {
  watch(live, document.getElementById("connection"));
  dress(live);
}
