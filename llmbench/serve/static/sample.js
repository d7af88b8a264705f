/* Tabs of a sample: the one that is shown is marked, and the next sample opens at the same. */

const tabs = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll(".tabs.panes-of > a")]);

function mark() {
  const shown = tabs.find((tab) => tab.hash === location.hash) ?? tabs.find((tab) => tab.classList.contains("first"));
  for (const tab of tabs) {
    if (tab === shown) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a.step, a.try, .rows a") : null;
  if (link instanceof HTMLAnchorElement && tabs.some((tab) => tab.hash === location.hash)) link.hash = location.hash;
});
addEventListener("hashchange", mark);
mark();
