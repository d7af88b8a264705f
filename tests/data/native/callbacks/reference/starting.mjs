const WAYS = {
  now: (run) => run(),
  microtask: (run) => queueMicrotask(run),
  promise: (run) => void Promise.resolve().then(run),
  tick: (run) => process.nextTick(run),
  immediate: (run) => void setImmediate(run),
  timer: (run) => void setTimeout(run, 1),
};

/** Calls a task in some way, and promises what comes of it. */
export function start(way, task) {
  return new Promise((resolve, reject) => {
    WAYS[way](() => {
      try {
        resolve(task());
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Calls one task after the other, the first in a microtask. */
export class Queue {
  started = 0;
  #last = Promise.resolve();

  push(task) {
    const made = this.#last.then(() => {
      this.started += 1;
      return task();
    });
    this.#last = made.catch(() => {});
    return made;
  }
}

/** Calls waiting tasks, the greatest number first, all of them in one microtask. */
export class Sorted {
  #waiting = [];

  push(number, task) {
    if (this.#waiting.push({ number, task }) > 1) return;
    queueMicrotask(() => {
      const waiting = this.#waiting.splice(0);
      for (const each of waiting.sort((a, b) => b.number - a.number)) each.task();
    });
  }
}

export const through = (task, ...args) => task(...args);
