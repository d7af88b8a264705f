import test from 'node:test';
import assert from 'node:assert/strict';
import { fairShares } from '../shares.js';

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

function assertRefused(...lists) {
  for (const list of lists) {
    assert.throws(() => fairShares(...list), { name: 'RangeError' }, `a RangeError for ${JSON.stringify(list)}`);
  }
}

test('shares that need no rounding are exact', () => {
  assert.deepEqual(fairShares(100, [1, 1, 2]), [25, 25, 50]);
  assert.deepEqual(fairShares(60, [3, 2, 1]), [30, 20, 10]);
});

test('the shares add up to the amount', () => {
  for (const weights of [
    [1, 1, 1],
    [3, 5, 7, 11],
    [1000, 1, 1],
    [0, 9, 4, 4, 2],
  ]) {
    for (let amount = 0; amount < 30; amount += 1) {
      const shares = fairShares(amount, weights);
      assert.equal(sum(shares), amount, `${JSON.stringify(shares)} do not add up to ${amount}`);
    }
  }
});

test('units left over go to the greatest losses', () => {
  assert.deepEqual(fairShares(10, [5, 6, 8]), [3, 3, 4], 'losses are 12, 3 and 4');
  assert.deepEqual(fairShares(10, [8, 5, 6]), [4, 3, 3], 'losses are 4, 12 and 3');
});

test('several units left over are given to one party each', () => {
  assert.deepEqual(fairShares(7, [2, 3, 5, 7]), [1, 1, 2, 3], 'losses are 14, 4, 1 and 15');
});

test('of equal losses the smaller weight is first', () => {
  assert.deepEqual(fairShares(5, [6, 3, 1]), [3, 1, 1]);
  assert.deepEqual(fairShares(5, [1, 3, 6]), [1, 1, 3]);
});

test('of equal losses and weights the later party is first', () => {
  assert.deepEqual(fairShares(100, [1, 1, 1]), [33, 33, 34]);
  assert.deepEqual(fairShares(11, [7, 7, 7]), [3, 4, 4]);
  assert.deepEqual(fairShares(1, [2, 2, 0]), [0, 1, 0]);
});

test('losses are compared exactly', () => {
  assert.deepEqual(fairShares(10, [1, 4, 25]), [1, 1, 8], 'losses are 10, 10 and 10');
  assert.deepEqual(fairShares(10, [25, 4, 1]), [8, 1, 1], 'losses are 10, 10 and 10');
  assert.deepEqual(fairShares(1, [1, 1, 1, 1, 1, 1]), [0, 0, 0, 0, 0, 1]);
});

test('a weight of zero gets nothing', () => {
  assert.deepEqual(fairShares(7, [0, 2, 0, 1, 0]), [0, 5, 0, 2, 0]);
  assert.deepEqual(fairShares(9, [0, 1]), [0, 9]);
});

test('nothing to split gives zeros', () => {
  assert.deepEqual(fairShares(0, [1, 5, 0]), [0, 0, 0]);
});

test('the greatest amount and weight are allowed', () => {
  assert.deepEqual(fairShares(1_000_000_000, [1000, 999, 1]), [500_000_000, 499_500_000, 500_000]);
  assert.deepEqual(fairShares(1_000_000_000, [1], 1_000_000_000), [1_000_000_000]);
});

test('each party gets the minimum first, and the rest is split by weights', () => {
  assert.deepEqual(fairShares(100, [9, 1], 20), [74, 26]);
  assert.deepEqual(fairShares(50, [1, 1, 2], 10), [15, 15, 20]);
  assert.deepEqual(fairShares(20, [3, 4], 5), [9, 11], 'losses are 2 and 5 of the 10 that remain');
  assert.deepEqual(fairShares(30, [1, 5, 9], 10), [10, 10, 10], 'an amount that is just enough');
});

test('a party with a weight of zero gets no minimum', () => {
  assert.deepEqual(fairShares(101, [3, 0, 1], 10), [71, 0, 30]);
  assert.deepEqual(fairShares(12, [0, 1, 0], 12), [0, 12, 0]);
});

test('an amount that is too small for the minimum is refused', () => {
  assertRefused([10, [1, 1], 6], [29, [1, 5, 9], 10], [0, [1], 1]);
});

test('amounts and minimums that are no integers within the limits are refused', () => {
  assertRefused([-1, [1]], [1.5, [1]], [NaN, [1]], ['2', [1]], [1_000_000_001, [1]], [null, [1]]);
  assertRefused([9, [1], -1], [9, [1], 0.5], [9, [1], '2'], [9, [1], NaN], [9, [1], null]);
});

test('weights that are no integers within the limits, or all zero, are refused', () => {
  assertRefused([9, []], [9, [0, 0]], [9, [1, -1]], [9, [2, 0.5]], [9, [1, NaN]], [9, [1, '1']], [9, [1, null]], [9, [1001]], [0, []]);
});
