const OPENING = '<!-- toc -->';
const CLOSING = '<!-- /toc -->';
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;

/** Lists the headings of a document in Markdown. */
export function listHeadings(markdown) {
  return read(markdown).headings.map(({ level, text, slug, at }) => ({ level, text, slug, line: at + 1 }));
}

/** Inserts a table of contents into a document in Markdown, or renews the one that is there. */
export function updateContents(markdown, { minLevel = 2, maxLevel = 3, ordered = false } = {}) {
  checkLevels(minLevel, maxLevel);
  const { lines, headings, opening, closing } = read(markdown);
  const listed = headings.filter(({ level }) => level >= minLevel && level <= maxLevel);
  const body = listed.length > 0 ? ['', ...entries(listed, ordered), ''] : [];
  if (opening === undefined) return listed.length > 0 ? insertBefore(lines, listed[0].at, body) : markdown;
  if (closing === undefined) return splice(lines, opening + 1, 0, [...body, CLOSING]);
  return splice(lines, opening + 1, closing - opening - 1, body);
}

function insertBefore(lines, at, body) {
  const gap = at > 0 && trim(lines[at - 1].text) !== '' ? [''] : [];
  return splice(lines, at, 0, [...gap, OPENING, ...body, CLOSING, '']);
}

function splice(lines, at, removed, texts) {
  const newline = lines[0].ending || '\n';
  const before = lines.slice(0, at);
  const inserted = texts.map((text) => ({ text, ending: newline }));
  const after = lines.slice(at + removed);
  if (after.length === 0) {
    before[at - 1] = { ...before[at - 1], ending: newline };
    inserted[inserted.length - 1].ending = '';
  }
  return [...before, ...inserted, ...after].map(({ text, ending }) => text + ending).join('');
}

function checkLevels(minLevel, maxLevel) {
  const isLevel = (level) => Number.isInteger(level) && level >= 1 && level <= 6;
  if (!isLevel(minLevel) || !isLevel(maxLevel)) throw new RangeError('levels: not integers from 1 to 6');
  if (minLevel > maxLevel) throw new RangeError('minLevel: greater than maxLevel');
}

// Entries of a table of contents

function entries(headings, ordered) {
  const root = { level: 0, children: 0, indent: 0 };
  const open = [root];
  return headings.map(({ level, text, slug }) => {
    while (open.at(-1).level >= level) open.pop();
    const parent = open.at(-1);
    parent.children += 1;
    const mark = ordered ? `${parent.children}. ` : '- ';
    open.push({ level, children: 0, indent: parent.indent + mark.length });
    return `${' '.repeat(parent.indent)}${mark}[${escape(text)}](#${slug})`;
  });
}

function escape(text) {
  return text.replace(/[\\`*_[\]<]/g, '\\$&');
}

function addSlugs(headings) {
  const taken = new Set();
  for (const heading of headings) {
    const base = slugOf(heading.text);
    let slug = base;
    for (let number = 2; taken.has(slug); number += 1) slug = `${base}-${number}`;
    taken.add(slug);
    heading.slug = slug;
  }
}

function slugOf(text) {
  const kept = text
    .toLowerCase()
    .normalize('NFC')
    .replace(/\s/g, '-')
    .replace(/[^\p{L}\p{M}\p{N}_-]/gu, '');
  return kept.replace(/-+/g, '-').replace(/^-|-$/g, '') || 'section';
}

// Blocks

function read(markdown) {
  if (typeof markdown !== 'string') throw new TypeError('markdown: not a string');
  const lines = splitLines(markdown);
  const found = scan(lines.map(({ text }) => text));
  const opening = found.openings[0];
  const closing = found.closings.find((at) => at > opening);
  const headings = found.headings
    .filter(({ at }) => closing === undefined || at < opening || at > closing)
    .map((heading) => ({ ...heading, text: plainText(heading.source) }))
    .filter(({ text }) => text !== '');
  addSlugs(headings);
  return { lines, headings, opening, closing };
}

function splitLines(markdown) {
  const parts = markdown.split(/(\r?\n)/);
  const lines = [];
  for (let i = 0; i < parts.length; i += 2) lines.push({ text: parts[i], ending: parts[i + 1] ?? '' });
  return lines;
}

function scan(lines) {
  const found = { headings: [], openings: [], closings: [] };
  let paragraph = [];
  let inContainer = false;
  for (let at = afterFrontMatter(lines); at < lines.length; at += 1) {
    const content = trim(lines[at]);
    const kind = kindOf(lines[at], content, paragraph.length > 0);
    if (kind === 'text' || (kind === 'indented' && (paragraph.length > 0 || inContainer))) {
      if (!inContainer) paragraph.push(content);
      continue;
    }
    if (kind === 'atx') found.headings.push(atxHeading(content, at));
    if (kind === 'underline') found.headings.push(setextHeading(content, paragraph, at));
    if (kind === 'comment' && /^<!--[ \t]*toc[ \t]*-->$/.test(content)) found.openings.push(at);
    if (kind === 'comment' && /^<!--[ \t]*\/toc[ \t]*-->$/.test(content)) found.closings.push(at);
    if (kind === 'fence') at = endOfFence(lines, at, content);
    if (kind === 'comment') at = endOfComment(lines, at);
    paragraph = [];
    inContainer = kind === 'container';
  }
  return found;
}

function kindOf(line, content, afterParagraph) {
  if (content === '') return 'blank';
  if (isIndented(line)) return 'indented';
  if (/^(?:`{3,}[^`]*$|~{3,})/.test(content)) return 'fence';
  if (content.startsWith('<!--')) return 'comment';
  if (/^#{1,6}(?:[ \t]|$)/.test(content)) return 'atx';
  if (afterParagraph && /^(?:=+|-+)$/.test(content)) return 'underline';
  if (/^([-*_])(?:[ \t]*\1){2,}$/.test(content)) return 'break';
  if (/^(?:>|(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$))/.test(content)) return 'container';
  return 'text';
}

function atxHeading(content, at) {
  const [marks] = content.match(/^#+/);
  const source = trim(content.slice(marks.length)).replace(/(?:^|[ \t])#+$/, '');
  return { level: marks.length, source, at };
}

function setextHeading(underline, paragraph, at) {
  return { level: underline.startsWith('=') ? 1 : 2, source: paragraph.join(' '), at: at - paragraph.length };
}

function afterFrontMatter(lines) {
  if (lines[0] !== '---') return 0;
  return lines.indexOf('---', 1) + 1;
}

function endOfFence(lines, start, content) {
  const [marks] = content.match(/^(?:`+|~+)/);
  const closes = (line) => {
    const text = trim(line);
    return !isIndented(line) && text.startsWith(marks) && text === marks[0].repeat(text.length);
  };
  let at = start + 1;
  while (at < lines.length && !closes(lines[at])) at += 1;
  return at;
}

function endOfComment(lines, start) {
  const from = lines[start].indexOf('<!--') + 4;
  if (lines[start].includes('-->', from)) return start;
  let at = start + 1;
  while (at < lines.length && !lines[at].includes('-->')) at += 1;
  return at;
}

function isIndented(line) {
  return /^(?: {4}| {0,3}\t)/.test(line);
}

function trim(text) {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

// Inline markup

function plainText(source) {
  return trim(withoutMarkup(source).replace(/[ \t]+/g, ' '));
}

function withoutMarkup(source) {
  let plain = '';
  for (let at = 0; at < source.length;) {
    const piece = READERS.map((reader) => reader(source, at)).find((found) => found) ?? [source[at], at + 1];
    plain += piece[0];
    at = piece[1];
  }
  return plain;
}

// Each returns what a piece of markup at a place is as plain text, and where it ends; or nothing, if there is none.
const READERS = [readEscape, readCode, readComment, readTag, readLink, readEmphasis];

function readEscape(source, at) {
  if (source[at] !== '\\' || !PUNCTUATION.test(source[at + 1] ?? '')) return undefined;
  return [source[at + 1], at + 2];
}

function readCode(source, at) {
  if (source[at] !== '`') return undefined;
  const start = endOfRun(source, at);
  for (let next = source.indexOf('`', start); next >= 0; next = source.indexOf('`', endOfRun(source, next))) {
    const end = endOfRun(source, next);
    if (end - next === start - at) return [source.slice(start, next), end];
  }
  return [source.slice(at, start), start];
}

function readComment(source, at) {
  if (!source.startsWith('<!--', at)) return undefined;
  const end = source.indexOf('-->', at + 4);
  return end < 0 ? undefined : ['', end + 3];
}

function readTag(source, at) {
  if (!/^<\/?[A-Za-z]/.test(source.slice(at, at + 3))) return undefined;
  const end = source.indexOf('>', at);
  if (end < 0) return undefined;
  const inside = source.slice(at + 1, end);
  return [/^[A-Za-z][A-Za-z0-9+.-]*:\S*$/.test(inside) ? inside : '', end + 1];
}

function readLink(source, at) {
  const start = source.startsWith('![', at) ? at + 1 : at;
  const middle = matching(source, start, '[', ']');
  if (middle === undefined) return undefined;
  const end = matching(source, middle + 1, '(', ')') ?? matching(source, middle + 1, '[', ']');
  if (end === undefined) return undefined;
  return [withoutMarkup(source.slice(start + 1, middle)), end + 1];
}

function matching(source, start, opening, closing) {
  if (source[start] !== opening) return undefined;
  for (let at = start; at < source.length; at = skip(source, at)) {
    if (at > start && source[at] === closing) return at;
  }
  return undefined;
}

// The place after the character, the escaped character or the code span at a place.
function skip(source, at) {
  const [, end] = readEscape(source, at) ?? readCode(source, at) ?? ['', at + 1];
  return end;
}

function readEmphasis(source, at) {
  const mark = source[at];
  if (mark !== '*' && mark !== '_') return undefined;
  const start = endOfRun(source, at);
  const literal = [source.slice(at, start), start];
  if (!/^\S/.test(source.slice(start)) || (mark === '_' && /[\p{L}\p{N}]$/u.test(source.slice(0, at)))) return literal;
  for (let next = start; next < source.length;) {
    if (source[next] !== mark) {
      next = skip(source, next);
      continue;
    }
    const end = endOfRun(source, next);
    if (end - next === start - at && closesEmphasis(source, next, end)) return [withoutMarkup(source.slice(start, next)), end];
    next = end;
  }
  return literal;
}

function closesEmphasis(source, at, end) {
  return /\S$/.test(source.slice(0, at)) && !(source[at] === '_' && /^[\p{L}\p{N}]/u.test(source.slice(end)));
}

function endOfRun(source, at) {
  let end = at;
  while (source[end] === source[at]) end += 1;
  return end;
}
