export const COINS = [];
