"""The reference of tools: what each does, its arguments, the names that are understood, and its options."""

import inspect
from collections.abc import Iterator
from typing import Any

from options_reference import cell, found, loaded, own, table

from llmbench.api.options import schema_of
from llmbench.api.schema import expected
from llmbench.api.tool import Tool

_HEAD = """\
# Tools

What the model of `agent=tools` may call, in the order of `agent.tools`; `llmbench list tools` shows those
of other distributions too. [How to write one](../how-to/plugins.md#a-tool).

**Files.** Paths are relative to the workspace's root; `/box/…`, where a box has it, is understood. Nothing
else absolute is, nor `..`, a backslash, a NUL or a name that no file can have: file tools work on files in
memory, so that there is nothing behind such a path. Any file may be read. What `task.editable` does not
name can't be written: the call is refused at once, names what may be changed, and is counted as refused. So
is what belongs to the grading. One file may hold 2 MiB, all together 16 MiB.

**Programs.** `shell`, `run_tests` and `run_type_check` run in the sample's own box, which has no network
and is another one than the box that grades. Before a program runs, the box gets what changed in the
workspace; afterwards the workspace gets what the program changed. Changes to files that may not be changed
are undone, told to the model, and counted (`undone` in the journal's notes). New files beside the answer
are kept for the model's own use and never handed in. These stay in the box alone: new files in hidden
folders and in those named `__pycache__`, `bin`, `build`, `coverage`, `dist`, `node_modules`, `obj`, `out`,
`target` or `venv` (unless the task has files there), new binary files that are no part of the answer, and
what is bigger than the limits. Links and special files are no files of the workspace. One program runs at a
time, and none outlives its call. A box that a program has filled is emptied of all that is not in the
workspace once that is needed to go on, and the model is told.

**Arguments** are checked against the schema, strictly: an unknown one, a missing one or a wrong type is an
error that says what is expected. Names that other agents use for the same thing are understood, and null
for an optional argument counts as not given; both are noted as repaired in the sample's record.

**Results** are cut to `max_chars`, with a remark on what is missing and how to get it. Binary files are
named with their size. `grep` and `glob` match in time that grows with the text alone, whatever the pattern:
they speak [RE2](https://github.com/google/re2/wiki/Syntax), which has no look-around and no
back-references.

**Questions.** Nobody can be asked in a benchmark. `ask_questions` answers every question alike with the
facts of the task: its language, what may be changed, what may be run; a made-up answer would measure
something else. `ask_agent` asks a second agent with the same model, the same files and a budget of its own
(`agent.helper`).

**Patches.** `apply_patch` takes unified diffs and the `*** Begin Patch` form of Codex. Wrong line numbers,
wrong counts, none at all, fences and white space of unchanged lines are forgiven: a hunk goes to the
nearest place that has its lines. Lines that are not there, and places that are not unique without a line
number, refuse the whole patch.

"""


def tools_page() -> str:
    """Return the page."""
    kinds = {name: loaded(value) for name, value in sorted(own("tool").items())}
    rows = (
        (
            f"[`{name}`](#{name})",
            _names(tool.aliases),
            tool.kind,
            "yes" if tool.uses_box else "",
            _summary(tool),
        )
        for name, tool in kinds.items()
    )
    overview = table(("tool", "also called", "kind", "needs a box", "what it does"), rows)
    return _HEAD + overview + "".join(_section(name, tool) for name, tool in kinds.items())


def _section(name: str, tool: type[Tool]) -> str:
    parts = [f"\n## {name}\n\n{_summary(tool)}\n\nThe model reads: “{tool.description}”\n\n"]
    arguments = list(_arguments(tool))
    if arguments:
        parts.append(table(("argument", "expected", "default", "meaning", "also understood"), arguments))
    else:
        parts.append("No arguments.\n")
    options = [
        (
            f"`agent.tool_options.{name}.{key}`",
            expected(part, {}),
            f"`{part['default']}`",
            part["description"],
        )
        for key, part in found(schema_of(tool.Options), []).get("properties", {}).items()
    ]
    if options:
        parts.append("\n" + table(("option", "expected", "default", "meaning"), options))
    return "".join(parts)


def _arguments(tool: type[Tool]) -> Iterator[tuple[str, str, str, str, str]]:
    parameters: dict[str, Any] = found(schema_of(tool.Arguments), [])
    for name, part in parameters.get("properties", {}).items():
        default = "" if name in parameters["required"] else f"`{part['default']!r}`"
        others = [alias for alias, own_name in tool.argument_aliases.items() if own_name == name]
        yield f"`{name}`", expected(part, {}), default, cell(part.get("description", "")), _names(others)


def _names(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _summary(tool: type[Tool]) -> str:
    return cell((inspect.getdoc(tool) or "").partition("\n\n")[0].replace("\n", " "))
