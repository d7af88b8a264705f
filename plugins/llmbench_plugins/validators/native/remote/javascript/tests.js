// Runs in the tests' box: tests of jest or of Node's own runner, with stand-ins where they import the answer.
//
// Standard input and descriptor 3 are the line to llmbench: one JSON object a line, every line out answered by one
// in. No model-written code is here; what the answer returns arrives as plain data, or as a handle.
'use strict';

const path = require('path');
const { Lines } = require('./lines.js');
const { Loader, isRelative } = require('./loader.js');
const { Peer } = require('./peer.js');
const { programs, useTimers, nodeTest } = require('./surroundings.js');

const ENDINGS = ['', '.js', '.mjs', '.cjs', '/index.js', '/index.mjs'];
const LONGEST = 20000;

// Returns a function that knows what tests do not get from the files beside them.
function givenFor(order, peer, circus) {
  const answer = new Set(order.modules.map((name) => path.resolve(name)));
  const own = new Map([
    ['child_process', () => programs(peer)],
    ['test', () => nodeTest(circus)],
    ['@jest/globals', () => ({ ...circus, expect: globalThis.expect, jest: globalThis.jest })],
  ]);
  for (const [name, file] of Object.entries(order.helpers ?? {})) own.set(name, () => require(file).helper(peer));
  const made = new Map();
  return (name, from) => {
    const key = name === 'test' ? '' : name.replace(/^node:/, '');
    if (own.has(key)) {
      if (!made.has(key)) made.set(key, own.get(key)());
      return { names: { default: made.get(key), ...made.get(key) }, common: true };
    }
    if (!isRelative(name)) return undefined;
    const file = path.resolve(path.dirname(from), name);
    const found = ENDINGS.map((ending) => file + ending).find((at) => answer.has(at));
    return found && peer.imported(path.relative(process.cwd(), found));
  };
}

// jest-circus gives errors as the text of their stacks.
function shown(error) {
  const text = typeof error === 'string' ? error : String(error?.stack ?? error?.message ?? error);
  const lines = text.replaceAll(`${process.cwd()}/`, '').split('\n');
  const isOurs = (line) => !/^\s+at /.test(line) || /[\w-]\.(?:spec\.|test\.)?m?js:\d/.test(line.replace(/.*(?:node_modules|\.llmbench|node:).*/, ''));
  return lines.filter(isOurs).join('\n').replace(/^(?:thrown: )?Error: /, '');
}

async function run(order, peer) {
  const circus = prepared(order, peer);
  const loader = new Loader(givenFor(order, peer, circus));
  const cases = [];
  const errors = [];
  for (const file of order.tests) {
    circus.resetState();
    try {
      await loader.load(path.resolve(file));
    } catch (error) {
      errors.push(readable(error));
      continue;
    }
    const results = await circus.run();
    errors.push(...results.unhandledErrors.map(readable));
    for (const result of results.testResults) cases.push(caseOf(result, order.tests.length > 1 ? file : ''));
  }
  return { cases: numbered(cases), errors, problem: '' };
}

// Gives tests the names that jest gives them.
function prepared(order, peer) {
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
  return circus;
}

// What an answer has thrown may not let itself be shown.
function readable(error) {
  try {
    return shown(error).slice(0, LONGEST);
  } catch {
    return 'the answer threw what can not be shown';
  }
}

function caseOf({ testPath, errors, status }, file) {
  const name = [file, ...testPath.slice(1)].filter(Boolean).join(' > ');
  const kind = status === 'skip' || status === 'todo' ? 'skipped' : errors.length ? 'failure' : 'passed';
  return [name, [kind, errors.map(readable).join('\n').slice(0, LONGEST)]];
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

// Shortens what is said of tests until all of it can be said at once.
function fitted(done, lines) {
  for (let longest = LONGEST; longest > 1; longest /= 2) {
    const cases = Object.entries(done.cases).map(([name, [kind, text]]) => [name, [kind, text.slice(0, longest)]]);
    const shorter = { ...done, cases: Object.fromEntries(cases), errors: done.errors.map((text) => text.slice(0, longest)) };
    if (lines.fits({ done: shorter })) return shorter;
  }
  return done;
}

async function main() {
  const peer = new Peer(new Lines(Number(process.argv.pop())));
  process.on('unhandledRejection', () => {});
  const order = peer.lines.next();
  let done;
  try {
    done = await run(order, peer);
  } catch (error) {
    done = { cases: {}, errors: [readable(error)], problem: '' };
  }
  peer.exchange({ done: fitted(done, peer.lines) });
  process.exit(0);
}

main();
