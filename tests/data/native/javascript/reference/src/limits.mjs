import { SIZE } from './pool.mjs';

export const LIMIT = 4;
export const atMost = (n) => [...Array(Math.min(n, SIZE)).keys()];
