/** Runs asynchronous tasks, only so many at once. */
export class Pool {
  constructor(limit, clock = globalThis) {
    throw new Error('not written yet');
  }
}
