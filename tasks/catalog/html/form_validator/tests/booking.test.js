import assert from "node:assert/strict";
import { test } from "node:test";

import { open } from "page";

const NOW = "2024-03-01T12:00:00Z";
const HINTS = { Departure: "YYYY-MM-DD", Return: "YYYY-MM-DD" };
const VALID = { "Full name": "Ada Lovelace", Email: "ada@example.org", Departure: "2024-03-02", Passengers: "2" };
const SHORT = "Enter a date as YYYY-MM-DD.";

const opened = () => open("index.html", { now: NOW });

/** The message that a field shows; checks that everything about the field agrees with it. */
function messageOf(page, label) {
  const field = page.field(label);
  const hint = HINTS[label] ?? "";
  const description = field.description;
  assert.ok(description.endsWith(hint), `${label}: expected a description that ends with its hint, got '${description}'`);
  const message = description.slice(0, description.length - hint.length).trimEnd();
  const isInvalid = field.attr("aria-invalid") === "true";
  assert.equal(isInvalid, message !== "", `${label}: aria-invalid has to agree with the description '${description}'`);
  if (message) assert.ok(page.text.includes(message), `${label}: expected '${message}' to be displayed`);
  return message;
}

/** Puts values in place of what is in the fields, and leaves the last one. */
function fill(page, values) {
  for (const [label, value] of Object.entries(values)) page.fill(page.field(label), value);
  page.press("Tab");
}

/** What a field says of each value, once it is left. */
function judged(page, label, values) {
  return values.map((value) => {
    fill(page, { [label]: value });
    return messageOf(page, label);
  });
}

/** Lets the status say what it has to: some pages empty it first, and write a moment later. */
const listened = (page) => page.tick(1000);

function submit(page) {
  page.click(page.one("button", "Book"));
  listened(page);
}

const isShown = (page, label) => page.text.includes(label) && page.queryAll("input").some((each) => each.accessible && each.name === label);

test("controls have their labels, hints and order", () => {
  const page = opened();
  const names = page.queryAll("input,select,button").filter((each) => each.accessible).map((each) => each.name);
  assert.deepEqual(names, ["Full name", "Email", "Departure", "Return trip", "Vehicle", "Passengers", "Book"]);
  assert.equal(page.field("Departure").description, "YYYY-MM-DD");
  assert.equal(page.field("Full name").description, "");
  assert.ok(page.text.includes("YYYY-MM-DD"), "the hint has to be displayed");
  assert.deepEqual([page.field("Full name").value, page.field("Return trip").checked], ["", false]);
  const options = page.field("Vehicle").queryAll("option");
  assert.deepEqual(options.map((each) => each.text), ["None", "Bicycle", "Car", "Van"]);
  assert.deepEqual(options.map((each) => each.selected), [true, false, false, false]);
  assert.equal(page.one("status").text, "");
  page.click(page.field("Return trip"));
  page.choose(page.field("Vehicle"), "Car");
  const more = page.queryAll("input,select,button").filter((each) => each.accessible);
  const labels = ["Full name", "Email", "Departure", "Return trip", "Return", "Vehicle", "Number plate", "Passengers", "Book"];
  assert.deepEqual(more.map((each) => each.name), labels);
  assert.equal(page.field("Return").description, "YYYY-MM-DD");
  for (const each of more.filter((one) => one.role === "textbox")) assert.equal(each.attr("type") ?? "text", "text", each.name);
});

test("required controls are marked, and no others", () => {
  const page = opened();
  page.click(page.field("Return trip"));
  page.choose(page.field("Vehicle"), "Van");
  const isMarked = (label) => page.field(label).attr("required") !== null || page.field(label).attr("aria-required") === "true";
  for (const label of ["Full name", "Email", "Departure", "Return", "Number plate", "Passengers"]) assert.ok(isMarked(label), `${label} is required`);
  for (const label of ["Return trip", "Vehicle"]) assert.ok(!isMarked(label), `${label} is not required`);
});

test("nothing is said when the page opens, nor while somebody types", () => {
  const page = opened();
  for (const label of ["Full name", "Email", "Departure", "Passengers"]) assert.equal(messageOf(page, label), "");
  page.type(page.field("Email"), "ada");
  page.tick(5000);
  assert.equal(messageOf(page, "Email"), "");
  assert.equal(page.focused, page.field("Email"));
});

test("a field that is left unchanged is not validated", () => {
  const page = opened();
  page.press("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab");
  assert.equal(page.focused, page.one("button", "Book"));
  for (const label of ["Full name", "Email", "Departure", "Passengers"]) assert.equal(messageOf(page, label), "", label);
});

test("a field that was changed is validated when it is left, even if it was changed back", () => {
  const page = opened();
  page.type(page.field("Full name"), "A");
  page.press("Tab");
  assert.equal(messageOf(page, "Full name"), "Enter first and last name.");
  assert.equal(page.focused, page.field("Email"));
  page.press("x", "Backspace", "Tab");
  assert.equal(messageOf(page, "Email"), "Enter your email address.");
  assert.equal(messageOf(page, "Departure"), "");
  assert.deepEqual(page.heard(), []);
  fill(page, { "Full name": "Ada Lovelace" });
  page.click(page.field("Full name"));
  page.press("Backspace");
  for (let n = 0; n < 8; n += 1) page.press("Backspace");
  assert.equal(messageOf(page, "Full name"), "");
  page.click(page.field("Passengers"));
  assert.equal(messageOf(page, "Full name"), "Enter first and last name.");
});

test("the message is tied to its field, before the hint", () => {
  const page = opened();
  fill(page, { Departure: "soon" });
  const field = page.field("Departure");
  assert.equal(field.description, `${SHORT} YYYY-MM-DD`);
  assert.equal(field.attr("aria-invalid"), "true");
  const texts = field.named("aria-describedby").filter((each) => each.visible).map((each) => each.text);
  assert.equal(texts.join(" "), `${SHORT} YYYY-MM-DD`);
  fill(page, { Passengers: "ten" });
  assert.equal(page.field("Passengers").description, "Enter a number from 1 to 9.");
});

test("a message changes and goes away with each change", () => {
  const page = opened();
  fill(page, { "Full name": "A" });
  page.clear(page.field("Full name"));
  assert.equal(messageOf(page, "Full name"), "Enter your full name.");
  page.type(page.field("Full name"), "Ada");
  assert.equal(messageOf(page, "Full name"), "Enter first and last name.");
  page.type(page.field("Full name"), " L");
  assert.equal(messageOf(page, "Full name"), "");
  assert.ok(!page.text.includes("Enter first"), "the message is not displayed any more");
  page.press("Backspace", "Backspace");
  assert.equal(messageOf(page, "Full name"), "", "a field without a message is not validated while somebody types");
});

test("a full name has two words or more", () => {
  const page = opened();
  const one = "Enter first and last name.";
  const names = ["Ada", "  Ada  ", "Ada Lovelace", " Ada King Noel ", "Ada\u00a0Lovelace", "   "];
  assert.deepEqual(judged(page, "Full name", names), [one, one, "", "", "", "Enter your full name."]);
});

test("an address has one @ and a domain of several parts", () => {
  const page = opened();
  const wrong = ["ada", "@example.org", "ada@example", "ada@.org", "ada@example.", "ada@b..c", "a@b@c.d", "a b@c.d", "ada@exam ple.org"];
  assert.deepEqual(judged(page, "Email", wrong), wrong.map(() => "Enter an address like name@example.org."));
  const right = ["a@b.c", " ada.k+x@mail.example.org ", "\u00e9@d\u00f6ner.de"];
  assert.deepEqual(judged(page, "Email", right), right.map(() => ""));
});

test("a date is a day that exists", () => {
  const page = opened();
  const wrong = ["2024-02-30", "2025-02-29", "2100-02-29", "2024-04-31", "2024-13-01", "2024-00-10", "2024-05-00", "0000-05-05", "2024-5-01", "24-05-01", "2024-05-1", "2024/05/01", "12024-05-01", "2024-05-012", "2024-05-01T00"];
  assert.deepEqual(judged(page, "Departure", wrong), wrong.map(() => SHORT));
  const right = ["2028-02-29", "2400-02-29", " 2024-12-31 ", "9999-04-30", "2025-01-31"];
  assert.deepEqual(judged(page, "Departure", right), right.map(() => ""));
  const past = ["0001-01-01", "1999-12-31", "2000-02-29"];
  assert.deepEqual(judged(page, "Departure", past), past.map(() => "Departure is in the past."));
});

test("departure is today or later, at that moment", () => {
  const page = opened();
  assert.deepEqual(judged(page, "Departure", ["2024-02-29", "2024-03-01"]), ["Departure is in the past.", ""]);
  page.tick(13 * 3600 * 1000);
  page.click(page.field("Departure"));
  page.press("Tab");
  assert.equal(messageOf(page, "Departure"), "Departure is in the past.", "it was changed once, so it is validated whenever it is left");
  fill(page, { Departure: "2024-03-02" });
  assert.equal(messageOf(page, "Departure"), "");
  page.tick(24 * 3600 * 1000);
  submit(page);
  assert.equal(messageOf(page, "Departure"), "Departure is in the past.");
});

test("return is the day of departure or later", () => {
  const page = opened();
  page.click(page.field("Return trip"));
  const early = "Return is before departure.";
  fill(page, { Departure: " 2024-03-10 " });
  assert.deepEqual(judged(page, "Return", ["2024-03-09", "2024-03-10", " 2024-03-10 ", "2024-02-30", ""]), [early, "", "", SHORT, "Enter the date of return."]);
  fill(page, { Departure: "2024-03" });
  assert.deepEqual(judged(page, "Return", ["2024-03-09", "2023-01-01", "24-03-09"]), ["", "", SHORT]);
  fill(page, { Departure: "" });
  assert.deepEqual(judged(page, "Return", ["2024-03-09"]), [""]);
  fill(page, { Departure: "2024-02-10" });
  assert.deepEqual(judged(page, "Return", ["2024-02-09", "2024-02-10"]), [early, ""]);
});

test("departure takes return with it once that has been validated", () => {
  const page = opened();
  page.click(page.field("Return trip"));
  fill(page, { Departure: "2024-03-10" });
  assert.equal(messageOf(page, "Return"), "");
  fill(page, { Return: "2024-03-12" });
  fill(page, { Departure: "2024-03-20" });
  assert.equal(messageOf(page, "Return"), "Return is before departure.");
  fill(page, { Departure: "2024-02-01" });
  assert.deepEqual([messageOf(page, "Departure"), messageOf(page, "Return")], ["Departure is in the past.", ""]);
  page.clear(page.field("Departure"));
  page.type(page.field("Departure"), "2024-04-01");
  assert.equal(messageOf(page, "Return"), "Return is before departure.", "departure showed a message, so typing validated it");
});

test("number plates and passengers", () => {
  const page = opened();
  page.choose(page.field("Vehicle"), "Car");
  const plate = "Enter 2 to 8 letters and digits.";
  assert.deepEqual(judged(page, "Number plate", ["B", "A-1", "ab 12-CD 34", "AB12CD345", "- -", "A_1", "\u00c4B 1", ""]), [plate, "", "", plate, plate, plate, plate, "Enter the number plate."]);
  const number = "Enter a number from 1 to 9.";
  const counts = ["0", "1", "9", "10", "007", " 3 ", "000", "2.0", "+2", "-1", "1e0", "two", ""];
  const said = [number, "", "", number, "", "", number, number, number, number, number, number, "Enter the number of passengers."];
  assert.deepEqual(judged(page, "Passengers", counts), said);
});

test("return and number plate are there only when they are asked for", () => {
  const page = opened();
  const shown = () => ["Return", "Number plate"].map((label) => isShown(page, label));
  assert.deepEqual(shown(), [false, false]);
  page.click(page.field("Return trip"));
  assert.deepEqual(shown(), [true, false]);
  page.press("Tab");
  assert.equal(page.focused, page.field("Return"));
  const plates = ["Bicycle", "Car", "Van", "None"].map((vehicle) => {
    page.choose(page.field("Vehicle"), vehicle);
    return isShown(page, "Number plate");
  });
  assert.deepEqual(plates, [false, true, true, false]);
  page.click(page.field("Return trip"));
  assert.deepEqual(shown(), [false, false]);
  fill(page, VALID);
  submit(page);
  assert.equal(page.one("status").text, "Booked for Ada Lovelace.");
});

test("a field that comes back has its value and no past", () => {
  const page = opened();
  fill(page, { Departure: "2024-03-10" });
  page.click(page.field("Return trip"));
  fill(page, { Return: "2024-03-01" });
  assert.equal(messageOf(page, "Return"), "Return is before departure.");
  page.click(page.field("Return trip"));
  page.click(page.field("Return trip"));
  assert.deepEqual([page.field("Return").value, messageOf(page, "Return")], ["2024-03-01", ""]);
  page.press("Tab", "Tab");
  assert.equal(messageOf(page, "Return"), "", "it has not been changed since it came back");
  fill(page, { Departure: "2024-03-11" });
  assert.equal(messageOf(page, "Return"), "", "it has not been validated since it came back");
  page.type(page.field("Return"), " ");
  page.press("Tab");
  assert.equal(messageOf(page, "Return"), "Return is before departure.");
});

test("a field that stays displayed keeps its message", () => {
  const page = opened();
  page.choose(page.field("Vehicle"), "Car");
  fill(page, { "Number plate": "B" });
  page.choose(page.field("Vehicle"), "Van");
  page.click(page.field("Return trip"));
  assert.equal(messageOf(page, "Number plate"), "Enter 2 to 8 letters and digits.");
  page.choose(page.field("Vehicle"), "Bicycle");
  page.choose(page.field("Vehicle"), "Car");
  assert.deepEqual([page.field("Number plate").value, messageOf(page, "Number plate")], ["B", ""]);
});

test("submitting leads to the first field that needs attention, and counts them", () => {
  const page = opened();
  fill(page, { "Full name": "Ada Lovelace", Passengers: "0" });
  page.click(page.field("Return trip"));
  page.choose(page.field("Vehicle"), "Van");
  assert.equal(page.one("status").text, "");
  submit(page);
  assert.equal(page.focused, page.field("Email"));
  const said = ["Full name", "Email", "Departure", "Return", "Number plate", "Passengers"].map((label) => messageOf(page, label));
  assert.deepEqual(said, ["", "Enter your email address.", "Enter the date of departure.", "Enter the date of return.", "Enter the number plate.", "Enter a number from 1 to 9."]);
  assert.equal(page.one("status").text, "5 fields need attention.");
  fill(page, { Email: "a@b.c", Departure: "2024-03-01", Return: "2024-03-01", "Number plate": "AB 1" });
  submit(page);
  assert.equal(page.focused, page.field("Passengers"));
  assert.equal(page.one("status").text, "1 field needs attention.");
  assert.equal(page.left, false);
});

test("the status is heard with each attempt", () => {
  const page = opened();
  fill(page, { "Full name": "Ada Lovelace" });
  assert.deepEqual(page.heard(), []);
  submit(page);
  assert.deepEqual(page.heard(), ["3 fields need attention."]);
  submit(page);
  assert.deepEqual(page.heard(), ["3 fields need attention."]);
  fill(page, { Email: "a@b" });
  assert.deepEqual(page.heard(), []);
  assert.equal(page.one("status").text, "3 fields need attention.");
});

test("Enter in a text field submits", () => {
  const page = opened();
  page.type(page.field("Passengers"), "3");
  page.press("Enter");
  listened(page);
  assert.equal(page.focused, page.field("Full name"));
  assert.deepEqual(page.heard(), ["3 fields need attention."]);
  assert.equal(messageOf(page, "Passengers"), "");
});

test("a booking is confirmed, and the form is as new", () => {
  const page = opened();
  page.click(page.field("Return trip"));
  page.choose(page.field("Vehicle"), "Van");
  fill(page, { ...VALID, "Full name": "  Ada King Noel ", Return: "2024-03-05", "Number plate": "a 1" });
  assert.deepEqual(page.heard(), []);
  submit(page);
  assert.deepEqual(page.heard(), ["Booked for Ada King Noel."]);
  assert.equal(page.one("status").text, "Booked for Ada King Noel.");
  assert.equal(page.left, false);
  assert.equal(page.focused, page.field("Full name"));
  assert.deepEqual(["Return", "Number plate"].map((label) => isShown(page, label)), [false, false]);
  assert.deepEqual([page.field("Return trip").checked, page.field("Vehicle").queryAll("option")[0].selected], [false, true]);
  for (const label of Object.keys(VALID)) assert.equal(page.field(label).value, "", label);
  page.press("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab");
  for (const label of Object.keys(VALID)) assert.equal(messageOf(page, label), "", `${label} has not been changed since`);
  page.click(page.field("Return trip"));
  assert.deepEqual([page.field("Return").value, messageOf(page, "Return")], ["", ""]);
});

test("Escape puts back the value and the message that the field had", () => {
  const page = opened();
  fill(page, { Email: "ada" });
  const wrong = "Enter an address like name@example.org.";
  page.type(page.field("Email"), "@example.org");
  assert.equal(messageOf(page, "Email"), "");
  page.press("Escape");
  assert.deepEqual([page.field("Email").value, messageOf(page, "Email")], ["ada", wrong]);
  fill(page, { Passengers: "2" });
  page.click(page.field("Passengers"));
  page.press("0", "Enter");
  assert.equal(messageOf(page, "Passengers"), "Enter a number from 1 to 9.");
  page.click(page.field("Passengers"));
  page.press("Backspace", "Backspace", "5", "Escape");
  assert.deepEqual([page.field("Passengers").value, messageOf(page, "Passengers")], ["20", "Enter a number from 1 to 9."]);
});

test("Escape goes back to when the field got the focus, past an attempt to submit", () => {
  const page = opened();
  page.type(page.field("Full name"), "Ada");
  page.press("Enter");
  assert.deepEqual([page.focused, messageOf(page, "Full name")], [page.field("Full name"), "Enter first and last name."]);
  page.press("Escape");
  assert.deepEqual([page.field("Full name").value, messageOf(page, "Full name")], ["", ""]);
  fill(page, { ...VALID, "Full name": "" });
  page.type(page.field("Full name"), "Ada Lovelace");
  page.press("Enter");
  listened(page);
  assert.equal(page.one("status").text, "Booked for Ada Lovelace.");
  page.press("Escape");
  assert.deepEqual([page.field("Full name").value, messageOf(page, "Full name")], ["", ""], "a booking leaves nothing to put back");
});

test("what Escape undoes was never done", () => {
  const page = opened();
  page.type(page.field("Email"), "ada");
  page.press("Escape", "Tab");
  assert.deepEqual([page.field("Email").value, messageOf(page, "Email")], ["", ""]);
  fill(page, { "Full name": "Ada Lovelace" });
  page.type(page.field("Full name"), " King");
  page.press("Escape");
  assert.equal(page.field("Full name").value, "Ada Lovelace");
  page.press("Tab", "Shift+Tab", "Backspace", "Escape", "Tab");
  assert.deepEqual([page.field("Full name").value, messageOf(page, "Full name")], ["Ada Lovelace", ""]);
  fill(page, { Departure: "2024-03-01" });
  page.type(page.field("Departure"), "x");
  page.press("Escape");
  page.tick(24 * 3600 * 1000);
  page.press("Tab");
  assert.equal(messageOf(page, "Departure"), "Departure is in the past.", "it had been changed before it got the focus");
});
