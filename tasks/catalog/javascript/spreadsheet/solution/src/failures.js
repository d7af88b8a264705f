/** An error as the value of a cell. */
export class Failure {
  constructor(code) {
    this.code = code;
  }
}

export const DIVISION = new Failure('#DIV/0!');
export const NO_NUMBER = new Failure('#VALUE!');
export const LOST = new Failure('#REF!');
export const NO_FUNCTION = new Failure('#NAME?');
export const CYCLE = new Failure('#CYCLE!');

/** Returns the first failure among operands, one for a text among them, or undefined. */
export function failureAmong(...values) {
  return values.find((value) => value instanceof Failure) ?? (values.some((value) => typeof value === 'string') ? NO_NUMBER : undefined);
}
