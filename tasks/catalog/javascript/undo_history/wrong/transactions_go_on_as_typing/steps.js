import { joined } from './edits.js';

/** The steps that can be undone and redone, and which state was saved. */
export class Steps {
  #limit;
  #pause;
  #done = [];
  #undone = [];
  #oldest = {};
  #saved = this.#oldest;
  #isSealed = true;
  #lastTime = 0;

  constructor(limit, pause) {
    this.#limit = limit;
    this.#pause = pause;
  }

  get counts() {
    return { undo: this.#done.length, redo: this.#undone.length };
  }

  get isSaved() {
    return this.#state === this.#saved;
  }

  // Each state that the history passes through is an object of its own.
  get #state() {
    return this.#done.at(-1)?.state ?? this.#oldest;
  }

  markSaved() {
    this.#saved = this.#state;
    this.seal();
  }

  seal() {
    this.#isSealed = true;
  }

  /** Takes an edit that was made at some time into the last step, or makes a step of it. */
  add(edit, time) {
    const last = this.#done.at(-1);
    const isLate = this.#isSealed || time - this.#lastTime > this.#pause;
    const joint = last && !isLate ? joined(last.edits[0], edit) : undefined;
    if (joint) Object.assign(last, { edits: [joint], state: {} });
    else this.push([edit]);
    this.#isSealed = false;
    this.#lastTime = time;
  }

  /** Makes a step that takes no further edits. */
  push(edits) {
    this.#undone = [];
    this.#done.push({ edits, state: {} });
    while (this.#done.length > this.#limit) this.#oldest = this.#done.shift().state;
    this.#isSealed = false;
  }

  /** Returns the edits of the step that is to be undone, or undefined if there is none. */
  undo() {
    return this.#moved(this.#done, this.#undone);
  }

  redo() {
    return this.#moved(this.#undone, this.#done);
  }

  #moved(from, to) {
    const step = from.pop();
    if (step === undefined) return undefined;
    to.push(step);
    this.seal();
    return step.edits;
  }
}
