import { DIVISION } from './failures.js';

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** Functions of the numbers that they are given. */
export const AGGREGATES = new Map([
  ['SUM', sum],
  ['COUNT', (numbers) => numbers.length],
  ['MIN', (numbers) => (numbers.length > 0 ? numbers.reduce((least, number) => Math.min(least, number)) : 0)],
  ['MAX', (numbers) => (numbers.length > 0 ? numbers.reduce((most, number) => Math.max(most, number)) : 0)],
  ['AVERAGE', (numbers) => (numbers.length > 0 ? sum(numbers) / numbers.length : DIVISION)],
]);

const CHOICES = new Map([
  ['IF', 3],
  ['IFERROR', 2],
]);

/** Says how many arguments a function takes, and whether they may be ranges. */
export function arityOf(name) {
  if (CHOICES.has(name)) return { least: CHOICES.get(name), most: CHOICES.get(name), takesRanges: false };
  return { least: AGGREGATES.has(name) ? 1 : 0, most: Infinity, takesRanges: true };
}
