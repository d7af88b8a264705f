"""The index of packages: what each holds, by the first line of its docstring."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from options_reference import ROOT, cell, table

_PLUGINS = ROOT / "plugins/llmbench_plugins"


def packages() -> str:
    """Return a table of the core's packages, and one of the plugins'.

    Raises:
        SystemExit: a package does not say what it holds.
    """
    core = _table([ROOT / "llmbench"], ROOT)
    return f"{core}\n{_table([_PLUGINS], ROOT / 'plugins')}"


def _table(roots: Iterable[Path], base: Path) -> str:
    rows = [
        (f"[`{folder.relative_to(base).as_posix()}/`]({_link(folder)})", cell(_first_line(folder)))
        for root in roots
        for folder in _folders(root)
    ]
    return table(("package", "holds"), rows)


def _folders(root: Path) -> Iterator[Path]:
    """Yield the packages, each before those in it; programs for boxes belong to their validator."""
    found = (path.parent for path in root.rglob("__init__.py"))
    yield from sorted(folder for folder in found if folder.name != "remote")


def _link(folder: Path) -> str:
    return f"../../{folder.relative_to(ROOT).as_posix()}"


def _first_line(folder: Path) -> str:
    module = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    line = (ast.get_docstring(module) or "").partition("\n")[0]
    if not line:
        raise SystemExit(f"{folder / '__init__.py'}: its docstring must say in a line what the package holds")
    return line.replace("``", "`")
