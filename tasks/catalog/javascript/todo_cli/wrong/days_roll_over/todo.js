const DAY_MS = 86_400_000;
const LAST_DAY = Date.UTC(9999, 11, 31) / DAY_MS;
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const TAG = /^[a-z0-9][a-z0-9-]{0,19}$/;
const ID = /^[1-9][0-9]{0,5}$/;
const WIDEST = 30;
const WIDE = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

class Failure extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Does what a command line says, and returns the exit code. */
export function run(args, io) {
  try {
    const today = Math.floor((io.now() + io.offset * 60_000) / DAY_MS);
    const [name, ...rest] = args;
    if (!Object.hasOwn(COMMANDS, name ?? '')) throw usage(name === undefined ? 'no command' : `unknown command: ${name}`);
    const { options, parse } = COMMANDS[name];
    const act = parse(parsed(rest, options), today);
    const store = readStore(io.read() ?? '');
    const { lines, changed } = act(store);
    if (changed) io.write(store.map((entry) => `${entry.line}\n`).join(''));
    for (const line of lines) io.out(line);
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    io.err(`todo: ${error.message}`);
    return error.code;
  }
}

function usage(message) {
  return new Failure(2, message);
}

// The command line: options by name, and all other arguments.

function parsed(args, takes) {
  const found = { words: [], tags: [] };
  const left = [...args];
  while (left.length > 0) {
    const arg = left.shift();
    if (arg === '--') {
      found.words.push(...left.splice(0));
    } else if (arg.startsWith('--')) {
      readOption(arg.slice(2), left, takes, found);
    } else {
      found.words.push(arg);
    }
  }
  return found;
}

function readOption(text, left, takes, found) {
  const [name, ...values] = text.split('=');
  if (!takes.includes(name)) throw usage(`unknown option: --${name}`);
  if (name === 'all' ? values.length > 0 : values.length === 0 && left.length === 0) throw usage(`--${name}: a wrong value`);
  const value = name === 'all' ? true : values.length > 0 ? values.join('=') : left.shift();
  if (name === 'tag') {
    if (!TAG.test(value.toLowerCase())) throw usage(`--tag: ${value}: not a tag`);
    found.tags.push(value.toLowerCase());
  } else {
    if (found[name] !== undefined) throw usage(`--${name}: given twice`);
    found[name] = value;
  }
}

const COMMANDS = {
  add: {
    options: ['due', 'tag'],
    parse({ words, tags, due }, today) {
      const text = words.join(' ').replace(/\s+/g, ' ').trim();
      if (text === '') throw usage('add: no text');
      const task = { state: 'open', due: due === undefined ? undefined : readDate(due, today), tags: [...new Set(tags)].sort(), text };
      return (store) => {
        const ids = new Set(tasksOf(store).map(({ id }) => id));
        task.id = 1;
        while (ids.has(task.id)) task.id += 1;
        store.push({ line: lineOf(task), task });
        return { lines: [`added ${task.id}`], changed: true };
      };
    },
  },
  due: {
    options: [],
    parse({ words }, today) {
      if (words.length !== 2 || !ID.test(words[0])) throw usage('due: takes an ID and a date');
      const due = words[1] === 'none' ? undefined : readDate(words[1], today);
      return (store) => {
        const [entry] = entriesOf(store, words[0]);
        const changed = entry.task.due !== due;
        if (changed) change(entry, { due });
        return { lines: [`due ${words[0]} ${due === undefined ? 'none' : dateOf(due)}`], changed };
      };
    },
  },
  done: {
    options: [],
    parse({ words }, today) {
      if (words.length === 0) throw usage('done: takes IDs');
      for (const word of words) checkRange(word);
      return (store) => {
        const found = new Set(words.flatMap((word) => entriesOf(store, word)));
        const open = [...found].filter(({ task }) => task.state === 'open').sort((a, b) => a.task.id - b.task.id);
        for (const entry of open) change(entry, { state: today });
        return { lines: open.map(({ task }) => `done ${task.id}`), changed: open.length > 0 };
      };
    },
  },
  prune: {
    options: [],
    parse({ words }, today) {
      if (words.length > 1 || (words.length === 1 && !/^[0-9]{1,4}$/.test(words[0]))) throw usage('prune: takes a number of days');
      const last = today - Number(words[0] ?? 7);
      return (store) => {
        const kept = store.filter(({ task }) => !task || task.state === 'open' || task.state > last);
        const pruned = store.length - kept.length;
        store.splice(0, store.length, ...kept);
        return { lines: [`pruned ${pruned}`], changed: pruned > 0 };
      };
    },
  },
  list: {
    options: ['all', 'tag'],
    parse({ words, tags, all }, today) {
      if (words.length > 0) throw usage('list: takes options only');
      return (store) => ({ lines: listed(tasksOf(store), { tags, all, today }), changed: false });
    },
  },
};

function checkRange(word) {
  const ends = word.split('-');
  if (ends.length > 2 || !ends.every((end) => ID.test(end)) || Number(ends[0]) > Number(ends[ends.length - 1])) {
    throw usage(`${word}: neither an ID nor a range`);
  }
}

function entriesOf(store, word) {
  const ends = word.split('-').map(Number);
  const found = store.filter(({ task }) => task && task.id >= ends[0] && task.id <= ends[ends.length - 1]);
  if (found.length === 0) throw new Failure(1, `no task ${word}`);
  return found;
}

// Dates are whole days since 1970-01-01.

function dateOf(day) {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function dayOf(text) {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return undefined;
  const [year, month, date] = text.split('-').map(Number);
  const day = Date.UTC(year, month - 1, date) / DAY_MS;
  return day >= 0 ? day : undefined;
}

function readDate(text, today) {
  const day = dayAfter(text, today) ?? dayOf(text);
  if (day === undefined || day > LAST_DAY) throw usage(`${text}: not a date`);
  return day;
}

function dayAfter(text, today) {
  if (text === 'today') return today;
  if (text === 'tomorrow') return today + 1;
  if (/^\+[0-9]{1,4}$/.test(text)) return today + Number(text);
  const weekday = DAYS.indexOf(text);
  if (weekday < 0) return undefined;
  return today + ((weekday - new Date(today * DAY_MS).getUTCDay() + 6) % 7) + 1;
}

// The store: its lines, and the tasks that they hold.

function readStore(text) {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  const seen = new Set();
  return lines.map((line, index) => {
    if (line === '' || line.startsWith('#')) return { line };
    const task = taskOf(line);
    if (task === undefined || seen.has(task.id)) throw new Failure(3, `line ${index + 1}: not a task`);
    seen.add(task.id);
    return { line, task };
  });
}

function taskOf(line) {
  const fields = line.split('\t');
  const [id, state, due, tags, text] = fields;
  if (fields.length !== 5 || !ID.test(id) || text === '') return undefined;
  const task = { id: Number(id), state: state === 'open' ? state : dayOf(state), due: due === '-' ? undefined : dayOf(due), text };
  task.tags = tags === '-' ? [] : tags.split(',');
  if (task.state === undefined || (task.due === undefined && due !== '-')) return undefined;
  return task.tags.every((tag) => TAG.test(tag)) && new Set(task.tags).size === task.tags.length ? task : undefined;
}

function lineOf({ id, state, due, tags, text }) {
  const done = state === 'open' ? state : dateOf(state);
  return [id, done, due === undefined ? '-' : dateOf(due), tags.join(',') || '-', text].join('\t');
}

function change(entry, changes) {
  Object.assign(entry.task, changes);
  entry.line = lineOf(entry.task);
}

function tasksOf(store) {
  return store.flatMap(({ task }) => task ?? []);
}

// What is shown.

function listed(tasks, { tags, all, today }) {
  const open = tasks.filter(({ state }) => state === 'open');
  const done = tasks.filter(({ state }) => state !== 'open');
  const overdue = open.filter(({ due }) => due < today);
  open.sort((a, b) => (a.due ?? Infinity) - (b.due ?? Infinity) || byText(a.text, b.text) || a.id - b.id);
  done.sort((a, b) => b.state - a.state || a.id - b.id);
  const shown = [...open, ...(all ? done : [])].filter((task) => tags.every((tag) => task.tags.includes(tag)));
  return [...table(shown, today), `${open.length} open, ${overdue.length} overdue, ${done.length} done`];
}

function table(tasks, today) {
  const rows = tasks.map((task) => [String(task.id), markOf(task, today), cut(task.text), shownDay(task.due, today), tagsOf(task)]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => widthOf(row[column]))));
  return rows.map(([id, mark, text, due, tags]) => {
    const columns = [id.padStart(widths[0]), mark, filled(text, widths[2]), ...(widths[3] > 0 ? [filled(due, widths[3])] : []), tags];
    return columns.join('  ').replace(/ +$/, '');
  });
}

function markOf({ state, due }, today) {
  if (state !== 'open') return '[x]';
  return due < today ? '[!]' : '[ ]';
}

function shownDay(due, today) {
  if (due === undefined) return '';
  return { [-1]: 'yesterday', 0: 'today', 1: 'tomorrow' }[due - today] ?? dateOf(due);
}

function tagsOf({ tags }) {
  return [...tags].sort().map((tag) => `#${tag}`).join(' ');
}

function byText(a, b) {
  const [one, other] = [piecesOf(a), piecesOf(b)];
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    const order = byPiece(one[at], other[at]);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

function piecesOf(text) {
  return text.toLowerCase().match(/[0-9]+|[^0-9]/gu) ?? [];
}

function byPiece(one, other) {
  const [isOne, isOther] = [one, other].map((piece) => /^[0-9]/.test(piece));
  if (isOne !== isOther) return isOne ? -1 : 1;
  const [a, b] = isOne ? [BigInt(one), BigInt(other)] : [one.codePointAt(0), other.codePointAt(0)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function widthOf(text) {
  return [...text].reduce((sum, character) => sum + widthOfOne(character), 0);
}

function widthOfOne(character) {
  if (/^[\p{Mn}\p{Me}\u200d\ufe0f]$/u.test(character)) return 0;
  const code = character.codePointAt(0);
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

function cut(text) {
  if (widthOf(text) <= WIDEST) return text;
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += widthOfOne(character);
    if (width > WIDEST - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function filled(text, width) {
  return text + ' '.repeat(width - widthOf(text));
}
