import { Jar, EmptyJar } from './coin-jar';
import { COINS } from './coins';

describe('Jar', () => {
  let jar;

  beforeEach(() => {
    jar = new Jar(5, 1);
  });

  test('knows its coins', () => {
    expect(COINS).toEqual([1, 2, 5, 10, 20, 50]);
  });

  xtest('holds coins', () => {
    expect(jar.coins).toEqual([5, 1]);
    expect(jar.total).toBe(6);
    expect([...jar]).toEqual([5, 1]);
  });

  xit('equals another', () => {
    expect(new Jar(5).put(1)).toEqual(jar);
    expect(new Jar(5).put(2)).not.toEqual(jar);
    expect(jar).toBeInstanceOf(Jar);
  });

  test.skip('refuses other coins', () => {
    expect(() => jar.put(3)).toThrow(RangeError);
    expect(() => jar.put(3)).toThrow(new Error('no such coin'));
  });

  it.skip('tells listeners', () => {
    const heard = [];
    const listener = (total) => heard.push(total);
    jar.onCoin(listener);
    jar.put(10);
    jar.offCoin(listener);
    jar.put(20);
    expect(heard).toEqual([16]);
  });

  test('lets listeners object', () => {
    const objection = new Error('full');
    jar.onCoin(() => {
      throw objection;
    });
    expect(() => jar.put(1)).toThrow(objection);
  });

  // It's up to you to try this: it will time-out
  // with most implementations.
  test.skip('pays a million times', () => {
    for (let i = 0; i < 1e6; i += 1) jar.pay(6);
  });
});

xdescribe('paying', () => {
  test.each([
    [3, [2, 1]],
    [8, [5, 2, 1]],
  ])('pays %i', (cents, coins) => {
    expect(new Jar(1, 2, 5).pay(cents)).toEqual(coins);
  });

  test('has limits', () => {
    expect(() => new Jar(5).pay(6)).toThrow(EmptyJar);
    expect(() => new Jar(5).pay(6)).toThrow('only 5 left');
    try {
      new Jar(5).pay(6);
    } catch (error) {
      expect(error.left).toBe(5);
    }
  });

  test('waits', async () => {
    await expect(new Jar(5, 1).later(6)).resolves.toEqual([5, 1]);
    await expect(new Jar(5).soon(6)).rejects.toThrow(EmptyJar);
  });
});
