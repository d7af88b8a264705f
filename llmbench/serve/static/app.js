/* What every page has besides its text: buttons that copy, the list of keys, the bar's place on a phone. */

/** @param {EventTarget | null} target @returns {boolean} whether keys are text there */
export function isTyping(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

/** @param {HTMLElement} part a command line in `<code>` */
export function addCopying(part) {
  const code = part.querySelector("code");
  if (!code || !navigator.clipboard || part.querySelector("button")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      button.textContent = "Copied";
    } catch {
      button.textContent = "Can't copy";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  part.append(button);
}

/** @param {HTMLDialogElement} help */
function addHelp(help) {
  const opener = document.getElementById("keys-button");
  const open = () => { if (!help.open) help.showModal(); };
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", open);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    event.preventDefault();
    open();
  });
}

for (const part of document.querySelectorAll(".copy")) addCopying(/** @type {HTMLElement} */ (part));
const help = document.getElementById("keys");
if (help instanceof HTMLDialogElement) addHelp(help);
document.querySelector(".bar nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
