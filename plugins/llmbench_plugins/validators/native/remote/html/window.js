// Opens a page of the answer: its own files and no others, a clock that only tests move, and notes of what goes wrong.
'use strict';

const fs = require('fs');
const path = require('path');
const FakeTimers = require('@sinonjs/fake-timers');
const { JSDOM, ResourceLoader, VirtualConsole } = require('jsdom');
const { fillIn } = require('./fills.js');
const { Hearing } = require('./heard.js');
const { useStyles } = require('./styles.js');

const ORIGIN = 'http://page.test/';
const FAKED = [
  'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance',
  'requestAnimationFrame', 'cancelAnimationFrame',
];
const LONGEST = 2000;
const { setImmediate: turn } = globalThis;

// What a step of the user takes: the page's timers of up to a frame have fired when it is over.
const STEP_MS = 20;

class OwnFiles extends ResourceLoader {
  constructor(given) {
    super();
    this.given = given;
  }

  fetch(url) {
    const read = new Promise((resolve) => resolve(this.read(url)));
    return Object.assign(read, { abort() {} });
  }

  read(url) {
    if (!url.startsWith(ORIGIN)) throw new Error(`${url.slice(0, 100)} is not a file of the page`);
    const name = decodeURIComponent(new URL(url).pathname.slice(1));
    if (Object.hasOwn(this.given, name)) return Buffer.from(this.given[name]);
    const file = path.resolve(name);
    if (!file.startsWith(process.cwd() + path.sep)) throw new Error(`${name} is not a file of the page`);
    return fs.readFileSync(file);
  }
}

class OpenPage {
  constructor({ now = '2024-01-01T00:00:00Z', width = 1024 }) {
    this.width = width;
    this.now = new Date(now).getTime();
    this.errors = [];
    this.heard = [];
    this.left = false;
  }

  // Called before any script of the page runs.
  prepare(window) {
    this.window = window;
    this.close = window.close.bind(window);
    this.clock = FakeTimers.withGlobal(window).install({ now: this.now, toFake: FAKED });
    window.innerWidth = this.width;
    fillIn(window);
    useStyles(window, this.width);
    this.hearing = new Hearing(window, this);
  }

  console() {
    const virtual = new VirtualConsole();
    virtual.on('jsdomError', (error) => {
      if (error.type === 'unhandled exception') this.errors.push(describe(error.detail));
      else if (/navigation/.test(error.message)) this.left = true;
      else process.stderr.write(`${error.message}\n`);
    });
    return virtual.sendTo(console, { omitJSDOMErrors: true });
  }

  async passes(ms) {
    try {
      await this.clock.tickAsync(ms);
    } catch (error) {
      this.errors.push(describe(error)); // of a timer of the page
    }
    await new Promise((resolve) => turn(resolve));
  }

  // Lets happen what follows from what was done: promises, and timers of no more than a frame.
  async settled() {
    await new Promise((resolve) => turn(resolve));
    await this.passes(STEP_MS);
  }
}

async function openPage(name, options) {
  const page = new OpenPage(options);
  const files = new OwnFiles(options.files ?? {});
  const dom = new JSDOM(files.read(new URL(name, ORIGIN).href), {
    url: new URL(name, ORIGIN).href,
    contentType: 'text/html',
    runScripts: 'dangerously',
    resources: files,
    pretendToBeVisual: true,
    virtualConsole: page.console(),
    beforeParse: (window) => page.prepare(window),
  });
  if (dom.window.document.readyState !== 'complete') {
    await new Promise((resolve) => dom.window.addEventListener('load', resolve));
  }
  return page;
}

// What a page has thrown may not let itself be shown.
function describe(error) {
  try {
    const isError = typeof error === 'object' && error !== null && 'message' in error;
    return String(isError ? `${error.name}: ${error.message}` : error).slice(0, LONGEST);
  } catch {
    return 'it threw what can not be shown';
  }
}

module.exports = { describe, openPage };
