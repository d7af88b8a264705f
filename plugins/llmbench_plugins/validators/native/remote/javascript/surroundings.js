// What tests find in place of Node's own: programs, timers, and Node's runner of tests.
'use strict';

const path = require('path');

const { setTimeout: wait, clearTimeout: forget } = globalThis;

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

// Tests for Node's own runner, run by jest's: the functions of node:test.
function nodeTest({ describe, it, beforeAll, afterAll, beforeEach, afterEach }) {
  const test = Object.assign(declared(it), { only: declared(it.only), skip: declared(it.skip), todo: declared(it.todo) });
  const suite = Object.assign(declared(describe), { only: declared(describe.only), skip: declared(describe.skip) });
  const hook = (made) => (run) => made(() => run(contextOf('')));
  const hooks = { before: hook(beforeAll), after: hook(afterAll), beforeEach: hook(beforeEach), afterEach: hook(afterEach) };
  const all = { ...hooks, test, it: test, describe: suite, suite };
  Object.defineProperty(all, 'mock', { enumerable: true, get: () => require('node:test').mock });
  return { ...all, default: Object.assign(test, all) };
}

// jest's functions take a name and a function; Node's take options between them, or no name at all.
function declared(made) {
  return (...args) => {
    const run = args.find((each) => typeof each === 'function');
    const options = args.find((each) => typeof each === 'object' && each !== null) ?? {};
    const name = typeof args[0] === 'string' ? args[0] : run?.name || '<anonymous>';
    if (options.todo || (run === undefined && made.todo)) return made.todo(name);
    return (options.skip && made.skip ? made.skip : made)(name, run && (() => run(contextOf(name))));
  };
}

function contextOf(name) {
  const within = async (...args) => args.find((each) => typeof each === 'function')?.(contextOf(name));
  return { name, test: within, it: within, diagnostic() {}, plan() {}, signal: new AbortController().signal, get mock() { return require('node:test').mock; } };
}

module.exports = { programs, useTimers, nodeTest };
