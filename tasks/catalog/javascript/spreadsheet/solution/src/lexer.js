const TOKEN = /(?<number>\d+(?:\.\d+)?)|(?<reference>[A-Z]+\d+)|(?<name>[A-Za-z]+)|(?<error>#REF!)|(?<symbol>[-+*/():;])/y;

/** Splits the text of a formula (without its =) into tokens. */
export function tokenize(text) {
  const tokens = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') {
      at += 1;
      continue;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`unexpected ${text[at]} at ${at + 1}`);
    const [type] = Object.entries(match.groups).find(([, part]) => part !== undefined);
    tokens.push({ type, text: match[0], at });
    at = TOKEN.lastIndex;
  }
  return tokens;
}
