"""Answers in several parts: a function in one fence, and the imports or helpers that it needs in another."""

import ast
import builtins
from collections.abc import Iterable, Sequence

from llmbench_plugins.agents.shared.extraction.choice import Judged
from llmbench_plugins.agents.shared.extraction.passage import Passage
from llmbench_plugins.agents.shared.extraction.python import parsed

_MOST = 50
"""Passages that are looked at, the last ones: an answer of more parts is none."""
_KNOWN = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}


def joined(base: Judged, others: Sequence[Judged]) -> Passage | None:
    """Return Python code with the passages that define what it lacks; None where it lacks nothing."""
    needed = _lacking(base.passage.text) | (base.target.wanted - base.parsed.names)
    parts = [base.passage]
    for other in reversed([one for one in others[-_MOST:] if _may_add(one, base)]):
        if needed & (defined := _bound(other.passage.text)):
            parts.append(other.passage)
            needed = (needed - defined) | _lacking(other.passage.text)
    if len(parts) == 1:
        return None
    parts.sort(key=lambda part: part.start)
    text = "\n\n".join(part.text.strip("\n") for part in parts) + "\n"
    return Passage(
        method="joined", text=text, start=parts[0].start, end=parts[-1].end, mended="what is between parts"
    )


def _may_add(one: Judged, base: Judged) -> bool:
    apart = one.passage.end <= base.passage.start or base.passage.end <= one.passage.start
    repeats = one.passage.start > base.passage.start and bool(one.parsed.names & base.parsed.names)
    return bool(one.fits and one.parsed.whole and not one.stub and apart and not repeats)


def _lacking(text: str) -> frozenset[str]:
    """Return the names that code uses, and nothing in it binds."""
    tree = parsed(text)
    if isinstance(tree, int):
        return frozenset()
    used = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return frozenset(used) - _bound_in(ast.walk(tree)) - _KNOWN


def _bound(text: str) -> frozenset[str]:
    """Return the names that code binds at its top level."""
    tree = parsed(text)
    if isinstance(tree, int):
        return frozenset()
    assigned = (target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets)
    return _bound_in([*tree.body, *assigned])


def _bound_in(nodes: Iterable[ast.AST]) -> frozenset[str]:
    names = set()
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
    return frozenset(names)
