"""Names in Python, as its own parser finds them."""

import ast
import builtins
import re
import warnings
from collections.abc import Collection, Iterator, Sequence

from llmbench_plugins.datasets.shared.twins.found import Found, together

_BASES = frozenset({"object", "ABC", "Protocol", "Generic", "NamedTuple", "TypedDict", "Enum", "IntEnum"})
"""Bases of other modules whose methods nobody overrides by chance."""
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr", "object", "methodcaller", "attrgetter"})
"""Functions that take a name as a string; ``object`` is that of ``mock.patch``."""
_LITERALS = (ast.Constant, ast.JoinedStr, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.DictComp)
_WORD = re.compile(r"[^\W\d]\w*")


def names_in(text: str, own: Collection[str]) -> Found | None:
    """Return what a file says about names; None where it can't be parsed.

    Args:
        text: the source.
        own: names of the task's own modules.
    """
    try:
        # What a compiler warns of, such as "\W", is the author's affair.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    nodes = list(ast.walk(tree))
    parts = [_definitions(tree, nodes), _imports(nodes, own), _others(tree, nodes), _strings(nodes)]
    return together(parts)


def _definitions(tree: ast.Module, nodes: Sequence[ast.AST]) -> Found:
    free = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assigned = {name.id for node in tree.body for name in _targets(node) if isinstance(name, ast.Name)}
    classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}
    members: set[str] = set()
    barred: set[str] = set()
    for node in classes.values():
        methods = {
            each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        (members if _is_ours(node, classes) else barred).update(methods)
        # Fields may be keys of data, too.
        barred |= {name.id for each in node.body for name in _targets(each) if isinstance(name, ast.Name)}
    return Found(
        free=frozenset(free | assigned), members=frozenset(members - barred), barred=frozenset(barred)
    )


def _is_ours(node: ast.ClassDef, classes: Collection[str]) -> bool:
    return all(_is_known(base, classes) for base in node.bases)


def _is_known(base: ast.expr, classes: Collection[str]) -> bool:
    if isinstance(base, ast.Subscript):
        base = base.value
    name = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
    kind = getattr(builtins, name, None)
    is_error = isinstance(kind, type) and issubclass(kind, BaseException)
    return name in classes or name in _BASES or is_error


def _targets(node: ast.stmt) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    elif isinstance(node, ast.AnnAssign):
        yield node.target


def _imports(nodes: Sequence[ast.AST], own: Collection[str]) -> Found:
    barred: set[str] = set()
    modules: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                barred |= {name, *alias.name.split(".")}
                if alias.name.partition(".")[0] in own:
                    modules.add(name)
        elif isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".")
            is_own = node.level > 0 or parts[0] in own
            barred |= {alias.asname for alias in node.names if alias.asname}
            barred |= set(parts[:-1]) if is_own else {*parts, *(alias.name for alias in node.names)}
            # What is imported from a package of ours may be a module.
            modules |= {alias.name for alias in node.names if is_own and alias.name in own}
    return Found(barred=frozenset(barred - {""}), modules=frozenset(modules))


def _others(tree: ast.Module, nodes: Sequence[ast.AST]) -> Found:
    """Return parameters and keywords, which may be keys of data, and attributes of what is not ours."""
    barred = {node.arg for node in nodes if isinstance(node, ast.arg)}
    barred |= {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    foreign = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    members = {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute)
        and (
            isinstance(node.ctx, ast.Store)
            or isinstance(node.value, _LITERALS)
            or (isinstance(node.value, ast.Name) and node.value.id in foreign)
        )
    }
    return Found(barred=frozenset(barred), barred_members=frozenset(members))


def _strings(nodes: Sequence[ast.AST]) -> Found:
    """Return the words that are whole strings, and which of them only name something."""
    naming = {id(node) for part in nodes for node in _naming(part)}
    quoted: set[str] = set()
    data: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORD.fullmatch(node.value):
            quoted.add(node.value)
            if id(node) not in naming:
                data.add(node.value)
    return Found(quoted=frozenset(quoted), named=frozenset(quoted - data))


def _naming(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the strings of a node that are names of the code."""
    if isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
    ):
        yield from getattr(node.value, "elts", [])
    if isinstance(node, ast.Call):
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _BY_NAME:
            yield from node.args[:2]
