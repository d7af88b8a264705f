/** Lists the headings of a document in Markdown. */
export function listHeadings(markdown) {
  throw new Error('not written yet');
}

/** Inserts a table of contents into a document in Markdown, or renews the one that is there. */
export function updateContents(markdown, { minLevel = 2, maxLevel = 3, ordered = false } = {}) {
  throw new Error('not written yet');
}
