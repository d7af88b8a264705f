/** An edit replaces the text `removed`, which begins at `at`, with the text `inserted`. */
export function applied(text, { at, removed, inserted }) {
  return text.slice(0, at) + inserted + text.slice(at + removed.length);
}

export function inverse({ at, removed, inserted }) {
  return { at, removed: inserted, inserted: removed };
}

/** Returns the one edit that does what two do after each other, or undefined if the second does not continue the first. */
export function joined(first, second) {
  if (isTyping(first) && isTyping(second)) return typedOn(first, second);
  if (isErasing(first) && isErasing(second)) return erasedOn(first, second);
  return undefined;
}

function typedOn(first, second) {
  if (first.inserted.includes('\n')) return undefined;
  if (second.at !== first.at + first.inserted.length) return undefined;
  return { at: first.at, removed: '', inserted: first.inserted + second.inserted };
}

function erasedOn(first, second) {
  const way = second.at === first.at ? 'forward' : 'back';
  if (first.way !== undefined && first.way !== way) return undefined;
  if (way === 'forward') return { at: first.at, removed: first.removed + second.removed, inserted: '', way };
  if (second.at + second.removed.length !== first.at) return undefined;
  return { at: second.at, removed: first.removed + second.removed, inserted: '', way };
}

function isTyping({ removed, inserted }) {
  return removed === '' && inserted !== '';
}

function isErasing({ removed, inserted }) {
  return removed !== '' && inserted === '';
}
