const OPERATORS = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};

/** Calculates a tree; valueOf returns the value of the cell with a name. */
export function evaluate(tree, valueOf) {
  switch (tree.kind) {
    case 'number':
      return tree.value;
    case 'reference':
      return valueOf(tree.name) ?? 0;
    case 'negate':
      return -evaluate(tree.operand, valueOf);
    default:
      return OPERATORS[tree.operator](evaluate(tree.left, valueOf), evaluate(tree.right, valueOf));
  }
}
