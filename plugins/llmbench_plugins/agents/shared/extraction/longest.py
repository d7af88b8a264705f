"""Takes code out of an answer as EvalPlus does: the longest run of lines that parses, wherever it stands.

Chosen by ``agent.extraction=longest``, to be comparable with scores that were made so. It is easily misled by
reasoning, and by examples that are longer than the answer.
"""

import ast
import warnings
from collections.abc import Iterator

from llmbench.api import Task
from llmbench_plugins.agents.shared.extraction.extract import Extracted, extract
from llmbench_plugins.agents.shared.extraction.targets import main_file

_MOST_LINES = 300
_WHY = "the longest run of lines that parses, without statements that only run something"
_KEPT = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)


def extract_longest(content: str, task: Task) -> Extracted:
    """Return the longest code of an answer, without statements that only run something."""
    found = extract(content, task)
    lines = content.split("\n")
    # The search tries every run of lines: beyond this it would take minutes.
    if not main_file(task).endswith(".py") or len(lines) > _MOST_LINES:
        return found
    code = next((code for code in _runs(lines) if (tree := _parsed(code)) and tree.body), "")
    files = {main_file(task): _definitions(code)} if code else {}
    return Extracted(files, "longest" if code else "none", found.fences, chosen=dict.fromkeys(files, _WHY))


def _runs(lines: list[str]) -> Iterator[str]:
    """Yield all runs of lines, those with the most that is not blank first."""
    upto = [0]
    for line in lines:
        upto.append(upto[-1] + bool(line.strip()))
    spans = [
        (upto[start] - upto[end], start, end)
        for start in range(len(lines))
        for end in range(start + 1, len(lines) + 1)
        if lines[start].strip() and lines[end - 1].strip()
    ]
    for _, start, end in sorted(spans):
        yield "\n".join(lines[start:end])


def _parsed(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _definitions(code: str) -> str:
    tree = _parsed(code)
    kept = [node for node in tree.body if isinstance(node, _KEPT)] if tree else []
    if not any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in kept):
        return code
    lines = code.split("\n")
    return "\n".join("\n".join(lines[_first(node) - 1 : node.end_lineno]) for node in kept) + "\n"


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])
