import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { open } from "page";

import prices from "./prices.cjs";

const fresh = (options) => open("index.html", options);

describe("what is read", () => {
  test("names, roles, texts and descriptions", () => {
    const page = fresh();
    assert.equal(page.title, "Orders");
    assert.deepEqual([page.one("heading").text, page.one("heading").tag], ["Orders", "h1"]);
    assert.equal(page.field("Who").description, "First name");
    assert.equal(page.query("#who-hint").text, "First name");
    assert.deepEqual(page.field("Who").named("aria-describedby").map(String), ["<p#who-error>", "<p#who-hint>"]);
    assert.equal(page.one("group", "Extras").one("checkbox", /milk/i).checked, false);
    assert.equal(page.one("button", "Help").text, "?");
    assert.equal(page.one("button", "Later").disabled, true);
    assert.deepEqual(page.one("table", "Prices").all("row").map((row) => row.text), ["Size Price", "Small 2"]);
    assert.deepEqual(page.all("rowheader").map((each) => each.name), ["Small"]);
    assert.deepEqual(page.all("columnheader").map((each) => each.name), ["Size", "Price"]);
    assert.equal(page.one("link").attr("href"), "away.html");
    assert.match(page.text, /^Orders Who First name Size/);
  });

  test("what is missing is said with what is there", () => {
    const page = fresh();
    assert.throws(() => page.one("button", "Send"), /expected one button 'Send' on the page, found 0; .*'Order'/);
    assert.throws(() => page.field("Where"), /'Who', 'Size/);
    assert.throws(() => open("index.html", { then: 1 }), /no option then/);
    assert.throws(() => open("nothing.html"), /nothing.html/);
  });

  test("style sheets hide by weight, and by width", () => {
    const page = fresh({ width: 500 });
    assert.deepEqual([page.one("heading").visible, page.query("#late").visible], [true, false]);
    assert.deepEqual(page.all("button").map((each) => each.name), ["Order", "Later"]);
    page.tick(2000);
    assert.deepEqual([page.query("#late").visible, page.query("#late").text], [true, "Are you still there?"]);
  });
});

describe("what is done", () => {
  test("typing, choosing, clicking and sending", () => {
    const page = fresh();
    page.type(page.field("Who"), "A{d}a");
    page.choose(page.field(/^Size/), "Large");
    page.click(page.field("Milk"));
    assert.deepEqual([page.field("Who").value, page.field(/^Size/).value, page.field("Milk").checked], ["A{d}a", "l", true]);
    page.click(page.one("button", "Order"));
    assert.deepEqual(page.all("listitem").map((each) => each.text), ["A{d}a: 3 with milk"]);
    assert.deepEqual(page.heard(), ["Ordered for A{d}a"]);
    assert.deepEqual(page.heard(), []);
    const [item] = page.all("listitem");
    page.press("Shift+Delete");
    assert.equal(item.exists, false);
    assert.throws(() => item.text, /li is no longer on the page/);
  });

  test("the keyboard moves the focus and sends the form", () => {
    const page = fresh();
    assert.equal(page.focused, null);
    page.press("Tab");
    assert.equal(page.focused, page.field("Who"));
    page.press("Tab", "Tab", "Shift+Tab");
    assert.equal(page.focused.id, "size");
    page.click(page.field("Who"));
    page.press("Enter");
    assert.deepEqual([page.focused.id, page.field("Who").attr("aria-invalid"), page.field("Who").valid], ["who", "true", false]);
    page.press("x", "Space", "y", "Enter");
    assert.equal(page.one("listitem").text, "x y: 2");
    page.fill(page.field("Who"), "Bo");
    assert.equal(page.field("Who").value, "Bo");
    page.clear(page.field("Who"));
    assert.equal(page.field("Who").value, "");
  });

  test("what is not displayed cannot be used", () => {
    const page = fresh();
    assert.throws(() => page.click(page.query("#late")), /<p#late> is not displayed/);
    assert.throws(() => page.click(null), /expected an element of the page, got null/);
  });

  test("the clock stands still", () => {
    const page = fresh({ now: "2030-05-06T07:08:09Z" });
    assert.equal(page.query("#since").text, "2030-05-06T07:08:09.000Z");
  });

  test("tests bring files of their own, and see that the page is left", () => {
    const page = fresh({ files: { "prices.js": prices } });
    assert.equal(page.left, false);
    page.click(page.one("button", "Help"));
    page.click(page.one("link", "Away"));
    assert.equal(page.left, true);
    const other = open("other.html", { files: { "other.html": '<script src="prices.js"></script><p></p><script>document.querySelector("p").textContent = PRICES.l</script>', "prices.js": prices } });
    assert.equal(other.text, "30");
    assert.throws(() => page.text, /another page has been opened/);
  });
});
