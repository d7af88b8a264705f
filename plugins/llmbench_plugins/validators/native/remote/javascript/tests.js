// Runs in the tests' box: tests of jest, with stand-ins where they import the answer.
//
// Standard input and descriptor 3 are the line to llmbench: one JSON object a line, every line out answered by one
// in. No model-written code is here; what the answer returns arrives as plain data, or as a handle.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');
const { createRequire } = require('module');
const { encode, decode, builtinError, ERRORS, Lines, SELF_JUDGING } = require('./values.js');

const POLL_MS = 2;
const LONGEST_POLL_MS = 50;
const { setTimeout: wait, clearTimeout: forget } = globalThis;

class AnswerEnded extends Error {}

class Peer {
  constructor() {
    this.lines = new Lines(fs);
    this.handed = [];
    this.numbers = new Map();
    this.theirs = new WeakMap();
    this.stands = new Map();
    this.waiting = new Map();
    this.spentMs = 0;
    this.protos = new Map();
    this.methods = new Map();
    this.names = new Map();
    this.stand = this.stand.bind(this);
  }

  exchange(message) {
    const began = performance.now();
    this.lines.say(message);
    const reply = this.lines.next();
    this.spentMs += performance.now() - began;
    return reply ?? { ended: 'the conversation is over' };
  }

  ask(request) {
    let reply = this.exchange({ ask: request });
    while ('callback' in reply) reply = this.exchange({ ask: this.called(reply) });
    if ('ended' in reply) throw new AnswerEnded(reply.ended);
    if ('error' in reply) throw this.decode(reply.error);
    const value = this.decode(reply.value);
    if (reply.method === true) this.remember(request, value);
    return value;
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

  // Calls a function that the tests handed to the answer: the one thing that it may do with it.
  called(reply) {
    try {
      const made = this.handed[reply.callback];
      if (typeof made !== 'function') throw new TypeError('not a function');
      const args = reply.args.map((arg) => this.decode(arg));
      return { op: 'back', value: this.encode(Reflect.apply(made, this.decode(reply.this), args)) };
    } catch (error) {
      if (error instanceof AnswerEnded) throw error;
      return { op: 'back', error: this.encode(error) };
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
      if (this.waiting.size === 1) this.poll();
    });
  }

  // The answer's promises settle in its own process: it is asked now and then which have.
  poll(ms = POLL_MS) {
    wait(() => {
      let settled;
      try {
        settled = this.ask({ op: 'settled' });
      } catch (error) {
        for (const { reject } of this.waiting.values()) reject(error);
        this.waiting.clear();
        return;
      }
      for (const [id, ok, value] of settled) {
        this.waiting.get(id)?.[ok === true ? 'resolve' : 'reject'](value);
        this.waiting.delete(id);
      }
      if (this.waiting.size) this.poll(settled.length ? POLL_MS : Math.min(2 * ms, LONGEST_POLL_MS));
    }, ms);
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

  async imported(file) {
    const names = this.ask({ op: 'import', path: file });
    return Object.fromEntries(names);
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

// Programs that tests start are the answer's: they run in its box.
function programs(peer) {
  const spawnSync = (file, args = [], options = {}) => {
    const argv = [file, ...args].map((arg) => (path.isAbsolute(String(arg)) ? path.relative(process.cwd(), arg) : arg));
    const { value, ended } = peer.exchange({ ask: { op: 'program', argv: argv.map(String), stdin: String(options.input ?? '') } });
    const text = (data) => (options.encoding && options.encoding !== 'buffer' ? data : Buffer.from(data));
    if (ended) return { status: null, signal: 'SIGKILL', stdout: text(''), stderr: text(ended), error: new Error(ended) };
    return { status: value.exit_code, signal: null, stdout: text(value.stdout), stderr: text(value.stderr) };
  };
  const execFileSync = (file, args, options) => {
    const ran = spawnSync(file, args, options);
    if (ran.status !== 0) throw Object.assign(new Error(`Command failed: ${file}\n${ran.stderr}`), ran);
    return ran.stdout;
  };
  const execSync = (command, options) => execFileSync('sh', ['-c', command], options);
  return { spawnSync, execFileSync, execSync };
}

// Timers of tests stand still while the answer is asked: the order in which they fire is then that of their delays,
// however long that takes here.
function useTimers(peer) {
  globalThis.setTimeout = (call, ms = 0, ...args) => {
    const made = performance.now() - peer.spentMs;
    const timer = {};
    const arm = (leftMs) => {
      timer.real = wait(() => {
        const left = ms - (performance.now() - peer.spentMs - made);
        if (left > 1) arm(left);
        else call(...args);
      }, leftMs);
    };
    arm(ms);
    return timer;
  };
  globalThis.clearTimeout = (timer) => forget(timer?.real ?? timer);
}

class Spec {
  constructor(peer, order) {
    this.peer = peer;
    this.answer = new Set(order.modules.map((name) => path.resolve(name)));
    this.loaded = new Map();
  }

  async load(file) {
    const { peer } = this;
    const real = createRequire(file);
    const require = (name) => (/^(node:)?child_process$/.test(name) ? programs(peer) : real(name));
    Object.assign(globalThis, { require, __dirname: path.dirname(file), __filename: file });
    const module = new vm.SourceTextModule(fs.readFileSync(file, 'utf8'), { identifier: file });
    await module.link((name) => this.linked(name, file));
    await module.evaluate();
    return module.namespace;
  }

  async linked(name, from) {
    if (!this.loaded.has(name)) this.loaded.set(name, await synthetic(await this.names(name, from), name));
    return this.loaded.get(name);
  }

  async names(name, from) {
    if (/^(node:)?child_process$/.test(name)) return { ...programs(this.peer), default: programs(this.peer) };
    if (!/^\.\.?\//.test(name)) return import(name);
    const file = path.resolve(path.dirname(from), name);
    const found = [file, `${file}.js`, `${file}.mjs`, path.join(file, 'index.js')].find((at) => this.answer.has(at));
    if (found) return this.peer.imported(path.relative(process.cwd(), found));
    return this.load([file, `${file}.js`, `${file}.mjs`].find((at) => fs.existsSync(at) && fs.statSync(at).isFile()) ?? file);
  }
}

async function synthetic(names, identifier) {
  const keys = Object.keys(names);
  const module = new vm.SyntheticModule(keys, () => keys.forEach((key) => module.setExport(key, names[key])), { identifier });
  await module.link(() => {});
  return module;
}

// jest-circus gives errors as the text of their stacks.
function shown(error) {
  const text = typeof error === 'string' ? error : String(error?.stack ?? error?.message ?? error);
  const lines = text.replaceAll(`${process.cwd()}/`, '').split('\n');
  const isOurs = (line) => !/^\s+at /.test(line) || /[\w-]\.(?:spec\.|test\.)?m?js:\d/.test(line.replace(/.*(?:node_modules|\.llmbench|node:).*/, ''));
  return lines.filter(isOurs).join('\n').replace(/^(?:thrown: )?Error: /, '');
}

async function run(order, peer) {
  const circus = require('jest-circus');
  const { jestExpect } = require('@jest/expect');
  const { ModuleMocker } = require('jest-mock');
  const mocker = new ModuleMocker(globalThis);
  const jest = { fn: mocker.fn.bind(mocker), spyOn: mocker.spyOn.bind(mocker) };
  const { describe, it, test, beforeAll, beforeEach, afterAll, afterEach } = circus;
  const more = { xdescribe: describe.skip, fdescribe: describe.only, xit: it.skip, fit: it.only, xtest: test.skip };
  Object.assign(globalThis, { expect: jestExpect, jest, describe, it, test, beforeAll, beforeEach, afterAll, afterEach }, more);
  // One limit is enough, that of all tests together: those of single tests would be missed on a busy machine.
  globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = 1000 * order.timeout_s;
  useTimers(peer);
  const cases = [];
  let problem = '';
  for (const file of order.tests) {
    circus.resetState();
    try {
      await new Spec(peer, order).load(path.resolve(file));
    } catch (error) {
      problem = `${file} could not be loaded: ${shown(error)}`;
      continue;
    }
    const results = await circus.run();
    for (const error of results.unhandledErrors) problem = `${file}: ${shown(error)}`;
    for (const result of results.testResults) cases.push(caseOf(result, order.tests.length > 1 ? file : ''));
  }
  return { cases: numbered(cases), problem };
}

function caseOf({ testPath, errors, status }, file) {
  const name = [file, ...testPath.slice(1)].filter(Boolean).join(' > ');
  const kind = status === 'skip' || status === 'todo' ? 'skipped' : errors.length ? 'failure' : 'passed';
  return [name, [kind, errors.map(shown).join('\n')]];
}

function numbered(cases) {
  const seen = new Map();
  return Object.fromEntries(
    cases.map(([name, result]) => {
      seen.set(name, (seen.get(name) ?? 0) + 1);
      return [seen.get(name) > 1 ? `${name} (${seen.get(name)})` : name, result];
    }),
  );
}

async function main() {
  const peer = new Peer();
  process.on('unhandledRejection', () => {});
  const order = peer.lines.next();
  peer.exchange({ done: await run(order, peer) });
  process.exit(0);
}

main();
