/* A list of many lines of one height: only those in sight are in the page, and they are fetched 200 at a time. */
import { isTyping } from "./app.js";

/** @typedef {Record<"task" | "name" | "outcome" | "tone" | "failure" | "reason" | "tests" | "seconds", string> & {sample: number}} Row */

const AROUND = 8; // Lines that are ready above and below those in sight.
const KEPT = 12; // Pages that are remembered.
const AGAIN_MS = 3000;

class List {
  /** @param {HTMLElement} box */
  constructor(box) {
    const { root = "", api = "", query = "", total, page, size, place } = box.dataset;
    this.box = box;
    this.from = { root, api, query };
    this.lines = /** @type {HTMLElement} */ (box.querySelector("ol"));
    this.blank = /** @type {HTMLTemplateElement} */ (box.querySelector("template")).content.querySelector("li");
    this.total = Number(total);
    this.size = Number(size);
    this.place = place ? Number(place) : -1;
    this.key = `list:${api}${query}`;
    const given = [...this.lines.children];
    this.height = given[0].getBoundingClientRect().height;
    /** @type {Map<number, Element[]>} */
    this.pages = new Map([[Number(page), given]]);
    /** @type {Map<number, Element>} */
    this.shown = new Map();
    this.isAsking = false;
    this.begin();
  }

  begin() {
    this.box.classList.add("moving");
    this.lines.replaceChildren();
    this.lines.style.height = `${this.total * this.height}px`;
    this.box.scrollTop = Number(sessionStorage.getItem(this.key) ?? 0);
    if (this.place >= 0) this.reveal(this.place);
    this.box.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()), { passive: true });
    addEventListener("resize", () => this.draw());
    addEventListener("pagehide", () => sessionStorage.setItem(this.key, String(this.box.scrollTop)));
    this.draw();
  }

  /** Bring a line into sight: from nearby by as little as it takes, else into the middle. @param {number} place */
  reveal(place) {
    const top = place * this.height;
    const away = Math.max(this.box.scrollTop - top, top + this.height - this.box.clientHeight - this.box.scrollTop);
    if (away > 2 * this.height) this.box.scrollTop = top - (this.box.clientHeight - this.height) / 2;
    else if (away > 0) this.box.scrollTop += this.box.scrollTop > top ? -away : away;
  }

  draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.height) - AROUND);
    const last = Math.min(this.total, Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.height) + AROUND);
    for (const [place, line] of this.shown) {
      if (place < first || place >= last || line !== this.line(place)) {
        line.remove();
        this.shown.delete(place);
      }
    }
    let before = null;
    for (let place = first; place < last; place++) before = this.put(place, before);
    this.ask(first, last);
  }

  /** @param {number} place @param {Element | null} before @returns {Element} */
  put(place, before) {
    let line = this.shown.get(place);
    if (!line) {
      line = this.line(place) ?? this.empty(place);
      /** @type {HTMLElement} */ (line).style.transform = `translateY(${place * this.height}px)`;
      line.setAttribute("aria-posinset", String(place + 1));
      line.setAttribute("aria-setsize", String(this.total));
      if (before) before.after(line);
      else this.lines.prepend(line);
      this.shown.set(place, line);
    }
    return line;
  }

  /** @param {number} place @returns {Element | undefined} */
  line(place) {
    return this.pages.get(Math.floor(place / this.size) + 1)?.[place % this.size];
  }

  /** @param {number} place */
  empty(place) {
    const line = /** @type {HTMLElement} */ (this.blank.cloneNode(true));
    line.setAttribute("aria-busy", "true");
    /** @type {HTMLElement} */ (line.querySelector("b")).textContent = String(place + 1);
    return line;
  }

  /** Ask for the first page in sight that is missing; one request at a time. @param {number} first @param {number} last */
  async ask(first, last) {
    if (this.isAsking || last <= first) return;
    const pages = [Math.floor((last - 1) / this.size) + 1, Math.floor(first / this.size) + 1];
    const page = pages.find((one) => !this.pages.has(one));
    if (page === undefined) return;
    this.isAsking = true;
    try {
      const answer = await fetch(`${this.from.api}${this.from.query ? `${this.from.query}&` : "?"}page=${page}`);
      if (!answer.ok) throw new Error(answer.statusText);
      const found = /** @type {{rows: Row[]}} */ (await answer.json());
      this.pages.set(page, found.rows.map((row) => this.made(row)));
      if (this.pages.size > KEPT) this.pages.delete(/** @type {number} */ (this.pages.keys().next().value));
      this.isAsking = false;
      this.draw();
    } catch {
      setTimeout(() => { this.isAsking = false; this.draw(); }, AGAIN_MS);
    }
  }

  /** @param {Row} row */
  made(row) {
    const line = /** @type {HTMLElement} */ (this.blank.cloneNode(true));
    const texts = { b: row.name, ".why": row.failure, ".reason": row.reason, ".tests": row.tests, ".spent": row.seconds };
    for (const [part, text] of Object.entries({ ...texts, ".word": row.outcome })) {
      /** @type {HTMLElement} */ (line.querySelector(part)).textContent = text;
    }
    /** @type {HTMLElement} */ (line.querySelector(".word")).classList.add(row.tone);
    const task = row.task.split("/").map(encodeURIComponent).join("/");
    const link = /** @type {HTMLAnchorElement} */ (line.querySelector("a"));
    link.href = `${this.from.root}${task}${this.from.query ? `${this.from.query}&` : "?"}sample=${row.sample}`;
    return line;
  }

  /** Put the keyboard on the next line, or the one before. @param {number} step */
  go(step) {
    const at = [...this.shown].find(([, line]) => line.contains(document.activeElement))?.[0];
    const from = at ?? Math.ceil(this.box.scrollTop / this.height) - (step > 0 ? 1 : 0);
    const place = Math.max(0, Math.min(this.total - 1, from + step));
    this.box.scrollIntoView({ block: "nearest" });
    this.reveal(place);
    this.draw();
    this.shown.get(place)?.querySelector("a")?.focus({ preventScroll: true });
  }
}

const box = /** @type {HTMLElement | null} */ (document.querySelector(".rows"));
const list = box?.checkVisibility() && box.querySelector("li") ? new List(box) : null; // A phone shows no list beside a sample.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  const rel = { j: "next", k: "prev" }[event.key];
  const step = rel && /** @type {HTMLAnchorElement | null} */ (document.querySelector(`a.step[rel="${rel}"]`));
  if (step) step.click();
  else if (rel && list && !document.querySelector("a.step")) list.go(rel === "next" ? 1 : -1);
  else if (event.key === "o") /** @type {HTMLElement | null} */ (document.activeElement?.closest(".rows a"))?.click();
});
