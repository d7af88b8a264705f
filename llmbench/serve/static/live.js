/* One run as it goes on: over a WebSocket, or by asking again and again where none can be had. */
import "./app.js";
import { askFirst } from "./dialogs.js";
import { ENDED, counted, readings, stateWords, words } from "./figures.js";

const PAINT_MS = 250;
const POLL_MS = 1000;
const MOST_MS = 30000;
const SOCKETS_TRIED = 3;
/** What the socket is closed with where there is nothing to be told. */
const GONE = 4404;

/** @param {string} tag @param {string} className @param {string} text */
function made(tag, className, text) {
  const part = document.createElement(tag);
  if (className) part.className = className;
  part.textContent = text;
  return part;
}

/** What is known of the run, painted at most four times a second. */
class Picture {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
    this.list = /** @type {HTMLElement} */ (document.getElementById("coming"));
    this.shown = Number(page.dataset.shown);
    /** @type {any} */
    this.status = null;
    /** @type {any[]} */
    this.rows = [];
    this.isVoid = false;
    this.timer = 0;
  }

  /** @param {any} told a message of `/api/events` */
  take(told) {
    for (const event of told.events) {
      if (event.kind === "reset") { this.isVoid = true; this.rows = []; }
      if (event.kind === "record") this.rows.push(event.row);
    }
    this.rows = this.rows.slice(-this.shown);
    if (told.status) this.status = told.status;
    this.timer ||= window.setTimeout(() => { this.timer = 0; this.paint(); }, PAINT_MS);
  }

  paint() {
    if (this.isVoid) this.list.replaceChildren();
    this.isVoid = false;
    for (const row of this.rows.splice(0)) this.list.prepend(this.line(row));
    while (this.list.children.length > this.shown) this.list.lastElementChild?.remove();
    document.getElementById("none-yet")?.toggleAttribute("hidden", this.list.children.length > 0);
    if (this.status) this.paintStatus(this.status);
  }

  /** @param {any} row @returns {HTMLElement} */
  line(row) {
    const item = made("li", "new", "");
    const link = document.createElement("a");
    const task = row.task.split("/").map(encodeURIComponent).join("/");
    link.href = `${this.page.dataset.samples}${task}?sample=${row.sample}`;
    const about = [row.tests && `${row.tests} tests`, row.tokens && `${row.tokens} tokens`, row.seconds];
    const outcome = made("span", "outcome", "");
    outcome.append(made("span", `word ${row.tone}`, row.outcome));
    link.append(outcome, " ", made("b", "", row.name), " ", made("span", "soft small", about.filter(Boolean).join(" · ")));
    if (row.reason) link.append(made("span", "reason soft small", row.reason));
    item.append(link);
    return item;
  }

  /** @param {any} status */
  paintStatus(status) {
    const said = words(status);
    for (const part of this.page.querySelectorAll("[data-now]")) {
      const text = said[part.getAttribute("data-now") ?? ""] ?? "";
      if (part.textContent !== text) part.textContent = text;
    }
    const { done, total } = counted(status);
    const bar = /** @type {HTMLProgressElement} */ (document.getElementById("progress"));
    bar.max = total || 1;
    bar.value = done;
    this.paintState(status);
    this.paintLists(status);
  }

  /** @param {any} status */
  paintState(status) {
    const [text, tone] = stateWords(status.state);
    const word = made("span", `word ${tone}`, "");
    if (tone === "live") word.append(made("span", "pulse", ""), " ");
    word.append(text);
    const old = document.getElementById("state");
    if (old && old.textContent?.trim() !== word.textContent?.trim()) old.replaceChildren(word);
    const reason = document.getElementById("reason");
    if (reason) { reason.textContent = status.reason; reason.hidden = !status.reason; }
    // The buttons are the server's to draw: which there are follows from the state.
    const before = this.page.dataset.state;
    this.page.dataset.state = status.state;
    if (before !== status.state && isSteered(before) !== isSteered(status.state)) renewButtons();
  }

  /** @param {any} status */
  paintLists(status) {
    const counts = Object.entries(status.outcomes).map(([outcome, number]) => {
      const item = document.createElement("li");
      item.append(made("span", `word ${tones[outcome] ?? "other"}`, outcome), " ", made("b", "", String(number)));
      return item;
    });
    document.getElementById("outcomes")?.replaceChildren(...counts);
    const machine = readings(status.machine);
    const items = machine.map(([what, amount]) => {
      const item = document.createElement("div");
      item.append(made("dt", "", what), made("dd", "", amount));
      return item;
    });
    document.getElementById("readings")?.replaceChildren(...items);
    document.getElementById("no-readings")?.toggleAttribute("hidden", machine.length > 0);
  }
}

/** @type {Record<string, string>} */
let tones = {};

/** @param {string | undefined} state @returns {string} which buttons there are */
const isSteered = (state) => (ENDED.includes(state ?? "") ? "none" : ["paused", "pausing"].includes(state ?? "") ? "paused" : "running");

async function renewButtons() {
  const old = document.getElementById("steering");
  if (!old || document.querySelector("dialog[open]")) return;
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("steering");
    if (!next) return;
    old.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
    askFirst(old);
  } catch {
    // The next state tries again; the buttons that are there say what is wrong when they are pressed.
  }
}

/** @param {string} text @param {boolean} isLost */
function say(text, isLost) {
  const word = document.getElementById("connection");
  if (word && word.textContent !== text) word.textContent = text;
  word?.classList.toggle("lost", isLost);
}

/** Hears what happens, each thing once. @param {HTMLElement} page @param {Picture} picture */
function listen(page, picture) {
  const path = page.dataset.events ?? "";
  let seq = Number(page.dataset.seq);
  let journal = "";
  let wait = POLL_MS;
  let failed = 0;

  const query = () => `?after=${seq}&journal=${encodeURIComponent(journal)}`;

  /** @param {any} told */
  function heard(told) {
    seq = told.seq;
    journal = told.journal || journal;
    wait = POLL_MS;
    failed = 0;
    say("", false);
    picture.take(told);
  }

  function bySocket() {
    const address = new URL(path + query(), location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.addEventListener("message", (message) => heard(JSON.parse(message.data)));
    socket.addEventListener("close", (event) => {
      if (event.code === GONE) { say("This run is not there any more", true); return; }
      failed += 1;
      later();
    });
  }

  async function byAsking() {
    try {
      const answer = await fetch(path + query());
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      const before = failed;
      heard(told);
      // A socket may be had again later: it is tried after a while, not at every question.
      failed = Math.max(SOCKETS_TRIED, before);
      setTimeout(byAsking, told.more ? 0 : POLL_MS);
    } catch {
      failed = 0;
      later();
    }
  }

  function later() {
    say("Connection lost: trying again", true);
    setTimeout(failed >= SOCKETS_TRIED ? byAsking : bySocket, wait);
    wait = Math.min(MOST_MS, wait * 2);
  }

  bySocket();
}

const page = document.getElementById("run");
if (page) {
  tones = JSON.parse(page.dataset.tones ?? "{}");
  askFirst(document);
  listen(page, new Picture(page));
}
