import { DIVISION, Failure, LOST, NO_FUNCTION, failureAmong } from './failures.js';
import { AGGREGATES } from './functions.js';

const OPERATORS = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0 ? DIVISION : left / right),
};

/** Calculates a tree; cells know the value of a cell, and all values in a range. */
export function evaluate(tree, cells) {
  switch (tree.kind) {
    case 'number':
      return tree.value;
    case 'reference':
      return cells.valueOf(tree.name) ?? 0;
    case 'error':
      return LOST;
    case 'negate':
      return calculate((operand) => -operand, evaluate(tree.operand, cells));
    case 'call':
      return call(tree, cells);
    default:
      return calculate(OPERATORS[tree.operator], evaluate(tree.left, cells), evaluate(tree.right, cells));
  }
}

function calculate(operator, ...operands) {
  return failureAmong(...operands) ?? operator(...operands);
}

function call({ name, parameters }, cells) {
  if (name === 'IF') return choose(parameters, cells);
  if (name === 'IFERROR') {
    const value = evaluate(parameters[0], cells);
    return value instanceof Failure ? evaluate(parameters[1], cells) : value;
  }
  if (!AGGREGATES.has(name)) return NO_FUNCTION;
  const values = parameters.flatMap((parameter) => valuesOf(parameter, cells));
  return values.find((value) => value instanceof Failure) ?? AGGREGATES.get(name)(values.filter((value) => typeof value === 'number'));
}

function choose([condition, ifTrue, ifFalse], cells) {
  const value = evaluate(condition, cells);
  const choices = [ifTrue, ifFalse].map((choice) => evaluate(choice, cells));
  return failureAmong(value) ?? choices.find((choice) => choice instanceof Failure) ?? choices[value !== 0 ? 0 : 1];
}

function valuesOf(parameter, cells) {
  if (parameter.kind === 'range') return cells.valuesIn(parameter.range);
  return parameter.kind === 'reference' ? [cells.valueOf(parameter.name)] : [evaluate(parameter, cells)];
}
