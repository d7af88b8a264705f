/* Buttons that ask first: without a script they do at once what they say. */

/** @param {Document | Element} where */
export function askFirst(where) {
  for (const button of where.querySelectorAll("button[data-asks]")) {
    const dialog = document.getElementById(button.getAttribute("data-asks") ?? "");
    if (!(dialog instanceof HTMLDialogElement) || button.hasAttribute("data-ready")) continue;
    button.setAttribute("data-ready", "");
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
    });
    for (const closer of dialog.querySelectorAll("[data-closes]")) closer.addEventListener("click", () => dialog.close());
  }
}
