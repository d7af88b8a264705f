export const LIMIT = 5;
export const atMost = (n) => [...Array(n).keys()];
