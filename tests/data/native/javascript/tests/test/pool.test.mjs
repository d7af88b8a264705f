import test, { describe, it, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Pool } from '../src/pool.mjs';

const tasks = JSON.parse(readFileSync(new URL('./tasks.json', import.meta.url), 'utf8'));
let pool;
before(() => {
  pool = new Pool(2);
});
describe('a pool', () => {
  it('keeps order', async () => {
    assert.deepStrictEqual(await pool.run(tasks.map((n) => async () => 2 * n)), [2, 4, 6]);
  });
  it('runs as many tasks at once as it may', async () => {
    let running = 0;
    let most = 0;
    const task = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running -= 1;
    };
    await pool.run(Array(5).fill(task));
    assert.equal(most, 2);
  });
  it('passes errors on', { timeout: 1000 }, async () => {
    const fails = async () => {
      throw new RangeError('no');
    };
    await assert.rejects(pool.run([fails]), RangeError);
  });
});
test('is described', async (t) => {
  await t.test('in itself', () => assert.deepEqual(pool.describe(), { limit: 2, of: [1, { a: 'b' }] }));
});
test('is not there yet', { skip: true }, () => assert.fail());
