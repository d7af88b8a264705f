// Values between the tests' box and the answer's, both ways: plain data is copied, all else is a handle.
'use strict';

const SYMBOLS = ['iterator', 'asyncIterator', 'toPrimitive', 'toStringTag', 'hasInstance'];
const byName = new Map(SYMBOLS.map((name) => [name, Symbol[name]]));
const nameOf = new Map(SYMBOLS.map((name) => [Symbol[name], name]));

// What jest asks objects whether they are, so that they can decide for themselves what they are equal to.
const SELF_JUDGING = /^(asymmetricMatch|toAsymmetricMatcher|\$\$typeof|nodeType|nodeName|@@__IMMUTABLE.*|__proto__)$/;

function number(value) {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : { n: Object.is(value, -0) ? '-0' : String(value) };
}

// peer.known(value) returns the handle of what has one, peer.keep(value) that of what is not plain data, or undefined
// for what is to be copied all the same.
function encode(value, peer, seen = new Set()) {
  switch (typeof value) {
    case 'undefined':
      return { u: 0 };
    case 'number':
      return number(value);
    case 'bigint':
      return { i: String(value) };
    case 'symbol':
      return nameOf.has(value) ? { y: nameOf.get(value) } : { q: String(value.description) };
    case 'function':
      return peer.known(value) ?? peer.keep(value);
    case 'object':
      return value === null ? null : encodeObject(value, peer, seen);
    default:
      return value;
  }
}

function encodeObject(value, peer, seen) {
  const within = (item) => encode(item, peer, seen);
  const known = peer.known(value);
  if (known !== undefined) return known;
  const isCycle = seen.has(value);
  const kind = isCycle ? 'object' : kindOf(value);
  const handle = kind === 'object' ? peer.keep(value, isCycle) : undefined;
  if (handle !== undefined) return handle;
  seen.add(value);
  try {
    if (kind === 'array') return { a: Array.from(value, within) };
    if (kind === 'map') return { M: [...Map.prototype.entries.call(value)].map((pair) => pair.map(within)) };
    if (kind === 'set') return { S: [...Set.prototype.values.call(value)].map(within) };
    if (kind === 'date') return { D: number(Date.prototype.getTime.call(value)) };
    if (kind === 'regexp') return { x: [value.source, value.flags] };
    return { o: Object.keys(value).map((key) => [key, within(value[key])]) };
  } finally {
    seen.delete(value);
  }
}

const EXACT = [
  [Array.prototype, 'array'],
  [Map.prototype, 'map'],
  [Set.prototype, 'set'],
  [Date.prototype, 'date'],
  [RegExp.prototype, 'regexp'],
];

// An instance of a class, and an object that holds functions, are not plain: they may change, or do things.
function kindOf(value) {
  const parent = Object.getPrototypeOf(value);
  for (const [prototype, kind] of EXACT) if (parent === prototype) return kind;
  if (parent !== Object.prototype && parent !== null) return 'object';
  for (const key of Reflect.ownKeys(value)) {
    const found = Reflect.getOwnPropertyDescriptor(value, key);
    if (typeof key === 'symbol' || !found.enumerable || found.get || found.set) return 'object';
    if (typeof found.value === 'function') return 'object';
  }
  return 'plain';
}

function decode(data, handle) {
  if (data === null || typeof data !== 'object') return data;
  const [[tag, body]] = Object.entries(data);
  const within = (item) => decode(item, handle);
  switch (tag) {
    case 'u':
      return undefined;
    case 'n':
      return Number(body);
    case 'i':
      return BigInt(body);
    case 'y':
      return byName.get(body);
    case 'q':
      return Symbol.for(`answer ${body}`);
    case 'a':
      return body.map(within);
    case 'M':
      return new Map(body.map((pair) => pair.map(within)));
    case 'S':
      return new Set(body.map(within));
    case 'D':
      return new Date(within(body));
    case 'x':
      return new RegExp(body[0], body[1]);
    case 'o': {
      const made = {};
      for (const [key, item] of body.filter(([name]) => !SELF_JUDGING.test(name))) {
        const value = within(item);
        Object.defineProperty(made, key, { value, writable: true, enumerable: true, configurable: true });
      }
      return made;
    }
    default:
      return handle(tag, body);
  }
}

const ERRORS = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError };

// The name of the built-in error that a class or an error's prototype derives from.
function builtinError(prototype) {
  for (let at = prototype; at; at = Object.getPrototypeOf(at)) {
    for (const [name, kind] of Object.entries(ERRORS)) if (at === kind.prototype) return name;
  }
  return 'Error';
}

// Lines on descriptors 0 and 1, read while everything else waits.
class Lines {
  constructor(fs) {
    this.fs = fs;
    this.rest = Buffer.alloc(0);
    this.chunk = Buffer.alloc(1 << 16);
  }

  say(message) {
    let data = Buffer.from(`${JSON.stringify(message)}\n`);
    while (data.length) {
      try {
        data = data.subarray(this.fs.writeSync(3, data));
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
        pause();
      }
    }
  }

  taken() {
    const end = this.rest.indexOf(10);
    if (end < 0) return undefined;
    const line = this.rest.subarray(0, end);
    this.rest = this.rest.subarray(end + 1);
    return JSON.parse(line);
  }

  // Returns the next line, or null at the end.
  next() {
    for (;;) {
      const line = this.taken();
      if (line !== undefined) return line;
      let count;
      try {
        count = this.fs.readSync(0, this.chunk, 0, this.chunk.length, null);
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
        pause();
        continue;
      }
      if (!count) return null;
      this.rest = Buffer.concat([this.rest, this.chunk.subarray(0, count)]);
    }
  }

  // The same, while timers and promises go on.
  async later() {
    for (;;) {
      const line = this.taken();
      if (line !== undefined) return line;
      const count = await new Promise((resolve, reject) => {
        this.fs.read(0, this.chunk, 0, this.chunk.length, null, (error, n) => (error ? reject(error) : resolve(n)));
      });
      if (!count) return null;
      this.rest = Buffer.concat([this.rest, this.chunk.subarray(0, count)]);
    }
  }
}

function pause() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

module.exports = { encode, decode, builtinError, ERRORS, Lines, SELF_JUDGING };
