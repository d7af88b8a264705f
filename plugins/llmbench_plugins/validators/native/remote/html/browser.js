// Runs in the answer's box: the answer's page in a DOM, and somebody who uses it as the tests say.
//
// It shares its process with the page's scripts, which can make it say anything. That buys nothing: what it says is
// what stands on the page, and what of it is expected is in another box.
'use strict';

const { Lines } = require('./lines.js');
const { Picture } = require('./picture.js');
const { User } = require('./user.js');
const { describe, openPage } = require('./window.js');

const turn = setImmediate;

class Browser {
  constructor() {
    this.picture = new Picture();
    process.on('unhandledRejection', (error) => this.page?.errors.push(describe(error)));
    process.on('uncaughtException', (error) => this.page?.errors.push(describe(error)));
  }

  async done(request) {
    switch (request.op) {
      case 'open':
        return this.open(request);
      case 'look':
        return this.picture.taken(this.page);
      case 'hear':
        return this.page.heard.splice(0);
      case 'act':
        return this.user.does(request.kind, request.node && this.picture.element(request.node), request.args);
      case 'tick':
        return this.page.passes(request.ms);
      default:
        throw new Error(`${request.op}: unknown`);
    }
  }

  async open({ path, options }) {
    this.page?.close();
    this.picture = new Picture();
    this.page = await openPage(path, options);
    this.user = new User(this.page);
    await this.page.settled();
  }

  async reply(request) {
    try {
      const value = (await this.done(request)) ?? null;
      await new Promise((resolve) => turn(resolve)); // rejections that nobody handles are told meanwhile
      const [error] = this.page?.errors.splice(0) ?? [];
      return error === undefined ? { value } : { error: `the page's script failed: ${error}` };
    } catch (error) {
      return { error: describe(error) };
    }
  }
}

// What stands on a page may be more than gets through: then the act fails, and the page goes on.
function say(lines, reply) {
  try {
    lines.say(reply, () => 'what stands on the page');
  } catch (error) {
    lines.say({ error: describe(error) }, () => 'an error');
  }
}

async function main() {
  const lines = new Lines(Number(process.argv.pop()));
  const browser = new Browser();
  for (;;) {
    await lines.ready();
    const request = lines.next();
    if (request === null) process.exit(0);
    say(lines, await browser.reply(request));
  }
}

main();
