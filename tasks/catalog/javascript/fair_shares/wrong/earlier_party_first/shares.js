const GREATEST_AMOUNT = 1_000_000_000;
const GREATEST_WEIGHT = 1000;

/** Splits an amount by weights into whole units that add up to it. */
export function fairShares(amount, weights, minimum = 0) {
  check(amount, weights, minimum);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const payees = weights.filter((weight) => weight > 0).length;
  const rest = amount - minimum * payees;
  if (rest < 0) throw new RangeError('amount: too small for the minimum');
  const shares = weights.map((weight) => (weight > 0 ? minimum + Math.floor((rest * weight) / total) : 0));
  const left = amount - shares.reduce((sum, share) => sum + share, 0);
  for (const index of byLoss(weights, rest, total).slice(0, left)) shares[index] += 1;
  return shares;
}

function byLoss(weights, rest, total) {
  const loss = (index) => (rest * weights[index]) % total;
  const indexes = [...weights.keys()];
  return indexes.sort((a, b) => loss(b) - loss(a) || weights[a] - weights[b]);
}

function check(amount, weights, minimum) {
  if (!isWithin(amount, GREATEST_AMOUNT)) throw new RangeError('amount: not an integer from 0 to 1000000000');
  if (!isWithin(minimum, GREATEST_AMOUNT)) throw new RangeError('minimum: not an integer from 0 to 1000000000');
  if (!weights.every((weight) => isWithin(weight, GREATEST_WEIGHT))) {
    throw new RangeError('weights: not all are integers from 0 to 1000');
  }
  if (!weights.some((weight) => weight > 0)) throw new RangeError('weights: none is greater than 0');
}

function isWithin(value, greatest) {
  return Number.isInteger(value) && value >= 0 && value <= greatest;
}
