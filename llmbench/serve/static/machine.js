/* While something is being looked up, asks for the page again and puts in what has come: one request at a time. */

const WAIT_MS = 1000;

/** @returns {HTMLElement[]} the sections that wait for something */
const waiting = () => [...document.querySelectorAll("[data-waits]")];

/** @param {HTMLElement} section @param {Document} page */
function renew(section, page) {
  const found = page.getElementById(section.id);
  if (found && !found.hasAttribute("data-waits")) section.replaceWith(document.importNode(found, true));
}

async function look() {
  const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const section of waiting()) renew(section, page);
}

async function follow() {
  while (waiting().length) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    try {
      await look();
    } catch {
      return; // the dashboard has ended; what is shown stays
    }
  }
}

follow();
