export const COINS = [1, 2, 5, 10, 20, 50];
