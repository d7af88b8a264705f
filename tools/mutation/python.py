"""Changes of Python's sources, found in their syntax tree."""

import ast
import copy
from collections.abc import Callable, Iterator

from mutation.edits import Edit

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
}
_DROPPED = (ast.Assign, ast.AugAssign, ast.Expr, ast.Delete, ast.Raise, ast.Return, ast.Break, ast.Continue)
_Placed = ast.expr | ast.stmt
_OPPOSITE = {"min": "max", "max": "min", "any": "all", "all": "any"}


def edits_of_python(source: str) -> Iterator[Edit]:
    """Yield all changes that this module knows of."""
    place = _placing(source)
    for node in _changeable(ast.parse(source)):
        for changed, text in _changed(node):
            yield Edit(*place(changed), text)


def _placing(source: str) -> Callable[[_Placed], tuple[int, int]]:
    """Return what says where a node stands, in characters; the tree counts bytes of a line."""
    lines = [f"{line}\n" for line in source.split("\n")]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    def place(node: _Placed) -> tuple[int, int]:
        end = offset(node.end_lineno or 0, node.end_col_offset or 0)
        return offset(node.lineno, node.col_offset), end

    return place


def _changeable(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes but those of annotations, and of f-strings, of which Python 3.11 tells wrong places."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns") or isinstance(node, ast.JoinedStr):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _changeable(child)


def _changed(node: ast.AST) -> Iterator[tuple[_Placed, str]]:
    """Yield what is replaced in a node, and by what."""
    if isinstance(node, _DROPPED) and not _is_docstring(node):
        yield node, "pass"
    match node:
        case ast.BoolOp():
            yield node, ast.unparse(ast.BoolOp(_other(node.op), node.values))
        case ast.UnaryOp(op=ast.Not()):
            yield node, f"({ast.unparse(node.operand)})"
        case ast.If(test=ast.Name() | ast.Attribute() | ast.Call() as test):
            yield test, f"not {ast.unparse(test)}"
        case ast.Constant(value=bool()):
            yield node, str(not node.value)
        case ast.Constant(value=int(number)):
            yield from ((node, str(other)) for other in (number + 1, number - 1) if other >= 0)
        case ast.Compare() | ast.BinOp() | ast.AugAssign():
            yield from ((node, ast.unparse(other)) for other in _with_other_operators(node))
        case ast.Call():
            yield from ((node, ast.unparse(other)) for other in _other_calls(node))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _other(operator: ast.boolop) -> ast.boolop:
    return ast.Or() if isinstance(operator, ast.And) else ast.And()


def _with_other_operators(node: ast.Compare | ast.BinOp | ast.AugAssign) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                for other in _COMPARISONS[type(operator)]:
                    changed = copy.deepcopy(node)
                    changed.ops[index] = other()
                    yield changed
        case ast.BinOp() if type(node.op) in _ARITHMETIC and not _is_string(node.left):
            yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
        case ast.AugAssign() if type(node.op) in _ARITHMETIC:
            yield ast.AugAssign(node.target, _ARITHMETIC[type(node.op)](), node.value)


def _other_calls(node: ast.Call) -> Iterator[ast.Call]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _OPPOSITE:
            yield ast.Call(ast.Name(_OPPOSITE[name]), node.args, node.keywords)
        case ast.Call(args=[first, second, *others]) if _differ(first, second):
            yield ast.Call(node.func, [second, first, *others], node.keywords)


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _differ(first: ast.expr, second: ast.expr) -> bool:
    if isinstance(first, ast.Starred) or isinstance(second, ast.Starred):
        return False
    return ast.dump(first) != ast.dump(second)
