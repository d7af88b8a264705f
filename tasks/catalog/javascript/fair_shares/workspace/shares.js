/** Splits an amount by weights into whole units that add up to it. */
export function fairShares(amount, weights, minimum = 0) {
  throw new Error('not written yet');
}
