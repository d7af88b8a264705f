// Runs in the answer's box: loads the answer's modules and does with them what tests ask.
//
// It shares its process with model-written code, which can make it say anything. That buys nothing: what it says
// are return values, and calls of functions that the tests handed to it; the tests are in another box.
'use strict';

const path = require('path');
const { Lines } = require('./lines.js');
const { Loader } = require('./loader.js');
const { encode, decode, builtinError, ERRORS } = require('./values.js');

const TRACE = 2000;
const LONGEST_MESSAGE = 100000;
const LONGEST_NAME = 100;
const MARGIN = 100;
const { setImmediate: afterJobs } = globalThis;

class Peer {
  constructor(lines) {
    this.lines = lines;
    this.loader = new Loader();
    this.held = [];
    this.numbers = new Map();
    this.theirs = new Map();
    this.doubles = new Map();
    this.settled = [];
    this.isAsked = false;
    this.double = this.double.bind(this);
  }

  known(value) {
    return this.theirs.has(value) ? { t: this.theirs.get(value) } : undefined;
  }

  keep(value) {
    const isNew = !this.numbers.has(value);
    return { h: this.described(value, this.number(value), isNew) };
  }

  number(value) {
    if (!this.numbers.has(value)) this.numbers.set(value, this.held.push(value) - 1);
    return this.numbers.get(value);
  }

  described(value, id, isNew) {
    if (value instanceof Error) return this.describedError(value, id);
    if (value instanceof Promise) {
      if (isNew) this.watch(value, id);
      return { id, kind: 'promise' };
    }
    if (typeof value === 'function') {
      const isError = value.prototype instanceof Error;
      return { id, kind: isError ? 'errorclass' : 'function', name: String(value.name), ...(isError && this.base(value)) };
    }
    return { id, kind: Array.isArray(value) ? 'array' : 'object', proto: this.number(Object.getPrototypeOf(value)) };
  }

  base(kind) {
    const parent = Object.getPrototypeOf(kind);
    return parent in ERRORS || !(parent.prototype instanceof Error)
      ? { base: builtinError(kind.prototype) }
      : { parent: this.keep(parent).h };
  }

  describedError(value, id) {
    const own = Object.keys(value).filter((key) => !['name', 'message', 'stack', 'asymmetricMatch'].includes(key));
    const kind = value.constructor;
    const isOwn = typeof kind === 'function' && kind.prototype instanceof Error && ERRORS[kind.name] !== kind;
    return {
      id,
      kind: 'error',
      name: String(value.name),
      message: this.encode(typeof value.message === 'string' ? value.message.slice(0, LONGEST_MESSAGE) : value.message),
      base: builtinError(value),
      ...(isOwn && { class: this.keep(kind).h }),
      own: own.map((key) => [key, this.encode(value[key])]),
      trace: traceOf(value),
    };
  }

  watch(promise, id) {
    const told = (ok) => (value) => this.settled.push({ id, ok, value });
    promise.then(told(true), told(false));
  }

  // What stands for an object of the tests.
  double(tag, body) {
    if (tag === 't') return this.held[body];
    if (!this.doubles.has(body.id)) {
      const made = this.made(body);
      this.doubles.set(body.id, made);
      this.theirs.set(made, body.id);
    }
    return this.doubles.get(body.id);
  }

  made(described) {
    if (described.kind === 'error') {
      const error = new ERRORS[described.base](described.message);
      if (error.name !== described.name) error.name = described.name;
      return error;
    }
    if (described.kind === 'promise') {
      return new Promise((resolve, reject) => {
        (this.waiting ??= new Map()).set(described.id, (ok, value) => (ok ? resolve(value) : reject(value)));
      });
    }
    if (described.kind === 'object') return {};
    const peer = this;
    const stand = { [described.name]: function (...args) { return peer.callBack(described.id, this, args); } };
    return Object.defineProperty(stand[described.name], 'length', { value: described.length });
  }

  encode(value) {
    return encode(value, this);
  }

  decode(data) {
    return decode(data, this.double);
  }

  // Asks the tests to call a function of theirs, and answers what they ask meanwhile. They listen only when they wait
  // for an answer: a timer that fires between two questions says it to the next, which is answered later.
  callBack(id, self, args) {
    const receiver = self === globalThis ? undefined : self;
    const asked = { callback: id, this: this.encode(receiver), args: args.map((arg) => this.encode(arg)) };
    const waiting = this.isAsked ? undefined : this.heard();
    try {
      this.isAsked = true;
      this.lines.say(asked, () => 'what the answer hands to a function of the tests');
      return this.toldBack();
    } finally {
      if (waiting) {
        this.isAsked = false;
        this.lines.again(waiting);
      }
    }
  }

  toldBack() {
    for (;;) {
      const request = this.heard();
      if (request.op !== 'back') this.reply(request, this.replySoon(request));
      else if ('error' in request) throw this.decode(request.error);
      else return this.decode(request.value);
    }
  }

  heard() {
    const request = this.lines.next();
    if (request === null) process.exit(1);
    return request;
  }

  reply(request, message) {
    try {
      this.lines.say(message, () => `what ${this.named(request)} returns`);
    } catch (error) {
      this.lines.say(this.failed(error), () => 'an error');
    }
  }

  named({ op, on, args }) {
    const isCall = op === 'call' || op === 'new';
    const name = isCall ? Object.getOwnPropertyDescriptor(this.held[on], 'name')?.value : args?.[0];
    return typeof name === 'string' && name ? name.slice(0, LONGEST_NAME) : `the answer's ${op}`;
  }

  replySoon(request) {
    try {
      const made = this.done(request);
      const value = this.encode(made);
      return typeof made === 'function' && request.op === 'get' ? { value, method: this.isMethod(request) } : { value };
    } catch (error) {
      return this.failed(error);
    }
  }

  // Whether a function was found on an object's class, so that it need not be asked for with each call.
  isMethod(request) {
    const parent = Object.getPrototypeOf(Object(this.held[request.on]));
    return parent !== null && Object.hasOwn(parent, this.decode(request.args[0])) && !Object.hasOwn(this.held[request.on], this.decode(request.args[0]));
  }

  failed(error) {
    try {
      const message = { error: this.encode(error) };
      this.lines.packed(message, () => 'what the answer throws');
      return message;
    } catch (again) {
      return { error: this.encode(new Error(worded(again))) };
    }
  }

  done(request) {
    const args = (request.args ?? []).map((arg) => this.decode(arg));
    const thing = request.on === undefined ? undefined : this.held[request.on];
    switch (request.op) {
      case 'get':
        return Reflect.get(Object(thing), args[0], thing);
      case 'set':
        return Reflect.set(thing, args[0], args[1]);
      case 'has':
        return Reflect.has(thing, args[0]);
      case 'delete':
        return Reflect.deleteProperty(thing, args[0]);
      case 'keys':
        return Reflect.ownKeys(thing).filter((key) => typeof key === 'string');
      case 'own':
        return ownProperty(thing, args[0]);
      case 'proto':
        return prototypeOf(thing);
      case 'call':
        return Reflect.apply(this.current(thing, args[0], request.as), args[0], args[1]);
      case 'new':
        return Reflect.construct(thing, args[0]);
      case 'settle':
        return this.waiting.get(request.id)(request.ok, args[0]);
      default:
        throw new Error(`${request.op}: unknown`);
    }
  }

  // What an object has now under the name of a method that the tests remember.
  current(method, self, name) {
    const found = name === undefined || self === null || typeof self !== 'object' ? method : Reflect.get(self, name);
    return typeof found === 'function' ? found : method;
  }

  // Answers what the tests ask until their code rests, and only then lets what it has set off here go on, as in one
  // process. All that needs no timer is done before they hear of it, the calls of their functions included.
  async serve() {
    this.isAsked = true;
    for (let request = this.heard(); request.op !== 'rest'; request = this.heard()) {
      this.reply(request, request.op === 'import' ? await this.imported(request) : this.replySoon(request));
    }
    await new Promise((resolve) => afterJobs(resolve));
    this.lines.say({ settled: this.news() }, () => 'what is settled');
    this.isAsked = false;
  }

  // How promises have settled: as many as can be said at once.
  news() {
    const told = [];
    for (let left = this.lines.most - MARGIN; this.settled.length; this.settled.shift()) {
      const each = this.told(this.settled[0]);
      left -= Buffer.byteLength(JSON.stringify(each));
      if (told.length && left < 0) break;
      told.push(each);
    }
    return told;
  }

  told({ id, ok, value }) {
    try {
      const each = [id, ok, this.encode(value)];
      this.lines.packed({ settled: [each] }, () => `what a promise of the answer is ${ok ? 'fulfilled' : 'rejected'} with`);
      return each;
    } catch (error) {
      return [id, false, this.failed(error).error];
    }
  }

  async imported(request) {
    this.lines.leave();
    try {
      const { names, common } = await this.loader.load(path.resolve(request.path));
      return { value: this.encode([common, Object.entries(names)]) };
    } catch (error) {
      return this.failed(error);
    } finally {
      this.lines.back();
    }
  }
}

// What an answer has thrown may not let itself be shown.
function worded(thrown) {
  try {
    return String(thrown).slice(0, LONGEST_MESSAGE);
  } catch {
    return 'the answer threw what can not be shown';
  }
}

function ownProperty(thing, key) {
  const found = Reflect.getOwnPropertyDescriptor(thing, key);
  return found && { enumerable: found.enumerable };
}

function prototypeOf(thing) {
  const parent = Object.getPrototypeOf(thing);
  if (parent === Object.prototype) return 'Object';
  if (parent === Array.prototype) return 'Array';
  if (parent === Function.prototype) return 'Function';
  return parent;
}

function traceOf(error) {
  const lines = String(error.stack).split('\n').filter((line) => /^\s+at /.test(line) && !line.includes('.llmbench/'));
  return lines.filter((line) => !line.includes('(node:')).join('\n').slice(0, TRACE).replaceAll(`${process.cwd()}/`, '');
}

async function main() {
  // A prototype is missing where Node.js is older than what the answer may use; jest's preset brings it as well.
  if (!Array.prototype.toSorted) require('core-js/actual');
  const peer = new Peer(new Lines(Number(process.argv.pop())));
  process.on('unhandledRejection', () => {});
  for (;;) {
    await peer.lines.ready();
    await peer.serve();
  }
}

main().catch(() => process.exit(1));
