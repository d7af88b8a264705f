import { atMost } from './limits.mjs';

export const SIZE = 4;
export class Pool {
  constructor(limit) { this.limit = limit; }
  async run(tasks) {
    const done = [];
    const left = tasks.entries();
    const work = async () => { for (const [n, task] of left) done[n] = await task(); };
    await Promise.all(atMost(this.limit).map(work));
    return done;
  }
  describe() { return { limit: this.limit, of: [1, { a: 'b' }] }; }
}
