import test from 'node:test';
import assert from 'node:assert/strict';
import { UndoHistory } from '../history.js';

// A history whose clock stands still unless it is moved.
function made(text, options = {}) {
  const clock = { ms: 1000 };
  const history = new UndoHistory(text, { now: () => clock.ms, ...options });
  return { clock, history };
}

function type(history, text) {
  for (const character of text) history.replace(history.text.length, 0, character);
}

// All texts from the present one back to the oldest.
function back(history) {
  const texts = [history.text];
  while (history.undo() !== null) texts.push(history.text);
  return texts;
}

test('an edit is made, undone and redone, and the place is told', () => {
  const { history } = made('ab');
  assert.deepEqual(history.steps, { undo: 0, redo: 0 });
  assert.equal(history.undo(), null);
  assert.equal(history.replace(1, 1, 'xyz'), true);
  assert.equal(history.text, 'axyz');
  assert.deepEqual(history.undo(), { at: 1, count: 1 });
  assert.equal(history.text, 'ab');
  assert.deepEqual(history.steps, { undo: 0, redo: 1 });
  assert.deepEqual(history.redo(), { at: 1, count: 3 });
  assert.equal(history.text, 'axyz');
  assert.equal(history.redo(), null);
  assert.equal(new UndoHistory().text, '');
});

test('what is out of range is refused and changes nothing', () => {
  const { history } = made('abc');
  for (const [at, count] of [[-1, 1], [0, -1], [4, 0], [2, 2], [0, 4], [0.5, 1], [0, 1.5], ['0', 1], [0, '1'], [NaN, 0]]) {
    assert.throws(() => history.replace(at, count, 'x'), RangeError, `replace(${at}, ${count})`);
  }
  assert.deepEqual([history.text, history.steps, history.isDirty], ['abc', { undo: 0, redo: 0 }, false]);
  history.replace(3, 0, 'd');
  history.replace(0, 4, '');
  assert.equal(history.text, '');
});

test('an edit that changes nothing does nothing at all', () => {
  const { history, clock } = made('abc', { pause: 10 });
  const told = [];
  type(history, 'd');
  history.undo();
  history.onChange((text) => told.push(text));
  for (const [at, count, inserted] of [[1, 1, 'b'], [2, 0, ''], [0, 3, 'abc']]) assert.equal(history.replace(at, count, inserted), false);
  assert.deepEqual([history.steps, told, history.isDirty], [{ undo: 0, redo: 1 }, [], false]);
  history.redo();
  type(history, 'e');
  clock.ms += 8;
  history.replace(0, 1, 'a');
  clock.ms += 8;
  type(history, 'f');
  assert.deepEqual(history.steps, { undo: 3, redo: 0 }, 'it does not make a pause shorter');
  history.replace(0, 0, '');
  type(history, 'g');
  assert.deepEqual(history.steps, { undo: 3, redo: 0 }, 'it does not end a step');
});

test('typing goes on where it ended', () => {
  const { history } = made('()');
  history.replace(1, 0, 'ab');
  history.replace(3, 0, 'c');
  history.replace(4, 0, 'de');
  assert.deepEqual(history.steps, { undo: 1, redo: 0 });
  history.replace(1, 0, 'x');
  history.replace(1, 0, 'y');
  history.replace(3, 1, 'z');
  history.replace(4, 0, 'z');
  assert.deepEqual(back(history), ['(yxzzbcde)', '(yxzbcde)', '(yxabcde)', '(xabcde)', '(abcde)', '()']);
  assert.deepEqual(history.redo(), { at: 1, count: 5 });
});

test('a newline is typed into the step that it ends', () => {
  const { history } = made('');
  type(history, 'ab\ncd\n\ne');
  assert.deepEqual(back(history), ['ab\ncd\n\ne', 'ab\ncd\n\n', 'ab\ncd\n', 'ab\n', '']);
  history.replace(0, 0, 'x\ny');
  history.replace(3, 0, 'z');
  assert.deepEqual(back(history), ['x\nyz', 'x\ny', '']);
});

test('erasing backwards is one step, newlines included', () => {
  const { history } = made('one\ntwo');
  for (const [at, count] of [[6, 1], [4, 2], [3, 1], [2, 1]]) history.replace(at, count, '');
  assert.deepEqual([history.text, history.steps], ['on', { undo: 1, redo: 0 }]);
  assert.deepEqual(history.undo(), { at: 2, count: 5 });
  assert.equal(history.text, 'one\ntwo');
  assert.deepEqual(history.redo(), { at: 2, count: 0 });
  assert.equal(history.text, 'on');
});

test('erasing forwards is one step', () => {
  const { history } = made('abcdef');
  for (const count of [1, 2, 1]) history.replace(1, count, '');
  assert.deepEqual([history.text, history.steps], ['af', { undo: 1, redo: 0 }]);
  assert.deepEqual(history.undo(), { at: 1, count: 4 });
  assert.equal(history.text, 'abcdef');
});

test('a step does not change its way', () => {
  const forwards = made('abcdef').history;
  for (const at of [2, 2, 1]) forwards.replace(at, 1, '');
  assert.deepEqual(back(forwards), ['aef', 'abef', 'abcdef']);
  const backwards = made('abcdef').history;
  for (const at of [3, 2, 2]) backwards.replace(at, 1, '');
  assert.deepEqual(back(backwards), ['abf', 'abef', 'abcdef']);
  const replacing = made('abcd').history;
  for (const inserted of ['', 'x', '']) replacing.replace(1, 1, inserted);
  assert.deepEqual(back(replacing), ['ad', 'axd', 'acd', 'abcd']);
  const mixed = made('abc').history;
  mixed.replace(3, 0, 'd');
  mixed.replace(3, 1, '');
  mixed.replace(1, 1, '');
  mixed.replace(1, 0, 'x');
  assert.deepEqual(back(mixed), ['axc', 'ac', 'abc', 'abcd', 'abc']);
});

test('a pause ends a step, counted from its last edit', () => {
  const { history, clock } = made('', { pause: 300 });
  for (const [wait, character] of [[0, 'a'], [300, 'b'], [300, 'c'], [301, 'd'], [299, 'e']]) {
    clock.ms += wait;
    type(history, character);
  }
  assert.deepEqual(back(history), ['abcde', 'abc', '']);
  const { history: usual, clock: other } = made('');
  for (const [wait, character] of [[0, 'a'], [500, 'b'], [501, 'c']]) {
    other.ms += wait;
    type(usual, character);
  }
  assert.deepEqual(back(usual), ['abc', 'ab', '']);
});

test('seal, undo and redo end a step', () => {
  const { history } = made('');
  type(history, 'ab');
  history.seal();
  type(history, 'cd');
  history.seal();
  history.seal();
  type(history, 'ef');
  history.undo();
  type(history, 'g');
  assert.deepEqual(history.steps, { undo: 3, redo: 0 });
  history.undo();
  history.redo();
  type(history, 'h');
  assert.equal(history.redo(), null);
  type(history, 'i');
  assert.deepEqual(back(history), ['abcdghi', 'abcdg', 'abcd', 'ab', '']);
  assert.equal(history.undo(), null);
  type(history, 'x');
  assert.equal(history.redo(), null);
  type(history, 'y');
  assert.deepEqual(back(history), ['xy', '']);
});

test('the oldest steps are forgotten', () => {
  const { history } = made('', { limit: 3 });
  for (const word of ['a', 'b', 'c', 'd', 'e']) {
    history.seal();
    type(history, word);
  }
  type(history, 'f');
  assert.deepEqual(history.steps, { undo: 3, redo: 0 });
  assert.deepEqual(back(history), ['abcdef', 'abcd', 'abc', 'ab']);
  assert.deepEqual(history.steps, { undo: 0, redo: 3 });
  const none = made('', { limit: 0 }).history;
  type(none, 'ab');
  assert.deepEqual([none.text, none.undo(), none.steps, none.isDirty], ['ab', null, { undo: 0, redo: 0 }, true]);
  const usual = made('').history;
  for (let count = 0; count < 101; count += 1) usual.replace(0, 0, 'x');
  assert.deepEqual(usual.steps, { undo: 100, redo: 0 });
});

test('a transaction is one step, undone from its end', () => {
  const { history } = made('abc');
  type(history, 'd');
  const result = history.transaction(() => {
    history.replace(4, 0, 'e');
    history.replace(0, 2, 'XYZ');
    assert.deepEqual([history.text, history.steps], ['XYZcde', { undo: 1, redo: 0 }]);
    history.replace(1, 4, '');
    return 'result';
  });
  assert.equal(result, 'result');
  assert.deepEqual([history.text, history.steps], ['Xe', { undo: 2, redo: 0 }]);
  type(history, 'f');
  assert.deepEqual(history.steps, { undo: 3, redo: 0 }, 'nothing is merged into it');
  history.undo();
  assert.deepEqual(history.undo(), { at: 4, count: 0 });
  assert.equal(history.text, 'abcd');
  assert.deepEqual(history.redo(), { at: 1, count: 0 });
  assert.equal(history.text, 'Xe');
  const single = made('').history;
  type(single, 'a');
  single.transaction(() => type(single, 'b'));
  type(single, 'c');
  assert.deepEqual(back(single), ['abc', 'ab', 'a', '']);
});

test('what throws is taken back, and nothing else', () => {
  const { history } = made('abc');
  const error = new TypeError('no');
  const failing = () => {
    history.replace(0, 1, 'XX');
    history.transaction(() => history.replace(1, 2, ''));
    history.replace(2, 0, 'end');
    throw error;
  };
  history.transaction(() => {
    history.replace(3, 0, '!');
    assert.throws(() => history.transaction(failing), (caught) => caught === error, 'the same error is thrown');
    assert.equal(history.text, 'abc!');
    history.replace(4, 0, '?');
  });
  assert.equal(history.text, 'abc!?');
  assert.deepEqual(back(history), ['abc!?', 'abc']);
  assert.throws(() => history.transaction(failing), (caught) => caught === error);
  assert.equal(history.text, 'abc');
  history.transaction(() => type(history, 'd'));
  assert.deepEqual([history.text, history.steps], ['abcd', { undo: 1, redo: 0 }]);
});

test('a new step forgets what could be redone, an empty transaction does not', () => {
  const { history } = made('');
  type(history, 'a');
  history.seal();
  type(history, 'b');
  history.undo();
  const failing = () => {
    type(history, 'x');
    throw new Error('no');
  };
  history.transaction(() => {});
  assert.throws(() => history.transaction(failing), /no/);
  history.transaction(() => assert.throws(() => history.transaction(failing), /no/));
  assert.deepEqual(history.steps, { undo: 1, redo: 1 });
  history.redo();
  assert.equal(history.text, 'ab');
  history.undo();
  history.transaction(() => type(history, 'c'));
  assert.deepEqual(history.steps, { undo: 2, redo: 0 });
  history.undo();
  type(history, 'd');
  assert.deepEqual(history.steps, { undo: 2, redo: 0 });
  history.transaction(() => {});
  assert.throws(() => history.transaction(failing), /no/);
  type(history, 'e');
  assert.deepEqual(back(history), ['ade', 'a', ''], 'it does not end a step, either');
});

test('undo, redo and markSaved are refused in a transaction', () => {
  const { history } = made('');
  type(history, 'a');
  history.seal();
  type(history, 'b');
  history.undo();
  for (const name of ['undo', 'redo', 'markSaved']) {
    history.transaction(() => assert.throws(() => history[name](), Error, name));
    history.transaction(() => history.transaction(() => assert.throws(() => history[name](), Error, name)));
  }
  assert.deepEqual([history.text, history.steps, history.isDirty], ['a', { undo: 1, redo: 1 }, true]);
  history.redo();
  history.undo();
  history.undo();
  assert.deepEqual([history.text, history.isDirty], ['', false]);
});

test('undo and redo lead back to the state that was saved', () => {
  const { history } = made('a');
  assert.equal(history.isDirty, false);
  type(history, 'b');
  assert.equal(history.isDirty, true);
  history.markSaved();
  assert.equal(history.isDirty, false);
  type(history, 'c');
  assert.deepEqual([history.isDirty, history.steps], [true, { undo: 2, redo: 0 }], 'markSaved ends a step');
  history.undo();
  assert.equal(history.isDirty, false);
  history.undo();
  assert.equal(history.isDirty, true);
  history.redo();
  assert.equal(history.isDirty, false);
  history.transaction(() => {
    assert.equal(history.isDirty, false);
    type(history, 'd');
    assert.equal(history.isDirty, true);
  });
  history.undo();
  const dirty = history.transaction(() => {
    assert.throws(() => history.transaction(() => {
      type(history, 'd');
      throw new Error('no');
    }), /no/);
    return history.isDirty;
  });
  assert.deepEqual([dirty, history.isDirty], [false, false]);
});

test('a state that can not be reached any more is never found again', () => {
  const { history } = made('', { limit: 2 });
  for (const character of 'abc') {
    history.seal();
    type(history, character);
  }
  assert.deepEqual(back(history), ['abc', 'ab', 'a']);
  assert.equal(history.isDirty, true, 'the first state is forgotten');
  history.markSaved();
  history.redo();
  history.undo();
  assert.equal(history.isDirty, false);
  history.redo();
  history.markSaved();
  history.undo();
  type(history, 'b');
  assert.deepEqual([history.text, history.isDirty], ['ab', true], 'the same text is another state');
  history.undo();
  assert.equal(history.isDirty, true);
});

test('listeners are told of each change once', () => {
  const { history } = made('');
  const log = [];
  const tell = (text) => log.push([text, history.steps.undo, history.isDirty]);
  const remove = history.onChange(tell);
  type(history, 'a');
  history.transaction(() => {
    type(history, 'b');
    history.transaction(() => type(history, 'c'));
    assert.equal(log.length, 1, 'not during a transaction');
  });
  history.undo();
  history.undo();
  history.undo();
  history.redo();
  history.redo();
  history.redo();
  history.transaction(() => {});
  assert.throws(() => history.transaction(() => {
    type(history, 'x');
    throw new Error('no');
  }), /no/);
  const expected = [['a', 1, true], ['abc', 2, true], ['a', 1, true], ['', 0, false], ['a', 1, true], ['abc', 2, true]];
  assert.deepEqual(log, expected);
  history.onChange(tell);
  remove();
  remove();
  history.undo();
  assert.deepEqual(log.slice(6), [['a', 1, true]]);
  const names = [];
  const { history: other } = made('');
  const removers = {};
  other.onChange(() => {
    names.push('first');
    removers.second();
    if (names.length === 1) other.onChange(() => names.push('late'));
  });
  removers.second = other.onChange(() => names.push('second'));
  const third = () => names.push('third');
  other.onChange(third);
  other.onChange(third);
  type(other, 'a');
  assert.deepEqual(names, ['first', 'third', 'third']);
  type(other, 'b');
  assert.deepEqual(names.slice(3), ['first', 'third', 'third', 'late']);
});
