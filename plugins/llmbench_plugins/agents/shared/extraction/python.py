"""What a piece of text is as Python: where it stops to parse, what it defines, whether it is only a stub."""

import ast
import re
import warnings
from collections.abc import Iterator

from llmbench_plugins.agents.shared.extraction.reader import Parsed, is_elided

_DEFINED = re.compile(
    r"^(?:(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]*)?=(?!=))", re.MULTILINE
)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def look(text: str) -> Parsed:
    """Read a text as Python."""
    tree = parsed(text)
    if isinstance(tree, int):
        names = frozenset(first or second for first, second in _DEFINED.findall(text))
        return Parsed(problem=tree, names=names, stub=is_elided(text))
    return Parsed(
        problem=None,
        names=frozenset(_names(tree.body)),
        stub=is_elided(text) or _is_stub(tree),
        substance=any(_has_substance(node) for node in tree.body),
        loose=bool(tree.body) and (_is_loose(tree.body[0]) or _is_loose(tree.body[-1])),
    )


def parsed(text: str) -> ast.Module | int:
    """Return the syntax tree of a text that compiles, or the line at which it does not."""
    # Half a surrogate pair can be in an answer, not in a file: it is written as a question mark.
    text = text.encode(errors="replace").decode()
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
            compile(tree, "answer.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return 1
    return tree


def _names(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, _Function):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef):
            yield prefix + node.name
            yield from _names(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (prefix + target.id for target in targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.If | ast.Try):
            yield from _names([*node.body, *node.orelse], prefix)


def _has_substance(node: ast.stmt) -> bool:
    """Say whether a statement does anything: a word or two of prose may parse, and does not."""
    return not isinstance(node, ast.Expr) or isinstance(node.value, ast.Call | ast.Await | ast.Yield)


def _is_loose(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Name | ast.Tuple | ast.Compare)


def _is_stub(tree: ast.Module) -> bool:
    """Say whether no function has a body of its own."""
    functions = [node for node in ast.walk(tree) if isinstance(node, _Function)]
    return bool(functions) and all(_is_empty(node.body) for node in functions)


def _is_empty(body: list[ast.stmt]) -> bool:
    for node in body:
        if isinstance(node, ast.Pass) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            continue
        if isinstance(node, ast.Raise) and "NotImplemented" in ast.dump(node):
            continue
        return False
    return True


def without_prose(text: str) -> str:
    """Return code without words at its end that happen to parse, such as a last line that says ``Done``."""
    tree = parsed(text)
    if isinstance(tree, int):
        return text
    kept = list(tree.body)
    while kept and _is_loose(kept[-1]):
        kept.pop()
    if len(kept) == len(tree.body) or not kept:
        return text
    return "".join(text.splitlines(keepends=True)[: kept[-1].end_lineno])
