// The tests' end of the conversation, and what stands for objects of the answer.
'use strict';

const { encode, decode, builtinError, ERRORS, SELF_JUDGING } = require('./values.js');

const POLL_MS = 2;
const LONGEST_POLL_MS = 50;
const { setTimeout: wait, clearTimeout: forget, queueMicrotask } = globalThis;

class AnswerEnded extends Error {}

class Peer {
  constructor(lines) {
    this.lines = lines;
    this.handed = [];
    this.numbers = new Map();
    this.theirs = new WeakMap();
    this.stands = new Map();
    this.waiting = new Map();
    this.spentMs = 0;
    this.calls = 0;
    this.hasFunctions = false;
    this.isResting = false;
    this.protos = new Map();
    this.methods = new Map();
    this.names = new Map();
    this.files = new Map();
    this.stand = this.stand.bind(this);
  }

  exchange(message) {
    return this.exchanged(this.lines.packed(message, () => 'what a test hands to the answer'));
  }

  exchanged(line) {
    const began = performance.now();
    this.lines.write(line);
    const reply = this.heard();
    this.spentMs += performance.now() - began;
    return reply;
  }

  heard() {
    try {
      const reply = this.lines.next();
      if (reply === null) return { ended: 'the conversation is over' };
      if (typeof reply === 'object') return reply;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    return { ended: "the answer's process said what is no reply" };
  }

  ask(request) {
    this.restSoon();
    const reply = this.replied(request);
    if ('error' in reply) throw this.decode(reply.error);
    const value = this.decode(reply.value);
    if (reply.method === true) this.remember(request, value);
    return value;
  }

  replied(request) {
    let reply = this.exchange({ ask: request });
    while ('callback' in reply) reply = this.exchanged(this.called(reply));
    if ('ended' in reply) throw new AnswerEnded(reply.ended);
    return reply;
  }

  // Methods are asked for once a class; which one an object has is looked up again when it is called.
  remember(request, method) {
    const proto = this.protos.get(request.on);
    if (proto === undefined || typeof request.args[0] !== 'string' || typeof method !== 'function') return;
    this.methods.set(`${proto}.${request.args[0]}`, method);
    this.names.set(this.theirs.get(method), request.args[0]);
  }

  on(id, op, ...args) {
    return this.ask({ op, on: id, args: args.map((arg) => this.encode(arg)) });
  }

  encode(value) {
    return encode(value, this);
  }

  decode(data) {
    return decode(data, this.stand);
  }

  known(value) {
    return this.theirs.has(value) ? { t: this.theirs.get(value) } : undefined;
  }

  // The handle of what the answer may call, wait for or hand back; objects that only hold things are copied.
  keep(value, isCycle) {
    const kind = value instanceof Error ? 'error' : value instanceof Promise ? 'promise' : typeof value;
    if (kind === 'object' && !isCycle && [Object.prototype, null].includes(Object.getPrototypeOf(value))) return undefined;
    let id = this.numbers.get(value);
    if (id === undefined) {
      id = this.handed.push(value) - 1;
      this.numbers.set(value, id);
      if (kind === 'promise') this.passOn(value, id);
      if (kind === 'function') this.hasFunctions = true;
    }
    if (kind === 'error') return { h: { id, kind, base: builtinError(value), name: value.name, message: value.message } };
    return { h: { id, kind, name: String(value.name ?? ''), length: value.length ?? 0 } };
  }

  passOn(promise, id) {
    const told = (ok) => (value) => this.ask({ op: 'settle', id, ok, args: [this.encode(value)] });
    promise.then(told(true), told(false)).catch(() => {});
  }

  // The name under which an object's class has a function.
  nameOn(self, id) {
    const name = this.names.get(id);
    const method = this.methods.get(`${this.protos.get(this.theirs.get(self))}.${name}`);
    return method !== undefined && this.theirs.get(method) === id ? name : undefined;
  }

  // Calls a function that the tests handed to the answer, the one thing that it may do with it, and returns the line
  // that says what came of it.
  called(reply) {
    this.calls += 1;
    try {
      const made = this.handed[reply.callback];
      if (typeof made !== 'function') throw new TypeError('not a function');
      const args = reply.args.map((arg) => this.decode(arg));
      const value = this.encode(Reflect.apply(made, this.decode(reply.this), args));
      return this.lines.packed({ ask: { op: 'back', value } }, () => "what a test's function returns to the answer");
    } catch (error) {
      if (error instanceof AnswerEnded) throw error;
      return this.lines.packed({ ask: { op: 'back', error: this.encode(error) } }, () => "what a test's function throws");
    }
  }

  stand(tag, body) {
    if (tag === 't') return this.handed[body];
    if (!this.stands.has(body.id)) {
      const made = this.made(body);
      this.stands.set(body.id, made);
      this.theirs.set(made, body.id);
    }
    return this.stands.get(body.id);
  }

  made(described) {
    switch (described.kind) {
      case 'error':
        return this.madeError(described);
      case 'errorclass':
        return this.madeErrorClass(described);
      case 'promise':
        return this.madePromise(described.id);
      case 'function':
        return new Proxy(function () {}, this.traps(described.id));
      case 'array':
        return new Proxy([], this.traps(described.id));
      default:
        this.protos.set(described.id, described.proto);
        return new Proxy({}, this.traps(described.id));
    }
  }

  madeError(described) {
    const message = this.decode(described.message);
    const error = new (ERRORS[described.base] ?? Error)(typeof message === 'string' ? message : String(message));
    if (described.class) Object.setPrototypeOf(error, this.stand('h', described.class).prototype);
    const hidden = (value) => ({ value, writable: true, configurable: true, enumerable: false });
    if (error.name !== described.name) Object.defineProperty(error, 'name', hidden(described.name));
    for (const [key, value] of described.own) if (!SELF_JUDGING.test(key)) error[key] = this.decode(value);
    Object.defineProperty(error, 'stack', hidden(`${described.name}: ${error.message}\n${described.trace}`));
    return error;
  }

  madeErrorClass(described) {
    const base = described.parent ? this.stand('h', described.parent) : ERRORS[described.base];
    const local = { [described.name]: class extends base {} }[described.name];
    const traps = { construct: (_, args) => this.on(described.id, 'new', args) };
    return new Proxy(local, traps);
  }

  madePromise(id) {
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
    });
  }

  // Code of the answer's that waits for the end of what runs goes on when what runs here has ended.
  restSoon() {
    if (this.isResting) return;
    this.isResting = true;
    queueMicrotask(() => this.rest(POLL_MS));
  }

  // Lets the answer go on, and hears which of its promises have settled. Its timers fire in its own process, and there
  // it may come to call a function of the tests: it gets its turn now and then as long as there is something to be told.
  rest(ms) {
    forget(this.timer);
    this.isResting = true;
    const before = this.calls;
    let settled = [];
    try {
      settled = this.replied({ op: 'rest' }).settled.map(([id, ok, value]) => [id, ok, this.decode(value)]);
    } catch (error) {
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
      return;
    } finally {
      this.isResting = false;
    }
    for (const [id, ok, value] of settled) {
      this.waiting.get(id)?.[ok === true ? 'resolve' : 'reject'](value);
      this.waiting.delete(id);
    }
    const next = settled.length || this.calls > before ? POLL_MS : Math.min(2 * ms, LONGEST_POLL_MS);
    if (this.waiting.size > 0 || this.hasFunctions) this.timer = wait(() => this.rest(next), next);
  }

  traps(id) {
    const on = (op, ...args) => this.on(id, op, ...args);
    const isBlocked = (key) => typeof key === 'string' && SELF_JUDGING.test(key);
    const isFixed = (target, key) => Reflect.getOwnPropertyDescriptor(target, key)?.configurable === false;
    return {
      get: (_, key) => (isBlocked(key) ? undefined : this.methods.get(`${this.protos.get(id)}.${String(key)}`) ?? on('get', key)),
      set: (_, key, value) => on('set', key, value) === true,
      has: (target, key) => isFixed(target, key) || (!isBlocked(key) && on('has', key) === true),
      deleteProperty: (_, key) => on('delete', key) === true,
      ownKeys: (target) => keysOf(on('keys'), target).filter((key) => !isBlocked(key)),
      getOwnPropertyDescriptor: (target, key) => {
        const found = isBlocked(key) ? undefined : on('own', key);
        const fixed = Reflect.getOwnPropertyDescriptor(target, key);
        if (fixed?.configurable === false) return key === 'length' ? { ...fixed, value: on('get', key) } : fixed;
        return found && { value: on('get', key), writable: true, configurable: true, enumerable: found.enumerable === true };
      },
      getPrototypeOf: () => prototypeFor(on('proto')),
      apply: (_, self, args) => this.ask({ op: 'call', on: id, as: this.nameOn(self, id), args: [this.encode(self), this.encode(args)] }),
      construct: (_, args) => on('new', args),
    };
  }

  // What a file of the answer exports, and whether it is CommonJS.
  imported(file) {
    if (!this.files.has(file)) {
      const [common, names] = this.ask({ op: 'import', path: file });
      this.files.set(file, { names: Object.fromEntries(names), common: common === true });
    }
    return this.files.get(file);
  }
}

function keysOf(keys, target) {
  const fixed = Reflect.ownKeys(target).filter((key) => Reflect.getOwnPropertyDescriptor(target, key).configurable === false);
  return [...new Set([...keys, ...fixed])];
}

function prototypeFor(found) {
  const known = { Object: Object.prototype, Array: Array.prototype, Function: Function.prototype };
  return typeof found === 'string' ? known[found] ?? null : found;
}

module.exports = { Peer };
