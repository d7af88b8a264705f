"""``llmbench list``: what is installed and what there is to choose from.

Imports no Hydra, and no plugin but tools, which say for themselves what they do.
"""

import inspect
import json
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from llmbench import registry
from llmbench.commands.arguments import Parser, columns
from llmbench.commands.filters import add_filters, is_filtered
from llmbench.config.sources import Sources, find_sources
from llmbench.errors import BrokenPluginError, UsageError
from llmbench.registry import suggestion
from llmbench.report.fit import fitting

Row = dict[str, str]

_ABOUT = ("title", "kind", "difficulty", "minutes", "tags", "renamed")
"""What tasks may say of themselves (``Task.about``)."""

_MISSABLE = ("tokens/s", "changed", "graded")
"""Columns of runs that a narrow terminal does without, in this order."""

_DESCRIPTION = """\
Without WHAT, every plugin. WHAT is an axis ({axes}), a group of configuration (models, datasets, sampling,
preset …), tasks (that plain llmbench asks, of a folder: list tasks DIR, or of a dataset: list tasks
dataset=NAME), runs (below --root), or published (figures that reports set beside one's own: list published
WORD …, dataset=NAME)."""


def main(argv: list[str]) -> int:
    """Print the list."""
    parser = Parser("list", _DESCRIPTION.format(axes=", ".join(registry.AXES)))
    parser.add_argument("what", nargs="?", default="plugins")
    parser.add_argument(
        "select",
        nargs="*",
        metavar="where",
        help="of tasks: a folder, or key=value … that choose a dataset; of runs: what they must have "
        "(model=glm samples=3), or a part of their names; of published figures: words, dataset=NAME",
    )
    add_filters(parser)
    parser.add_argument("--config-dir", type=Path, help="one more folder of YAML")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args(argv)
    _refuse_extra(options)
    sources = find_sources(options.config_dir)
    if options.what == "runs":
        return _runs(options)
    rows = list(_rows(options.what, sources, options.select))
    if options.json:
        print(json.dumps(_published_data(options.select) if options.what == "published" else rows, indent=2))
        return 0
    if options.what == "tasks":
        rows = [_short(row) for row in rows]
    _print(rows, options.what)
    for problem in _problems(sources):
        print(f"warning: {problem}")
    return 0


def _print(rows: Sequence[Row], what: str) -> None:
    if not rows:
        print("no published figures" if what == "published" else f"no {what}")
        return
    head = [name.upper() for name in rows[0]]
    print(columns([head, *(list(row.values()) for row in rows)]))


def _refuse_extra(options: Namespace) -> None:
    """Refuse words that would be ignored."""
    what = options.what
    if options.select and what not in ("tasks", "runs", "published"):
        raise UsageError(
            f"list {what}: takes no more words, got '{options.select[0]}'; see llmbench list --help"
        )
    if what != "runs" and (is_filtered(options) or options.sort):
        raise UsageError(
            f"list {what}: --dataset, --where, --since and --sort are for runs (llmbench list runs)"
        )


def _rows(what: str, sources: Sources, where: Sequence[str]) -> Iterable[Row]:
    singular = what.removesuffix("s")
    special: dict[str, Callable[[], Iterable[Row]]] = {
        "plugins": lambda: _plugins(registry.AXES),
        "published": lambda: _published(where),
        "tool": _tools,
        "tools": _tools,
        "tasks": lambda: _tasks(where),
    }
    if what in special:
        return special[what]()
    for name in (what, singular):
        if name in ("dataset", "model") or (sources.is_group(name) and name not in registry.AXES):
            return _choices(sources, name)
        if name in registry.AXES:
            return _plugins([name])
    known = ["plugins", "runs", "tasks", "published", *registry.AXES, *sources.groups(), "models", "datasets"]
    hint = suggestion(what, known)
    names = ", ".join(dict.fromkeys(known))
    raise UsageError(f"list: nothing is called '{what}'; {hint}{' ' if hint else ''}known: {names}")


def _plugins(axes: Iterable[str]) -> Iterable[Row]:
    for axis in axes:
        for plugin in registry.installed(axis):
            yield {
                "axis": axis,
                "name": plugin.name,
                "distribution": plugin.distribution,
                "version": plugin.version,
                "value": plugin.value,
            }


def _tools() -> Iterable[Row]:
    for plugin in registry.installed("tool"):
        row = {"tool": plugin.name, "aliases": "", "kind": "", "box": "", "does": "", "from": str(plugin)}
        try:
            tool = registry.load("tool", plugin.name)
        except BrokenPluginError as error:
            yield row | {"does": str(error)}
            continue
        summary = (inspect.getdoc(tool) or tool.description).partition("\n\n")[0].replace("\n", " ")
        box = "yes" if tool.uses_box else "no"
        yield row | {"aliases": ", ".join(tool.aliases), "kind": tool.kind, "box": box, "does": summary}


def _choices(sources: Sources, group: str) -> Iterable[Row]:
    from llmbench.config.choices import described

    for choice in sources.choices(group).values():
        said, notice = described(choice)
        row = {group: choice.name, "from": choice.source.provider, "description": said}
        yield {**row, "notice": notice} if group == "model" else row


def _tasks(where: Sequence[str]) -> Iterable[Row]:
    """Yield the tasks that a run with these overrides would take; a folder stands for dataset.path."""
    from llmbench.commands.setup import composed_spec, make_parts, scratch
    from llmbench.console import Console
    from llmbench.runner.plan import select

    folders = [word for word in where if "=" not in word]
    if len(folders) > 1:
        raise UsageError(f"list tasks: expected one folder, got {', '.join(folders)}")
    overrides = [word for word in where if "=" in word]
    overrides += [f"dataset.path={json.dumps(folder)}" for folder in folders]
    spec = composed_spec("list", [*overrides, "agent=nop"])
    with scratch() as folder:
        dataset = make_parts(spec, Console(stderr=True), Path(folder)).dataset
        tasks = select(dataset.tasks(), spec.selection, spec.seed)
    yield from _told([_task_row(task) for task in tasks])


def _task_row(task: Any) -> Row:
    about = {name: _text(task.about.get(name, "")) for name in _ABOUT}
    rest = {"language": task.language, "toolchain": task.toolchain, "files": ", ".join(task.editable)}
    return {"task": task.id, **about, **rest}


def _short(row: Row) -> Row:
    """Return the row of a task for people: what its answer needs is left out where there is more to tell."""
    needs = ("toolchain", "files") if "title" in row else ()
    return {name: row[name] for name in row if name not in needs}


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{old} → {new}" for old, new in value.items()) or "nothing"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _told(rows: Sequence[Row]) -> list[Row]:
    """Return the rows without what no task says of itself."""
    return [{name: row[name] for name in row if any(other[name] for other in rows)} for row in rows]


def _runs(options: Namespace) -> int:
    from llmbench.commands.list_runs import find, run_data, run_rows

    listed = find(options, options.select)
    if options.json:
        print(json.dumps(run_data(listed), indent=2))
    else:
        fit = f" fit {' '.join(options.select)}" if options.select else ""
        _print(_narrow(run_rows(listed)), f"runs{fit}")
    return 0


def _published(where: Sequence[str]) -> Iterable[Row]:
    from llmbench.commands.list_published import published_rows

    return published_rows(where)


def _published_data(where: Sequence[str]) -> list[dict[str, Any]]:
    """Return published figures with numbers instead of texts."""
    from llmbench.commands.list_published import published_data

    return list(published_data(where))


def _narrow(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of runs as a terminal has room for them; into a pipe goes all."""
    if not rows or not sys.stdout.isatty():
        return list(rows)
    cells = [list(rows[0]), *(list(row.values()) for row in rows)]
    kept = fitting(cells, shutil.get_terminal_size().columns, _MISSABLE)
    return [{name: row[name] for name in kept} for row in rows]


def _problems(sources: Sources) -> Iterable[str]:
    yield from sources.problems
    for group in sources.groups():
        for choice, winner in sources.hidden(group):
            yield f"{choice.path}: hidden by {winner} of {winner.source.provider}; rename it"
    for axis in registry.AXES:
        names = [plugin.name for plugin in registry.installed(axis)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{axis} '{name}' is provided more than once; uninstall one"
