import test from 'node:test';
import assert from 'node:assert/strict';
import { Pool } from '../pool.js';

// A task that ends when it is told to, and what became of it.
class Job {
  constructor(pool, log, name, options) {
    Object.assign(this, { log, name, state: 'pending' });
    const task = (signal) => {
      log.push(name);
      this.signal = signal;
      return new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    };
    this.added = pool.add(task, options);
    this.promise = this.added.then(
      (value) => Object.assign(this, { state: 'fulfilled', value }),
      (error) => Object.assign(this, { state: 'rejected', error }),
    );
  }
}

function world(limit, clock) {
  const pool = new Pool(limit, clock);
  const log = [];
  const jobs = {};
  const add = (name, options) => (jobs[name] = new Job(pool, log, name, options));
  const end = async (name, value) => {
    jobs[name].resolve(value);
    await quiet(pool);
  };
  return { pool, log, jobs, add, end };
}

// Fails where a promise does not settle, instead of waiting for ever.
function soon(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('a promise has not settled, want it settled by now')), 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Waits until nothing more happens that needs no timer of the pool's clock.
async function quiet(pool) {
  for (let turn = 0; turn < 6; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(typeof pool.running, 'number');
  }
}

function handClock() {
  const timers = new Map();
  let last = 0;
  const setTimeout = (callback, ms) => {
    last += 1;
    timers.set(last, { callback, ms });
    return last;
  };
  const clearTimeout = (timer) => {
    timers.delete(timer);
  };
  const delays = () => [...timers.values()].map((timer) => timer.ms);
  const fire = () => {
    const [[timer, { callback }]] = timers;
    timers.delete(timer);
    callback();
  };
  return { clock: { setTimeout, clearTimeout }, delays, fire };
}

test('a task that may start is called before add returns', () => {
  const { pool, log, add } = world(1);
  add('a');
  assert.deepEqual(log, ['a']);
  add('b');
  assert.deepEqual(log, ['a'], 'with a limit of 1 the second task waits');
  assert.deepEqual([pool.running, pool.waiting], [1, 1]);
});

test('no more tasks run at once than the limit allows', async () => {
  const { pool, log, add, end } = world(3);
  for (const name of 'abcdef') add(name);
  assert.deepEqual(log, ['a', 'b', 'c']);
  assert.deepEqual([pool.running, pool.waiting], [3, 3]);
  await end('b');
  assert.deepEqual(log, ['a', 'b', 'c', 'd']);
  await end('a');
  await end('c');
  assert.deepEqual(log, ['a', 'b', 'c', 'd', 'e', 'f']);
  assert.deepEqual([pool.running, pool.waiting], [3, 0]);
});

test('the promise takes on what the task returns or throws', async () => {
  const pool = new Pool(1);
  const error = new RangeError('no');
  const throws = () => {
    throw error;
  };
  const rejects = async () => {
    throw error;
  };
  assert.equal(await soon(pool.add(() => 7)), 7);
  assert.equal(await soon(pool.add((...given) => given.length)), 1, 'arguments of a task');
  assert.equal(await soon(pool.add(async () => 'text')), 'text');
  assert.equal(await soon(pool.add(() => undefined)), undefined);
  for (const task of [throws, rejects]) {
    const caught = await soon(pool.add(task)).catch((reason) => reason);
    assert.equal(caught, error);
    assert.equal(pool.running, 0);
  }
});

test('the greatest priority is next, and of equal ones the oldest', async () => {
  const { log, add, end } = world(1);
  add('a');
  add('low', { priority: -1 });
  add('b');
  add('c', { priority: 0 });
  add('high', { priority: 2 });
  for (const name of ['a', 'high', 'b', 'c', 'low']) await end(name);
  assert.deepEqual(log, ['a', 'high', 'b', 'c', 'low']);
});

test('a task that was overtaken four times is next', async () => {
  const { log, add, end } = world(1);
  add('a');
  add('old', { priority: -5 });
  add('older than most');
  for (const name of 'bcdefg') add(name, { priority: 1 });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'old', 'older than most', 'f']) await end(name);
  assert.deepEqual(log, ['a', 'b', 'c', 'd', 'e', 'old', 'older than most', 'f', 'g']);
});

test('three times is not enough, and older tasks overtake nobody', async () => {
  const { log, add, end } = world(1);
  for (const name of ['a', 'old 1', 'old 2']) add(name, { priority: 1 });
  add('late', { priority: 0 });
  for (const name of 'bcde') add(name, { priority: 1 });
  for (const name of ['a', 'old 1', 'old 2', 'b', 'c', 'd', 'e']) await end(name);
  assert.deepEqual(log, ['a', 'old 1', 'old 2', 'b', 'c', 'd', 'e', 'late']);
});

test('tasks with one key run one at a time, and others pass by', async () => {
  const { log, add, end } = world(3);
  add('a1', { key: 'a' });
  add('a2', { key: 'a', priority: 9 });
  add('b1', { key: 'b' });
  add('a3', { key: 'a' });
  add('x');
  assert.deepEqual(log, ['a1', 'b1', 'x']);
  await end('x');
  await end('b1');
  assert.deepEqual(log, ['a1', 'b1', 'x']);
  await end('a1');
  assert.deepEqual(log, ['a1', 'b1', 'x', 'a2']);
  await end('a2');
  assert.deepEqual(log, ['a1', 'b1', 'x', 'a2', 'a3']);
});

test('the empty string is a key, and tasks without one never wait for one', () => {
  const { log, add } = world(9);
  add('e1', { key: '' });
  add('e2', { key: '' });
  add('x1');
  add('x2', { key: undefined });
  add('p', { key: '__proto__' });
  assert.deepEqual(log, ['e1', 'x1', 'x2', 'p']);
});

test('an overdue task still waits for its key, and is first when that is free', async () => {
  const { log, add, end } = world(2);
  add('a1', { key: 'a' });
  add('a2', { key: 'a', priority: -9 });
  for (const name of 'bcde') {
    add(name);
    await end(name);
  }
  add('a3', { key: 'a', priority: 9 });
  assert.deepEqual(log, ['a1', 'b', 'c', 'd', 'e']);
  add('f');
  add('g', { priority: 9 });
  await end('a1');
  assert.deepEqual(log, ['a1', 'b', 'c', 'd', 'e', 'f', 'a2']);
});

test('nothing starts while the pool is paused', async () => {
  const { pool, log, add, end } = world(2);
  add('a');
  pool.pause();
  pool.pause();
  add('b');
  add('c', { priority: 1 });
  await end('a');
  assert.deepEqual(log, ['a']);
  assert.deepEqual([pool.running, pool.waiting], [0, 2]);
  pool.resume();
  pool.resume();
  assert.deepEqual(log, ['a', 'c', 'b']);
});

test('a new limit holds from now on', async () => {
  const { pool, log, add, end } = world(1);
  for (const name of 'abcde') add(name);
  pool.setLimit(3);
  assert.deepEqual(log, ['a', 'b', 'c']);
  pool.setLimit(1);
  await end('a');
  await end('b');
  assert.deepEqual(log, ['a', 'b', 'c']);
  await end('c');
  assert.deepEqual(log, ['a', 'b', 'c', 'd']);
});

test('time runs out from the start of a task', async () => {
  const { clock, delays, fire } = handClock();
  const { pool, jobs, add, end } = world(1, clock);
  add('a');
  add('b', { timeout: 50 });
  assert.deepEqual(delays(), [], 'no timer while the task waits');
  await end('a');
  assert.deepEqual(delays(), [50]);
  assert.equal(jobs.b.signal.aborted, false);
  fire();
  await soon(jobs.b.promise);
  assert.equal(jobs.b.state, 'rejected');
  assert.equal(jobs.b.error.name, 'TimeoutError');
  assert.ok(jobs.b.error instanceof Error);
  assert.equal(jobs.b.signal.aborted, true);
  assert.equal(jobs.b.signal.reason.name, 'TimeoutError');
  assert.equal(jobs.b.signal.reason.message, jobs.b.error.message);
  assert.equal(pool.running, 1);
});

test('a task that settles in time leaves no timer', async () => {
  const { clock, delays } = handClock();
  const { jobs, add, end, pool } = world(3, clock);
  add('a', { timeout: 2147483647 });
  add('b', { timeout: 1 });
  add('c', { timeout: 9 });
  assert.deepEqual(delays(), [2147483647, 1, 9]);
  await end('a', 'done');
  assert.deepEqual(delays(), [1, 9]);
  jobs.b.reject(new Error('failed'));
  await quiet(pool);
  assert.deepEqual(delays(), [9]);
  await soon(Promise.all([jobs.a.promise, jobs.b.promise]));
  assert.deepEqual([jobs.a.value, jobs.b.error.message], ['done', 'failed']);
  assert.equal(jobs.a.signal.aborted, false);
});

test('a task that was given up keeps its place and its key until it settles', async () => {
  const { clock, fire } = handClock();
  const { pool, log, jobs, add, end } = world(2, clock);
  add('a1', { key: 'a', timeout: 5 });
  add('a2', { key: 'a' });
  fire();
  await soon(jobs.a1.promise);
  add('b');
  add('c');
  await quiet(pool);
  assert.deepEqual(log, ['a1', 'b'], 'a1 still counts, and its key is busy');
  assert.deepEqual([pool.running, pool.waiting], [2, 2]);
  await end('a1', 'too late');
  assert.deepEqual(log, ['a1', 'b', 'a2']);
  assert.equal(jobs.a1.state, 'rejected');
  assert.deepEqual([pool.running, pool.waiting], [2, 1]);
});

test('cancel gives up on running and waiting tasks of a key', async () => {
  const { pool, log, jobs, add, end } = world(2);
  add('a1', { key: 'a' });
  add('b1', { key: 'b' });
  add('a2', { key: 'a' });
  add('b2', { key: 'b' });
  add('a3', { key: 'a', priority: 3 });
  add('x');
  const reason = new RangeError('enough');
  assert.equal(pool.cancel('a', reason), 3);
  assert.deepEqual([pool.running, pool.waiting], [2, 2]);
  await soon(Promise.all([jobs.a1.promise, jobs.a2.promise, jobs.a3.promise]));
  for (const name of ['a1', 'a2', 'a3']) assert.equal(jobs[name].error, reason, `${name} is rejected with the reason`);
  assert.equal(jobs.a1.signal.aborted, true);
  assert.equal(jobs.a1.signal.reason, reason);
  assert.equal(jobs.b1.signal.aborted, false);
  for (const name of ['a1', 'b1', 'b2', 'x']) await end(name);
  assert.deepEqual(log, ['a1', 'b1', 'x', 'b2']);
});

test('without a reason the error says cancelled, and unknown keys cancel nothing', async () => {
  const { pool, jobs, add } = world(1);
  add('x');
  add('a', { key: 'a' });
  add('b', { key: 'b' });
  assert.equal(pool.cancel('none'), 0);
  assert.equal(pool.cancel(undefined), 0, 'tasks without a key are not cancelled');
  assert.equal(pool.cancel('a'), 1);
  assert.equal(pool.cancel('b', undefined), 1);
  await soon(Promise.all([jobs.a.promise, jobs.b.promise]));
  assert.deepEqual([jobs.a.error.message, jobs.b.error.message], ['cancelled', 'cancelled']);
  assert.ok(jobs.a.error instanceof Error);
  assert.equal(jobs.x.state, 'pending');
});

test('no task is given up twice, and none that has settled', async () => {
  const { clock, delays, fire } = handClock();
  const { pool, jobs, add, end } = world(3, clock);
  add('a', { key: 'a', timeout: 5 });
  add('b', { key: 'b', timeout: 5 });
  add('c', { key: 'c' });
  fire();
  assert.equal(pool.cancel('a', new Error('other')), 0);
  assert.equal(pool.cancel('b', new Error('first')), 1);
  assert.deepEqual(delays(), [], 'the timer of a cancelled task is cleared');
  assert.equal(pool.cancel('b', new Error('second')), 0);
  await end('c', 'done');
  assert.equal(pool.cancel('c'), 0);
  await soon(Promise.all(Object.values(jobs).map((job) => job.promise)));
  assert.deepEqual([jobs.a.error.name, jobs.b.error.message, jobs.c.value], ['TimeoutError', 'first', 'done']);
  assert.equal(jobs.a.signal.reason.name, 'TimeoutError');
  assert.equal(jobs.c.signal.aborted, false);
});

test('what is added while cancel is running is not cancelled', async () => {
  const { pool, log, jobs, add, end } = world(1);
  add('a1', { key: 'a' });
  add('a2', { key: 'a' });
  jobs.a1.signal.addEventListener('abort', () => add('a3', { key: 'a' }));
  assert.equal(pool.cancel('a'), 2);
  assert.equal(pool.waiting, 1);
  await end('a1');
  assert.deepEqual(log, ['a1', 'a3']);
  assert.equal(jobs.a3.state, 'pending');
});

test('methods may be called from within a task', async () => {
  const pool = new Pool(1);
  const log = [];
  const inner = [];
  const outer = pool.add(() => {
    log.push('outer', pool.running, pool.waiting);
    inner.push(pool.add(() => log.push('inner')));
    log.push(pool.running, pool.waiting);
    return 'outer';
  });
  assert.deepEqual(log, ['outer', 1, 0, 1, 1]);
  assert.equal(await soon(outer), 'outer');
  await soon(Promise.all(inner));
  assert.deepEqual(log, ['outer', 1, 0, 1, 1, 'inner']);
});

test('idle waits until nothing runs or waits, whatever has failed', async () => {
  const { pool, log, jobs, add, end } = world(1);
  assert.equal(await soon(pool.idle()), undefined);
  add('a', { key: 'a' });
  add('b', { key: 'b' });
  const told = [];
  pool.idle().then((value) => told.push('idle', value));
  jobs.b.added.catch(() => told.push('b'));
  pool.cancel('a');
  await soon(jobs.a.promise);
  await quiet(pool);
  assert.deepEqual(told, [], 'a still runs, and b waits');
  await end('a');
  assert.deepEqual(log, ['a', 'b']);
  assert.deepEqual(told, [], 'b runs');
  jobs.b.reject(new Error('failed'));
  await soon(jobs.b.promise);
  await soon(pool.idle());
  assert.deepEqual(told, ['b', 'idle', undefined]);
  pool.pause();
  add('c', { key: 'c' });
  const idle = pool.idle();
  assert.equal(pool.cancel('c'), 1);
  assert.equal(await soon(idle), undefined);
});

test('wrong arguments are thrown at once and change nothing', () => {
  for (const limit of [0, -1, 1.5, '2', NaN, Infinity, undefined, null]) {
    assert.throws(() => new Pool(limit), RangeError, `new Pool(${limit})`);
  }
  const { pool, log, add } = world(1);
  add('a');
  for (const limit of [0, 2.5, '3', undefined]) assert.throws(() => pool.setLimit(limit), RangeError, `setLimit(${limit})`);
  for (const task of [undefined, null, 'x', {}]) assert.throws(() => pool.add(task), TypeError, `add(${task})`);
  const task = () => log.push('never');
  for (const priority of [0.5, '1', NaN, Infinity, null]) {
    assert.throws(() => pool.add(task, { priority }), RangeError, `priority ${priority}`);
  }
  for (const timeout of [0, -5, 1.5, '9', Infinity, 2147483648, null]) {
    assert.throws(() => pool.add(task, { timeout }), RangeError, `timeout ${timeout}`);
  }
  for (const key of [1, null, {}]) assert.throws(() => pool.add(task, { key }), TypeError, `key ${key}`);
  assert.deepEqual([pool.running, pool.waiting], [1, 0]);
  assert.deepEqual(log, ['a']);
});
