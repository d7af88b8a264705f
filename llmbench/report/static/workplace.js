// Search, keys and the page's address. All else works without it: filters are CSS, folds are the browser's.
"use strict";
(() => {
  const find = (what) => [...document.querySelectorAll(what)];
  const byId = (id) => document.getElementById(id);
  const radios = find(".filters input[type=radio]");
  const rows = find(".row");
  const samples = find(".sample");
  const search = byId("search"), status = byId("shown"), others = byId("others"), help = byId("help");
  const texts = new Map();
  let opened = "", current = null, writing = 0;

  const isSample = (row) => row.classList.contains("sample");
  const handle = (row) => row.querySelector("summary, a");
  const chosen = () => radios.filter((radio) => radio.checked && radio.value);
  const focused = () => document.activeElement.closest(".sample") ?? current;

  function textOf(row) {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  }

  function fitting() {
    const marks = chosen().map((radio) => radio.id);
    return rows.filter((row) => !row.classList.contains("off") && marks.every((mark) => row.classList.contains(mark)));
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.classList.toggle("off", !words.every((word) => textOf(row).includes(word)));
    const left = fitting(), listed = left.filter(isSample).length;
    status.textContent = left.length ? `${left.length} of ${rows.length} samples` : "No sample fits. Press x for all.";
    if (!others) return;
    others.hidden = left.length === listed;
    if (left.length && !listed) others.open = true;
  }

  function state() {
    const kept = new URLSearchParams(chosen().map((radio) => [radio.name, radio.value]));
    if (search.value) kept.set("search", search.value);
    return kept;
  }

  // Browsers stop pages that rewrite their address too often.
  function write() {
    clearTimeout(writing);
    writing = setTimeout(() => {
      const kept = state();
      if (opened) kept.set("open", opened);
      history.replaceState(null, "", `#${kept}`);
    }, 100);
  }

  function read() {
    const hash = location.hash.slice(1);
    opened = /^s\d+$/.test(hash) ? hash : "";
    if (hash.includes("=") || !hash) {
      const kept = new URLSearchParams(hash);
      search.value = kept.get("search") ?? "";
      for (const radio of radios) radio.checked = !radio.value;
      for (const radio of radios) if (radio.value && radio.value === kept.get(radio.name)) radio.checked = true;
      opened = kept.get("open") ?? "";
    }
    filter();
    const row = opened && byId(opened)?.closest(".sample");
    if (!row) return;
    row.open = true;
    current = row;
    handle(row).scrollIntoView();
  }

  function go(step) {
    const list = fitting().filter(isSample), place = list.indexOf(focused());
    const next = place < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(Math.max(place + step, 0), list.length - 1);
    current = list[next] ?? current;
    if (list.length) handle(current).focus();
  }

  function changed() {
    filter();
    write();
  }

  function clear() {
    search.value = "";
    for (const radio of radios) radio.checked = !radio.value;
    changed();
  }

  function fold() {
    const row = focused();
    if (row) handle(row).click();
  }

  function foldAll(button) {
    const list = fitting().filter(isSample), opening = list.some((row) => !row.open);
    for (const row of list) row.open = opening;
    button.textContent = opening ? "Close all" : "Open all";
  }

  function seek() {
    search.focus();
    search.select();
  }

  const keys = { j: () => go(1), k: () => go(-1), o: fold, x: clear, "/": seek, "?": () => help.showModal() };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target === search) {
      if (event.key !== "Escape") return;
      search.value = "";
      search.blur();
      changed();
    } else if (Object.hasOwn(keys, event.key)) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  document.addEventListener("toggle", ({ target }) => {
    if (!isSample(target)) return;
    const id = target.querySelector(".body").id;
    if (target.open) [opened, current] = [id, target];
    else if (opened === id) opened = "";
    write();
  }, true);
  // Another page of the run begins with the same filters.
  for (const link of find("a[href*='.html']")) {
    const target = link.hash.slice(1);
    link.addEventListener("click", () => {
      const kept = state();
      if (target) kept.set("open", target);
      link.hash = `${kept}`;
    });
  }
  for (const radio of radios) radio.addEventListener("change", changed);
  search.addEventListener("input", changed);
  const all = byId("all");
  if (find("details.sample").length) all.addEventListener("click", () => foldAll(all));
  else all.remove();
  byId("keys").addEventListener("click", () => help.showModal());
  help.querySelector("button").addEventListener("click", () => help.close());
  addEventListener("hashchange", read);
  for (const part of find("[data-script]")) part.hidden = false;
  read();
})();
