const PATIENCE = 4;
const LONGEST_MS = 2 ** 31 - 1;

/** Runs asynchronous tasks, only so many at once. */
export class Pool {
  #limit;
  #clock;
  #added = 0;
  #isPaused = false;
  #waiting = [];
  #running = new Set();
  #listeners = [];

  constructor(limit, clock = globalThis) {
    this.#limit = checkedLimit(limit);
    this.#clock = clock;
  }

  get running() {
    return this.#running.size;
  }

  get waiting() {
    return this.#waiting.length;
  }

  add(task, options = {}) {
    const job = checkedJob(task, options);
    job.number = this.#added++;
    const promise = new Promise((resolve, reject) => Object.assign(job, { resolve, reject }));
    this.#waiting.push(job);
    this.#startAll();
    return promise;
  }

  cancel(key, reason = new Error('cancelled')) {
    if (key === undefined) return 0;
    const waiting = this.#waiting.filter((job) => job.key === key);
    const running = [...this.#running].filter((job) => job.key === key && !job.isGivenUp);
    this.#waiting = this.#waiting.filter((job) => job.key !== key);
    for (const job of running) this.#giveUp(job, reason);
    for (const job of waiting) job.reject(reason);
    this.#tellIdle();
    return waiting.length + running.length;
  }

  pause() {
    this.#isPaused = true;
  }

  resume() {
    this.#isPaused = false;
    this.#startAll();
  }

  setLimit(limit) {
    this.#limit = checkedLimit(limit);
    this.#startAll();
  }

  idle() {
    return new Promise((resolve) => {
      this.#listeners.push(resolve);
      this.#tellIdle();
    });
  }

  #startAll() {
    while (!this.#isPaused && this.#running.size < this.#limit) {
      const job = this.#next();
      if (job === undefined) return;
      this.#start(job);
    }
  }

  #next() {
    const busy = new Set([...this.#running].map((job) => job.key));
    const candidates = this.#waiting.length && this.#waiting[0].key !== undefined && busy.has(this.#waiting[0].key) ? [] : this.#waiting;
    const overdue = candidates.find((job) => job.overtaken >= PATIENCE);
    return overdue ?? candidates.reduce((best, job) => (best && best.priority >= job.priority ? best : job), undefined);
  }

  #start(job) {
    this.#waiting = this.#waiting.filter((other) => other !== job);
    for (const other of this.#waiting) if (other.number < job.number) other.overtaken += 1;
    this.#running.add(job);
    if (job.timeout !== undefined) job.timer = this.#clock.setTimeout(() => this.#expire(job), job.timeout);
    call(job).then(
      (value) => this.#end(job, () => job.resolve(value)),
      (error) => this.#end(job, () => job.reject(error)),
    );
  }

  #end(job, settle) {
    this.#clearTimer(job);
    this.#running.delete(job);
    settle();
    this.#startAll();
    this.#tellIdle();
  }

  #expire(job) {
    if (job.isGivenUp || !this.#running.has(job)) return;
    const error = new Error(`timed out after ${job.timeout} ms`);
    error.name = 'TimeoutError';
    job.timer = undefined;
    this.#giveUp(job, error);
  }

  #giveUp(job, reason) {
    job.isGivenUp = true;
    this.#clearTimer(job);
    job.reject(reason);
    job.controller.abort(reason);
  }

  #clearTimer(job) {
    if (job.timer !== undefined) this.#clock.clearTimeout(job.timer);
    job.timer = undefined;
  }

  #tellIdle() {
    if (this.#running.size > 0 || this.#waiting.length > 0) return;
    for (const resolve of this.#listeners.splice(0)) resolve();
  }
}

async function call(job) {
  return job.task(job.controller.signal);
}

function checkedJob(task, { priority = 0, key, timeout }) {
  if (typeof task !== 'function') throw new TypeError('task: not a function');
  if (key !== undefined && typeof key !== 'string') throw new TypeError('key: not a string');
  if (!Number.isInteger(priority)) throw new RangeError('priority: not an integer');
  if (timeout !== undefined && !(Number.isInteger(timeout) && timeout >= 1 && timeout <= LONGEST_MS)) {
    throw new RangeError(`timeout: not an integer from 1 to ${LONGEST_MS}`);
  }
  return { task, priority, key, timeout, overtaken: 0, isGivenUp: false, controller: new AbortController() };
}

function checkedLimit(limit) {
  if (!Number.isInteger(limit) || limit < 1) throw new RangeError('limit: not an integer of at least 1');
  return limit;
}
