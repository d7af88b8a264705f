"use strict";

const form = document.getElementById("booking");
const announcer = document.getElementById("status");
const roundTrip = document.getElementById("round");
const vehicle = document.getElementById("vehicle");

function isDay(text) {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!found) return false;
  const [year, month, day] = found.slice(1).map(Number);
  if (year === 0 || month < 1 || month > 12 || day < 1) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
}

function isAddress(text) {
  const parts = text.split("@");
  if (parts.length !== 2 || parts[0] === "" || /\s/.test(text)) return false;
  const domain = parts[1].split(".");
  return domain.length > 1 && !domain.includes("");
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

// By the id of a field: its rules in their order, each a message and what has to hold.
const RULES = {
  name: [
    ["Enter your full name.", (text) => text !== ""],
    ["Enter first and last name.", (text) => /\s/.test(text)],
  ],
  email: [
    ["Enter your email address.", (text) => text !== ""],
    ["Enter an address like name@example.org.", isAddress],
  ],
  departure: [
    ["Enter the date of departure.", (text) => text !== ""],
    ["Enter a date as YYYY-MM-DD.", isDay],
    ["Departure is in the past.", (text) => text >= today()],
  ],
  return: [
    ["Enter the date of return.", (text) => text !== ""],
    ["Enter a date as YYYY-MM-DD.", isDay],
    ["Return is before departure.", (text) => !isDay(fields.departure.text) || text >= fields.departure.text],
  ],
  plate: [
    ["Enter the number plate.", (text) => text !== ""],
    ["Enter 2 to 8 letters and digits.", (text) => /^[A-Za-z0-9]{2,8}$/.test(text.replace(/[ -]/g, ""))],
  ],
  passengers: [
    ["Enter the number of passengers.", (text) => text !== ""],
    ["Enter a number from 1 to 9.", (text) => /^0*[1-9]$/.test(text)],
  ],
};

class Field {
  constructor(id, rules) {
    this.input = document.getElementById(id);
    this.box = this.input.closest(".field");
    this.rules = rules;
    this.hint = this.input.getAttribute("aria-describedby");
    this.line = document.createElement("p");
    this.line.id = `${id}-message`;
    this.line.className = "message";
    this.line.hidden = true;
    this.box.append(this.line);
    this.forget();
    this.remember();
    this.input.addEventListener("focus", () => this.remember());
    this.input.addEventListener("input", () => this.edited());
    this.input.addEventListener("blur", () => this.changed && this.validate());
    this.input.addEventListener("keydown", (event) => event.key === "Escape" && this.restore());
  }

  get text() {
    return this.input.value.trim();
  }

  get shown() {
    return !this.box.hidden;
  }

  edited() {
    this.changed = true;
    if (this.message) this.validate();
  }

  validate() {
    this.validated = true;
    const broken = this.rules.find(([, holds]) => !holds(this.text));
    this.say(broken ? broken[0] : "");
    if (this === fields.departure && fields.return.shown && fields.return.validated) fields.return.validate();
  }

  say(message) {
    this.message = message;
    this.line.textContent = message;
    this.line.hidden = !message;
    if (message) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    const ids = [message && this.line.id, this.hint].filter(Boolean).join(" ");
    if (ids) this.input.setAttribute("aria-describedby", ids);
    else this.input.removeAttribute("aria-describedby");
  }

  // As if nobody had been here.
  forget() {
    this.changed = false;
    this.validated = false;
    this.say("");
  }

  remember() {
    const { changed, validated, message } = this;
    this.before = { value: this.input.value, changed, validated, message };
  }

  restore() {
    this.input.value = this.before.value;
    this.changed = this.before.changed;
    this.validated = this.before.validated;
    this.say(this.before.message);
  }
}

const fields = {};
for (const [id, rules] of Object.entries(RULES)) fields[id] = new Field(id, rules);

function show(field, isShown) {
  field.box.hidden = !isShown;
  field.forget();
}

function adapt() {
  show(fields.return, roundTrip.checked);
  show(fields.plate, ["Car", "Van"].includes(vehicle.value));
}

function book() {
  const shown = Object.values(fields).filter((field) => field.shown);
  shown.forEach((field) => field.validate());
  const wrong = shown.filter((field) => field.message);
  if (wrong.length) {
    announcer.textContent = wrong.length === 1 ? "1 field needs attention." : `${wrong.length} fields need attention.`;
    wrong[0].input.focus();
    return;
  }
  announcer.textContent = `Booked for ${fields.name.text}.`;
  form.reset();
  adapt();
  fields.name.input.focus();
  for (const field of Object.values(fields)) {
    field.forget();
    field.remember();
  }
}

roundTrip.addEventListener("change", adapt);
vehicle.addEventListener("change", adapt);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  book();
});
