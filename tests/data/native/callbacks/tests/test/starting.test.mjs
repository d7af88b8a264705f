import test from 'node:test';
import assert from 'node:assert/strict';
import { start, Queue, Sorted, through } from '../starting.mjs';

const WITHOUT_TIMER = ['microtask', 'promise', 'tick'];
const ALL = ['now', ...WITHOUT_TIMER, 'immediate', 'timer'];
const range = (count) => [...Array(count).keys()];

for (const way of WITHOUT_TIMER) {
  test(`${way}: tasks run after what the test does now, in order`, async () => {
    const log = [];
    const made = range(8).map((each) => start(way, () => log.push(each)));
    log.push('all begun');
    await null;
    await Promise.all(made);
    assert.deepEqual(log, ['all begun', ...range(8)]);
  });
}

test('what needs no timer has happened after one turn', async () => {
  const log = [];
  start('microtask', () => log.push('microtask'));
  start('promise', () => start('microtask', () => log.push('within')));
  await null;
  await null;
  await null;
  assert.deepEqual(log.sort(), ['microtask', 'within']);
});

test('a queue of one takes five tasks at once', async () => {
  const queue = new Queue();
  const log = [];
  const ends = [];
  const task = (name) => () => {
    log.push(name);
    return new Promise((resolve, reject) => ends.push({ resolve, reject }));
  };
  const made = range(5).map((each) => queue.push(task(each)).catch((error) => error.message));
  assert.deepEqual(log, []);
  for (const each of range(5)) {
    while (ends.length <= each) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual(log, range(each + 1));
    if (each % 2) ends[each].reject(new Error(`no ${each}`));
    else ends[each].resolve(each);
  }
  assert.deepEqual(await Promise.all(made), [0, 'no 1', 2, 'no 3', 4]);
  assert.equal(queue.started, 5);
});

test('tasks wait until the test has pushed all of them', async () => {
  const sorted = new Sorted();
  const log = [];
  for (const number of [3, 1, 4, 1, 5, 9, 2, 6]) sorted.push(number, () => log.push(number));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(log, [9, 6, 5, 4, 3, 2, 1, 1]);
});

test('many tasks in all ways at once, some of which throw', async () => {
  const made = range(120).map((each) =>
    start(ALL[each % ALL.length], () => {
      if (each % 5 === 0) throw new RangeError(`no ${each}`);
      return each % 3 ? each : Promise.resolve(each);
    }),
  );
  const results = await Promise.allSettled(made);
  results.forEach((result, each) => {
    if (each % 5) assert.deepEqual(result, { status: 'fulfilled', value: each });
    else assert.ok(result.reason instanceof RangeError && result.reason.message === `no ${each}`);
  });
});

test('tasks settle in any order', async () => {
  const ends = new Map();
  const log = [];
  const made = range(30).map((each) => {
    const task = () => new Promise((resolve, reject) => ends.set(each, each % 4 ? resolve : reject));
    const told = (value) => log.push(value);
    return start(WITHOUT_TIMER[each % 3], task).then(told, told);
  });
  while (ends.size < 30) await new Promise((resolve) => setTimeout(resolve, 1));
  for (const each of range(30).map((one) => (7 * one) % 30)) ends.get(each)(each);
  await Promise.all(made);
  assert.deepEqual(log.sort((a, b) => a - b), range(30));
});

for (const way of ALL) {
  test(`${way}: a task that calls the answer, which calls a task`, async () => {
    const deep = async (left) => (left ? (await start(way, () => deep(left - 1))) + through((one) => one, 1) : 0);
    const sums = await Promise.all(range(4).map((each) => deep(each + 3)));
    assert.deepEqual(sums, [3, 4, 5, 6]);
  });

  test(`${way}: tasks that begin further tasks`, async () => {
    const log = [];
    const grow = (name) => {
      log.push(name);
      if (name.length < 4) return Promise.all([start(way, () => grow(`${name}a`)), start(way, () => grow(`${name}b`))]);
      return through(() => name);
    };
    await start(way, () => grow('-'));
    assert.equal(new Set(log).size, 15);
    assert.equal(log.length, 15);
  });
}

test('timers call tasks while the test asks', async () => {
  const queue = new Queue();
  let called = 0;
  const made = range(20).map(() => start('timer', () => (called += 1)));
  for (let asked = 0; asked < 40; asked += 1) {
    assert.equal(queue.started, 0);
    if (asked % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(made);
  assert.equal(called, 20);
});

test('an error of a task comes back as the same', async () => {
  const error = new TypeError('mine');
  for (const way of ALL) {
    const throwing = () => {
      throw error;
    };
    assert.equal(await start(way, throwing).catch((caught) => caught), error, way);
    assert.equal(await start(way, () => Promise.reject(error)).catch((caught) => caught), error, way);
  }
});
