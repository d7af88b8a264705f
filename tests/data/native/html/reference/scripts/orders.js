"use strict";

const byId = (id) => document.getElementById(id);
const prices = window.PRICES ?? { s: 2, l: 3 };

byId("order").addEventListener("submit", (event) => {
  event.preventDefault();
  const who = byId("who");
  who.setAttribute("aria-invalid", String(!who.validity.valid));
  if (!who.validity.valid) {
    who.focus();
    return;
  }
  const item = document.createElement("li");
  const milk = byId("milk").checked ? " with milk" : "";
  item.innerText = `${who.value}: ${prices[byId("size").value]}${milk}`;
  byId("list").append(item);
  byId("said").textContent = `Ordered for ${who.value}`;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Delete" && event.shiftKey) byId("list").lastChild?.remove();
});

setTimeout(() => byId("late").classList.add("shown"), 1000);
Promise.resolve().then(() => (byId("since").textContent = new Date().toISOString()));
byId("help").addEventListener("click", () => byId("help").scrollIntoView());
