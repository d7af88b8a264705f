import test from 'node:test';
import assert from 'node:assert/strict';
import { run } from '../todo.js';

const NOON = Date.UTC(2024, 2, 9, 12);

// A world with a store, on Saturday, 2024-03-09, unless said otherwise.
class World {
  constructor(store = null, { now = NOON, offset = 0 } = {}) {
    Object.assign(this, { store, now, offset, reads: 0, writes: 0 });
  }

  // Runs a command line and returns the exit code and what was printed.
  run(...args) {
    const out = [];
    const err = [];
    const io = {
      read: () => {
        this.reads += 1;
        return this.store;
      },
      write: (text) => {
        this.writes += 1;
        this.store = text;
      },
      out: (line) => {
        out.push(line);
      },
      err: (line) => {
        err.push(line);
      },
      now: () => this.now,
      offset: this.offset,
    };
    const code = run(args, io);
    return { code, out, err };
  }

  // Runs a command line that has to go well, and returns what it prints.
  ok(...args) {
    const { code, out, err } = this.run(...args);
    assert.deepEqual({ code, err }, { code: 0, err: [] }, `${args.join(' ')}: exit code and errors`);
    return out;
  }

  // Runs a command line that has to fail, printing one line, and writing nothing. Returns the line.
  fails(code, begin, ...args) {
    const { store, writes } = this;
    const ran = this.run(...args);
    assert.equal(ran.code, code, `exit code of: ${args.join(' ')}`);
    assert.deepEqual(ran.out, [], `standard output of: ${args.join(' ')}`);
    assert.equal(ran.err.length, 1, `lines of errors of: ${args.join(' ')}`);
    assert.ok(ran.err[0].startsWith(begin), `${ran.err[0]}: does not begin with ${begin}`);
    assert.deepEqual([this.store, this.writes], [store, writes], 'nothing may be written');
    return ran.err[0];
  }

  missing(arg, ...args) {
    assert.equal(this.fails(1, 'todo: ', ...args), `todo: no task ${arg}`);
  }

  wrong(...args) {
    const { reads } = this;
    this.fails(2, 'todo: ', ...args);
    assert.equal(this.reads, reads, `${args.join(' ')}: the store may not be read`);
  }
}

const line = (id, text, { state = 'open', due = '-', tags = '-' } = {}) => `${[id, state, due, tags, text].join('\t')}\n`;
const texts = (lines) => lines.slice(0, -1).map((each) => each.replace(/^ *\d+ {2}\[.\] {2}/, ''));

test('the example', () => {
  const store =
    '# mine\n' +
    line(2, 'Item 10', { due: '2024-03-08', tags: 'home' }) +
    line(3, 'item 9', { due: '2024-03-08' }) +
    line(4, 'Old', { state: '2024-03-05' }) +
    line(10, '猫に餌', { tags: 'work,a' });
  assert.deepEqual(new World(store).ok('list', '--all'), [
    ' 3  [!]  item 9   yesterday',
    ' 2  [!]  Item 10  yesterday  #home',
    '10  [ ]  猫に餌              #a #work',
    ' 4  [x]  Old',
    '3 open, 2 overdue, 1 done',
  ]);
  const world = new World();
  assert.deepEqual(world.ok('add', 'Buy', 'milk', '--due', 'tomorrow'), ['added 1']);
  assert.equal(world.store, line(1, 'Buy milk', { due: '2024-03-10' }));
});

test('add joins its words, and white space becomes single spaces', () => {
  const world = new World('');
  world.ok('add', ' a\t\tb', '', '\u00a0c\n', 'd\u3000 e ');
  assert.equal(world.store, line(1, 'a b c d e'));
});

test('add keeps tags in lower case, in order, each once', () => {
  const world = new World();
  world.ok('add', '--tag', 'Zoo', 'a', '--tag=b-2', 'c', '--tag', 'zOO', '--tag', '10', '--tag', '9', '--tag', 'b9');
  assert.equal(world.store, line(1, 'a c', { tags: '10,9,b-2,b9,zoo' }));
});

test('a new task gets the lowest free ID and the last line', () => {
  const world = new World(line(3, 'c') + line(1, 'a', { state: '2024-01-01' }) + '#5\n');
  assert.deepEqual([world.ok('add', 'b'), world.ok('add', 'd')], [['added 2'], ['added 4']]);
  assert.equal(world.store, line(3, 'c') + line(1, 'a', { state: '2024-01-01' }) + '#5\n' + line(2, 'b') + line(4, 'd'));
});

test('options stand anywhere, and two hyphens end them', () => {
  const world = new World();
  world.ok('add', 'a', '--due=today', '-x', '--', '--tag', '--', '-');
  assert.equal(world.store, line(1, 'a -x --tag -- -', { due: '2024-03-09' }));
  world.ok('due', '--', '1', 'none');
  world.ok('done', '1', '--');
  assert.equal(world.store, line(1, 'a -x --tag -- -', { state: '2024-03-09' }));
});

test('dates are given in several ways', () => {
  const world = new World();
  const dates = {
    '1970-01-01': '1970-01-01',
    '2024-02-29': '2024-02-29',
    '2029-09-19': '2029-09-19',
    '9999-12-31': '9999-12-31',
    today: '2024-03-09',
    tomorrow: '2024-03-10',
    '+0': '2024-03-09',
    '+0023': '2024-04-01',
    '+9999': '2051-07-25',
  };
  for (const [given, stored] of Object.entries(dates)) {
    world.store = null;
    world.ok('add', 'x', '--due', given);
    assert.equal(world.store, line(1, 'x', { due: stored }), `--due ${given}`);
  }
});

test('a day of the week is the first after today', () => {
  const days = { sun: 10, mon: 11, tue: 12, wed: 13, thu: 14, fri: 15, sat: 16 };
  for (const [name, day] of Object.entries(days)) {
    const world = new World(line(1, 'x'));
    assert.deepEqual(world.ok('due', '1', name), [`due 1 2024-03-${day}`], name);
  }
  const sunday = new World(line(1, 'x'), { now: Date.UTC(2024, 2, 10) });
  assert.deepEqual(sunday.ok('due', '1', 'sun'), ['due 1 2024-03-17']);
  assert.deepEqual(sunday.ok('due', '1', 'sat'), ['due 1 2024-03-16']);
});

test('today is the date in local time', () => {
  const cases = [
    [Date.UTC(2024, 1, 28, 23, 59, 59, 999), 0, '2024-02-28'],
    [Date.UTC(2024, 1, 28, 18, 30), 330, '2024-02-29'],
    [Date.UTC(2024, 1, 28, 18, 29, 59, 999), 330, '2024-02-28'],
    [Date.UTC(2024, 0, 1, 7, 59), -480, '2023-12-31'],
    [Date.UTC(2024, 0, 1, 8), -480, '2024-01-01'],
  ];
  for (const [now, offset, date] of cases) {
    const world = new World(line(1, 'x'), { now, offset });
    world.ok('done', '1');
    assert.equal(world.store, line(1, 'x', { state: date }), `${new Date(now).toISOString()} at ${offset} min`);
  }
});

test('a wrong command line is found before the store is read', () => {
  const world = new World('broken\n');
  for (const args of [[], ['help'], ['--all'], ['toString'], ['add'], ['add', ' \t'], ['add', '--tag', 'a'], ['done'], ['list', 'x'], ['prune', '1', '2']]) {
    world.wrong(...args);
  }
  for (const args of [['--all'], ['--tag'], ['--due'], ['--due', 'today', '--due', 'today'], ['--tags=a'], ['--']]) world.wrong('add', ...args);
  for (const args of [['--all'], ['--due'], ['--due=today', '--due', 'today'], ['--tags=a'], ['-- x']]) world.wrong('add', 'x', ...args);
  for (const args of [['--all', '--all'], ['--all=1'], ['--all='], ['--due', 'today'], ['--tag='], ['--tag'], ['--tag', 'a_b']]) world.wrong('list', ...args);
  for (const args of [['done', '1', '--all'], ['prune', '--tag', 'a'], ['due', '1', 'today', '--tag=a']]) world.wrong(...args);
  for (const tag of ['', '-a', 'a_b', 'a b', 'ä', '#a', 'x'.repeat(21)]) world.wrong('add', 'x', '--tag', tag);
  for (const id of ['0', '01', '1000000', 'x', '1-', '-1', '2-1', '1-2-3', '1,2', '1.5', '']) world.wrong('done', id);
  for (const args of [['1'], ['1-2', 'today'], ['1', 'today', 'x'], ['0', 'today'], ['1', '--due=today']]) world.wrong('due', ...args);
  for (const days of ['-1', '1.5', '', '12345', 'x']) world.wrong('prune', days);
});

test('what is no date is refused', () => {
  const world = new World();
  const wrong = ['2023-02-29', '2024-04-31', '2024-13-01', '2024-00-10', '2024-1-1', '1969-12-31', '24-01-01', '2024-01-01x', '10000-01-01', '0000-01-01'];
  wrong.push('', 'Today', 'yesterday', 'monday', 'Mon', 'none', '+', '+-1', '+1.5', '+12345', '1', '--tag', '2024-03-09T00:00');
  for (const date of wrong) world.wrong('add', 'x', '--due', date);
  const late = new World(line(1, 'x'), { now: Date.UTC(9999, 11, 30) });
  assert.deepEqual(late.ok('due', '1', 'tomorrow'), ['due 1 9999-12-31']);
  late.wrong('due', '1', '+2');
  for (const date of ['tomorrow', 'sat']) new World(line(1, 'x'), { now: Date.UTC(9999, 11, 31) }).wrong('due', '1', date);
});

test('due changes a date, and writes only what has changed', () => {
  const world = new World(line(7, 'x', { state: '2024-03-01', tags: 'b,a' }) + '\n' + line(8, 'y'));
  assert.deepEqual(world.ok('due', '7', '2025-01-01'), ['due 7 2025-01-01']);
  assert.equal(world.store, line(7, 'x', { state: '2024-03-01', due: '2025-01-01', tags: 'b,a' }) + '\n' + line(8, 'y'));
  assert.deepEqual(world.ok('due', '7', '2025-01-01'), ['due 7 2025-01-01']);
  assert.deepEqual(world.ok('due', '8', 'none'), ['due 8 none']);
  assert.equal(world.writes, 1, 'a date that stays is not written');
  world.ok('due', '7', 'none');
  assert.equal(world.writes, 2);
  assert.equal(world.store, line(7, 'x', { state: '2024-03-01', tags: 'b,a' }) + '\n' + line(8, 'y'));
});

test('done takes IDs and ranges, and says in order which were open', () => {
  const world = new World(line(12, 'l') + line(3, 'c') + line(2, 'b', { state: '2024-01-01' }) + line(5, 'e', { due: '2024-03-09' }) + line(6, 'f'));
  assert.deepEqual(world.ok('done', '12', '5', '2-4', '3', '5-5'), ['done 3', 'done 5', 'done 12']);
  const state = '2024-03-09';
  const left = line(2, 'b', { state: '2024-01-01' }) + line(5, 'e', { state, due: '2024-03-09' }) + line(6, 'f');
  assert.equal(world.store, line(12, 'l', { state }) + line(3, 'c', { state }) + left);
  assert.equal(world.writes, 1);
  assert.deepEqual(world.ok('done', '1-5'), []);
  assert.equal(world.writes, 1, 'nothing has changed');
});

test('a task that is not there fails the whole command', () => {
  const world = new World(line(1, 'a') + line(20, 'b'));
  world.missing('2-19', 'done', '1', '2-19', '3');
  world.missing('21', 'done', '20-21', '21', '22');
  world.missing('2', 'due', '2', 'none');
  new World().missing('1', 'done', '1');
});

test('prune removes what was done long enough ago', () => {
  const at = (state) => ({ state });
  const store =
    line(1, 'a', at('2024-03-02')) + '# kept\n' + line(2, 'b', at('2024-03-03')) + line(3, 'c') + '\n' + line(4, 'd', at('2024-03-09')) + line(5, 'e', at('2024-03-10'));
  const world = new World(store);
  assert.deepEqual(world.ok('prune'), ['pruned 1']);
  assert.equal(world.store, store.slice(store.indexOf('#')));
  assert.deepEqual(world.ok('prune', '7'), ['pruned 0']);
  assert.deepEqual(world.ok('prune', '9999'), ['pruned 0']);
  assert.equal(world.writes, 1, 'nothing has changed');
  assert.deepEqual(world.ok('prune', '0'), ['pruned 2']);
  assert.equal(world.store, `# kept\n${line(3, 'c')}\n${line(5, 'e', at('2024-03-10'))}`);
});

test('lines that do not change stay as they are', () => {
  const odd = '#\ttabs \r\n\n\n' + line(4, ' x\r', { tags: 'z,a' }) + '# end';
  const world = new World(odd);
  world.ok('list');
  assert.equal(world.writes, 0, 'list writes nothing');
  world.ok('add', 'new');
  assert.equal(world.store, `${odd}\n${line(1, 'new')}`);
});

test('a broken store is refused with the number of its line', () => {
  const good = `# first\n\n${line(1, 'a', { due: '2024-01-01', tags: '0,a-b' })}`;
  const broken = [
    'text\n',
    line('01', 'x'),
    line('0', 'x'),
    line('1000000', 'x'),
    line('x', 'x'),
    line(2, ''),
    line(2, 'x\ty'),
    line(2, 'x', { state: 'done' }),
    line(2, 'x', { state: '2023-02-29' }),
    line(2, 'x', { due: '' }),
    line(2, 'x', { due: 'open' }),
    line(2, 'x', { due: '2024-3-1' }),
    line(2, 'x', { due: '1969-12-31' }),
    line(2, 'x', { tags: '' }),
    line(2, 'x', { tags: 'a,' }),
    line(2, 'x', { tags: 'a,a' }),
    line(2, 'x', { tags: 'A' }),
    line(2, 'x', { tags: '-a' }),
    line(2, 'x', { tags: 'x'.repeat(21) }),
    line(1, 'the same ID'),
    ' \n',
    ' # no comment\n',
    '2\topen\t-\t-',
  ];
  for (const one of broken) {
    new World(good + one + line(3, 'c')).fails(3, 'todo: line 4: ', 'list');
    new World(good + one).fails(3, 'todo: line 4: ', 'done', '9');
  }
  new World(`${good}${line(999999, 'x', { tags: 'x'.repeat(20) })}`).ok('due', '999999', 'none');
});

test('list shows open tasks by date, then in natural order', () => {
  const names = ['b2', 'b10', 'B1', 'b', 'b02', 'a 10 c', 'a 9 z', 'a x', 'b99999999999999999998', 'b99999999999999999997', '10', '9b', 'ｂ', '𐐨'];
  let store = names.map((name, index) => line(index + 1, name)).join('');
  store += line(20, 'z', { due: '2024-04-01' }) + line(21, 'y', { due: '2024-03-31' }) + line(22, 'x', { due: '2024-04-01' });
  const shown = new World(store).ok('list').slice(0, -1);
  const sorted = ['21', '22', '20', '12', '11', '7', '6', '8', '4', '3', '1', '5', '2', '10', '9', '13', '14'];
  assert.deepEqual(
    shown.map((each) => each.trim().split(' ')[0]),
    sorted,
  );
  const few = new World(line(31, 'Same 07') + line(30, 'same 7') + line(2, 'same') + line(1, 'same 7 a'));
  assert.deepEqual(texts(few.ok('list')), ['same', 'same 7', 'Same 07', 'same 7 a']);
});

test('list shows done tasks only if it is told to, the last first', () => {
  const store =
    line(5, 'e', { state: '2024-03-01', due: '2024-01-01' }) + line(4, 'd', { state: '2024-03-08' }) + line(3, 'z', { state: '2024-03-01' }) + line(9, 'o', { due: '2024-03-09' });
  assert.deepEqual(new World(store).ok('list'), ['9  [ ]  o  today', '1 open, 0 overdue, 3 done']);
  assert.deepEqual(new World(store).ok('list', '--all'), [
    '9  [ ]  o  today',
    '4  [x]  d',
    '3  [x]  z',
    '5  [x]  e  2024-01-01',
    '1 open, 0 overdue, 3 done',
  ]);
  assert.deepEqual(new World().ok('list'), ['0 open, 0 overdue, 0 done']);
});

test('list with tags shows tasks that have all of them, and counts all', () => {
  const store = line(1, 'one', { tags: 'a' }) + line(10, 'two', { tags: 'c,a,b', due: '2024-03-07' }) + line(3, 'three', { tags: 'b,ab', due: '2024-03-10' }) + line(4, 'four, which is long');
  const world = new World(store);
  assert.deepEqual(world.ok('list', '--tag', 'A', '--tag=b'), ['10  [!]  two  2024-03-07  #a #b #c', '4 open, 1 overdue, 0 done']);
  assert.deepEqual(world.ok('list', '--tag', 'a', '--tag', 'a'), ['10  [!]  two  2024-03-07  #a #b #c', ' 1  [ ]  one              #a', '4 open, 1 overdue, 0 done']);
  assert.deepEqual(world.ok('list', '--tag', 'ab'), ['3  [ ]  three  tomorrow  #ab #b', '4 open, 1 overdue, 0 done']);
  assert.deepEqual(new World(line(1, 'a', { tags: 'x' }) + line(2, 'bc', { tags: 'y' })).ok('list').slice(0, 2), ['1  [ ]  a   #x', '2  [ ]  bc  #y']);
  assert.deepEqual(world.ok('list', '--tag', 'd', '--all'), ['4 open, 1 overdue, 0 done']);
});

test('texts are measured as they are seen, and cut where they are too wide', () => {
  const wide = '漢'.repeat(15);
  const cases = {
    ['x'.repeat(30)]: 'x'.repeat(30),
    ['x'.repeat(31)]: `${'x'.repeat(29)}…`,
    [wide]: wide,
    [`${wide}x`]: `${'漢'.repeat(14)}…`,
    [`y${wide}`]: `y${'漢'.repeat(14)}…`,
    [`${'e\u0301'.repeat(30)}`]: 'e\u0301'.repeat(30),
    [`${'e\u0301\u20dd'.repeat(31)}`]: `${'e\u0301\u20dd'.repeat(29)}…`,
    ['🚀'.repeat(31)]: `${'🚀'.repeat(29)}…`,
    ['😀\ufe0f'.repeat(16)]: `${'😀\ufe0f'.repeat(14)}…`,
    ['\u3099가\u200d'.repeat(15)]: '\u3099가\u200d'.repeat(15),
  };
  for (const [text, shown] of Object.entries(cases)) {
    const [one] = texts(new World(line(1, text)).ok('list'));
    assert.equal(one, shown, JSON.stringify(text));
  }
  const widths = { a: 1, '\u1100': 2, '\u115f': 2, '\u1160': 1, '\u2e7f': 1, '\u2e80': 2, '\u303e': 2, '\u303f': 1, '\u3040': 1, '\u3041': 2, '\u4dbf': 2, '\u4dc0': 1, '\u4dff': 1, '\u4e00': 2 };
  Object.assign(widths, { '\ua4cf': 2, '\ua4d0': 1, '\uabff': 1, '\uac00': 2, '\ud7a3': 2, '\ud7a4': 1, '\uf8ff': 1, '\uf900': 2, '\ufaff': 2, '\ufb00': 1, '\ufe30': 2, '\ufe6f': 2, '\ufe70': 1 });
  Object.assign(widths, { '\ufeff': 1, '\uff00': 2, '\uff60': 2, '\uff61': 1, '\uffdf': 1, '\uffe0': 2, '\uffe6': 2, '\uffe7': 1, '\u{1f2ff}': 1, '\u{1f300}': 2, '\u{1f64f}': 2, '\u{1f650}': 1 });
  Object.assign(widths, { '\u{1f8ff}': 1, '\u{1f900}': 2, '\u{1f9ff}': 2, '\u{1fa00}': 1, '\u{1ffff}': 1, '\u{20000}': 2, '\u{3fffd}': 2, '\u{3fffe}': 1, '\u302a': 0, '\u200d': 0, '\ufe0f': 0, '\u0488': 0, '\u0903': 1 });
  const store = Object.keys(widths).map((character, index) => line(index + 1, `${character}.`, { due: '2024-03-09' })).join('');
  for (const shown of texts(new World(store).ok('list'))) {
    const [character] = shown;
    assert.equal(shown, `${character}.${' '.repeat(4 - widths[character])}today`, `width of U+${character.codePointAt(0).toString(16)}`);
  }
});
