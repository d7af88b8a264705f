"use strict";

const byId = (id) => document.getElementById(id);

byId("order").addEventListener("submit", (event) => {
  event.preventDefault();
  byId("list").innerHTML += `<li>${byId("who").value}: 2</li>`;
  throw new RangeError("never mind");
});
