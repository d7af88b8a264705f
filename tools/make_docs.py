"""Writes the generated parts of the docs anew: ``python tools/make_docs.py``.

``--check`` writes nothing and exits with 1, naming each file that is stale.
"""

import argparse
import inspect
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from options_reference import CONF, GROUPS, ROOT, cell, choices, described, loaded, options, own, table
from packages_reference import packages
from tools_reference import tools_page

from llmbench import cli, errors
from llmbench.api import Toolchain
from llmbench.registry import AXES
from llmbench.serve.app import create_app
from llmbench.serve.settings import Settings

MADE = "<!-- Written by tools/make_docs.py: change the source, then `make docs`. -->\n\n"


def main() -> int:
    """Write, or check, every generated file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is stale")
    check = parser.parse_args().check
    stale = {path: content for path, content in made().items() if not _is(path, content)}
    for path, content in stale.items():
        name = path.relative_to(ROOT).as_posix()
        if check:
            print(f"{name} is stale; run: make docs", file=sys.stderr)
        else:
            path.write_text(content, encoding="utf-8")
            print(f"wrote {name}")
    return 1 if check and stale else 0


def _is(path: Path, content: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == content


def made() -> dict[Path, str]:
    """Return the content of every generated file."""
    readme, overview = ROOT / "README.md", ROOT / "docs/design/overview.md"
    reference = ROOT / "docs/reference"
    return {
        readme: between("box", readme, box()),
        overview: between("packages", overview, packages()),
        reference / "options.md": MADE + options(),
        reference / "plugins.md": MADE + plugins(),
        reference / "tools.md": MADE + tools_page(),
        reference / "errors.md": MADE + error_classes(),
        reference / "help.md": MADE + help_texts(),
        reference / "openapi.json": openapi(),
    }


def between(name: str, page: Path, part: str) -> str:
    """Return a page with ``part`` between its markers of that name."""
    begin, end = f"<!-- generated: {name} -->\n", "<!-- end -->"
    head, begun, rest = page.read_text(encoding="utf-8").partition(begin)
    _, ended, tail = rest.partition(end)
    if not (begun and ended):
        raise SystemExit(f"{page}: expected {begin.strip()} and {end} around what is generated")
    return f"{head}{begin}{part}{end}{tail}"


def box() -> str:
    """Return what can be chosen on each axis, a row each; models that anybody knows share one."""
    known = [name for name in choices("model") if name not in ("any", "demo")]
    rows = [
        (f"`{group}={name}`", cell(described(CONF / group / f"{name}.yaml")))
        for group in GROUPS
        for name in choices(group)
        if group != "model" or name not in known
    ]
    if known:
        names = ", ".join(f"`{name}`" for name in known)
        place = next(at for at, (choice, _) in enumerate(rows) if choice.startswith("`sampling="))
        rows.insert(place, ("`model=…`", f"weights, context and sampler of {names}"))
    return table(("choose", "what it is"), rows)


_PLUGINS = """\
# Plugins

What ships with llmbench, axis by axis. `llmbench list` shows this for your installation, with the plugins of
other distributions; [how to write one](../how-to/plugins.md).

"""


def plugins() -> str:
    """Return every entry point that llmbench itself has."""
    rows = (
        (axis, f"`{name}`", f"`{value}`", first_line(loaded(value)))
        for axis in AXES
        for name, value in sorted(own(axis).items())
    )
    groups = ((axis, f"`{group}`") for axis, group in AXES.items())
    return (
        _PLUGINS
        + table(("axis", "name", "class", "what it does"), rows)
        + "\n## Entry points\n\n"
        + table(("axis", "entry-point group"), groups)
    )


def first_line(plugin: Any) -> str:
    """Return a plugin's docstring in one line."""
    if isinstance(plugin, Toolchain):
        return "Boxes with " + ", ".join(f"`{program.name}`" for program in plugin.programs) + "."
    return cell((inspect.getdoc(plugin) or "").partition("\n\n")[0].replace("\n", " "))


_ERRORS = """\
# Errors

The classes of `llmbench.errors`. A person sees one line without a traceback, and the exit code
(`LLMBENCH_TRACEBACK=1` shows the traceback). What plugins raise decides a sample's outcome.

"""


def error_classes() -> str:
    """Return the exception tree."""
    tree = inspect.cleandoc(errors.__doc__ or "").partition("\n\n")[2]
    rows = (
        (f"`{kind.__name__}`", str(kind.exit_code), (inspect.getdoc(kind) or "").partition("\n")[0])
        for kind in vars(errors).values()
        if isinstance(kind, type)
    )
    return f"{_ERRORS}{table(('class', 'exit code', 'meaning'), rows)}\n```text\n{tree}\n```\n"


def help_texts() -> str:
    """Return what ``--help`` prints, of the command and of each verb."""
    parts = ["# Help texts\n\nWhat `--help` prints; [the command line](command-line.md) says more.\n"]
    with tempfile.TemporaryDirectory() as folder:
        for words in ([], *([verb] for verb in cli.VERBS)):
            ran = subprocess.run(
                [sys.executable, "-m", "llmbench", *words, "--help"],
                cwd=folder,
                env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
                capture_output=True,
                text=True,
                check=True,
            )
            title = " ".join(["llmbench", *words])
            parts.append(f"## {title}\n\n```text\n{ran.stdout.rstrip()}\n```\n")
    return "\n".join(parts)


def openapi() -> str:
    """Return the OpenAPI document of the dashboard."""
    described = create_app(Settings(root=Path("outputs"))).openapi()
    return json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
