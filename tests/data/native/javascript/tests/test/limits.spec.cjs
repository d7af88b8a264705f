const { LIMIT, atMost } = require('../src/limits.mjs');
const { twice } = require('../src/old.cjs');
const { three } = require('./helper.cjs');

test('the limit', () => expect(LIMIT).toBe(4));
test('less than that', () => expect(atMost(three)).toEqual([0, 1, 2]));
test('twice', () => expect(twice(three)).toBe(6));
