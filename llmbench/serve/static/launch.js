/* The Launch page: as something is filled in, the server checks it and says the equal command line. */
import { addCopying } from "./app.js";

const PAUSE_MS = 250;

/** @param {HTMLFormElement} form @returns {string} what is filled in, without what is empty */
function query(form) {
  const filled = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value.trim()) filled.append(name, value);
  }
  return filled.toString();
}

/** Put a part of the fresh page in the place of the old one; what was unfolded stays so. @param {Document} fresh @param {string} id */
function replacePart(fresh, id) {
  const old = document.getElementById(id);
  const next = fresh.getElementById(id);
  if (!old || !next || old.innerHTML === next.innerHTML) return;
  const open = new Set([...old.querySelectorAll("details[open]")].map((one) => one.id));
  for (const fold of next.querySelectorAll("details")) fold.open ||= open.has(fold.id);
  old.replaceWith(document.adoptNode(next));
}

/** Say at each field what the server finds wrong with it, and what its choice is. @param {Document} fresh */
function copyWords(fresh) {
  for (const part of document.querySelectorAll("form#launch .wrong[id], form#launch .hint[id]")) {
    const next = fresh.getElementById(part.id);
    if (!next) continue;
    if (part.textContent !== next.textContent) part.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
    part.toggleAttribute("hidden", next.hasAttribute("hidden"));
    const field = document.getElementById(part.id.replace(/^(wrong|hint)-/, "f-"));
    if (part.classList.contains("wrong")) field?.toggleAttribute("aria-invalid", false);
    if (part.classList.contains("wrong") && !next.hasAttribute("hidden")) field?.setAttribute("aria-invalid", "true");
  }
}

/** One request at a time; what changes meanwhile is asked afterwards. @param {HTMLFormElement} form */
function watch(form) {
  const side = form.querySelector(".side");
  let timer = 0;
  let busy = false;
  let again = false;
  let chosen = false;

  async function ask() {
    if (busy) { again = true; return; }
    busy = true;
    const address = `${form.getAttribute("action")}?${query(form)}`;
    const wasChosen = chosen;
    chosen = false;
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      history.replaceState(null, "", address);
      replacePart(fresh, "side");
      if (wasChosen) { replacePart(fresh, "sections"); replacePart(fresh, "part-first"); }
      copyWords(fresh);
      for (const part of form.querySelectorAll(".copy")) addCopying(/** @type {HTMLElement} */ (part));
      side?.classList.remove("stale");
    } catch {
      // The buttons ask the server anew, and say what is wrong then.
    } finally {
      busy = false;
      if (again) { again = false; soon(); }
    }
  }

  function soon() {
    side?.classList.add("stale");
    clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE_MS);
  }

  form.addEventListener("input", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-group]")) chosen = true;
    soon();
  });
}

const form = document.getElementById("launch");
if (form instanceof HTMLFormElement) watch(form);
