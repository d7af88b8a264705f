import { COINS } from './coins';

export class EmptyJar extends Error {
  constructor(left) {
    super(`only ${left} left`);
    this.name = 'EmptyJar';
    this.left = left;
  }
}

export class Jar {
  constructor(...coins) {
    this.coins = [];
    this.listeners = new Set();
    coins.forEach((coin) => this.put(coin));
  }

  get total() {
    return this.coins.reduce((sum, coin) => sum + coin, 0);
  }

  put(coin) {
    if (!COINS.includes(coin)) throw new RangeError('no such coin');
    this.coins.push(coin);
    this.listeners.forEach((listener) => listener(this.total));
    return this;
  }

  onCoin(listener) {
    this.listeners.add(listener);
  }

  offCoin(listener) {
    this.listeners.delete(listener);
  }

  pay(cents) {
    if (cents > this.total) throw new EmptyJar(this.total);
    const taken = [];
    for (const coin of [...this.coins].sort((a, b) => b - a)) {
      if (coin <= cents) {
        cents -= coin;
        taken.push(coin);
      }
    }
    return taken;
  }

  later(cents) {
    return new Promise((resolve) => setTimeout(() => resolve(this.pay(cents)), 1)).catch((error) => {
      throw error;
    });
  }

  async soon(cents) {
    return this.pay(cents);
  }

  *[Symbol.iterator]() {
    yield* this.coins;
  }
}
