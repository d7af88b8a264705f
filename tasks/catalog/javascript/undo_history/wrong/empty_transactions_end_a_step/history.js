import { applied, inverse } from './edits.js';
import { Steps } from './steps.js';

/** A text with all that was done to it. */
export class UndoHistory {
  #text;
  #now;
  #steps;
  #listeners = new Set();
  #open;

  constructor(text = '', { limit = 100, pause = 500, now = Date.now } = {}) {
    this.#text = text;
    this.#now = now;
    this.#steps = new Steps(limit, pause);
  }

  get text() {
    return this.#text;
  }

  get steps() {
    return this.#steps.counts;
  }

  get isDirty() {
    return !this.#steps.isSaved || (this.#open?.length ?? 0) > 0;
  }

  replace(at, count, inserted) {
    this.#checkRange(at, count);
    const edit = { at, removed: this.#text.slice(at, at + count), inserted };
    if (edit.removed === edit.inserted) return false;
    this.#text = applied(this.#text, edit);
    if (this.#open) {
      this.#open.push(edit);
    } else {
      this.#steps.add(edit, this.#now());
      this.#tell();
    }
    return true;
  }

  transaction(run) {
    const isOuter = this.#open === undefined;
    this.#open ??= [];
    const begun = this.#open.length;
    try {
      return run();
    } catch (error) {
      this.#apply(inverted(this.#open.splice(begun)));
      throw error;
    } finally {
      if (isOuter) this.#close();
    }
  }

  undo() {
    this.#checkClosed();
    const edits = this.#steps.undo();
    return edits ? this.#went(inverted(edits)) : null;
  }

  redo() {
    this.#checkClosed();
    const edits = this.#steps.redo();
    return edits ? this.#went(edits) : null;
  }

  seal() {
    this.#steps.seal();
  }

  markSaved() {
    this.#checkClosed();
    this.#steps.markSaved();
  }

  onChange(listener) {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  #close() {
    const edits = this.#open;
    this.#open = undefined;
    if (edits.length === 0) {
      this.#steps.seal();
      return;
    }
    this.#steps.push(edits);
    this.#tell();
  }

  #went(edits) {
    this.#apply(edits);
    this.#tell();
    const { at, inserted } = edits[edits.length - 1];
    return { at, count: inserted.length };
  }

  #apply(edits) {
    for (const edit of edits) this.#text = applied(this.#text, edit);
  }

  #tell() {
    for (const entry of [...this.#listeners]) if (this.#listeners.has(entry)) entry.listener(this.#text);
  }

  #checkRange(at, count) {
    const isWhole = Number.isInteger(at) && Number.isInteger(count);
    if (!isWhole || at < 0 || count < 0 || at + count > this.#text.length) throw new RangeError(`no ${count} characters at ${at}`);
  }

  #checkClosed() {
    if (this.#open) throw new Error('in a transaction');
  }
}

function inverted(edits) {
  return edits.map(inverse).reverse();
}
