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

module.exports = { encode, decode, builtinError, ERRORS, SELF_JUDGING };
