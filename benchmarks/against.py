"""The same benchmark over two checkouts in turns, for before and after: `--against FOLDER [--turns 3]`.

Both use this environment's packages and their own source, with the entry points of their own pyproject.toml,
and run in their own folder. What a benchmark prints is read as Markdown tables; of each figure the medians of
all turns are set side by side.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path

_LIMIT_S = 3600.0
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
Figures = dict[tuple[str, str], float]
"""By row and column."""


def compare_if_asked(script: str, *, own_script: bool = True) -> None:
    """Compare and end the program where the command line says ``--against``; else do nothing.

    Args:
        script: the benchmark's file.
        own_script: the other checkout runs its own script, as it must where the script imports plugins; False
            runs this one over its packages.
    """
    words = [str(Path(word).resolve()) if Path(word).exists() else word for word in sys.argv[1:]]
    if "--against" not in words:
        return
    other = Path(_taken(words, "--against") or "").resolve()
    turns = int(_taken(words, "--turns") or 3)
    here = Path(script).resolve()
    there = other / "benchmarks" / here.name if own_script else here
    if not (other / "pyproject.toml").is_file() or not there.is_file():
        raise SystemExit(f"--against: expected a checkout with benchmarks/{here.name}, got '{other}'")
    sides = {"before": (other, there), "after": (here.parents[1], here)}
    found: dict[str, list[Figures]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        environments = {side: _environment(root, Path(folder, side)) for side, (root, _) in sides.items()}
        for turn in range(turns):
            # Whoever comes first may find a colder machine: it is not always the same.
            for side in sorted(sides, reverse=not turn % 2):
                print(f"turn {turn + 1} of {turns}: {side}", file=sys.stderr, flush=True)
                root, program = sides[side]
                command = [sys.executable, str(program), *words]
                found[side].append(_figures(_ran(command, root, environments[side])))
    print(_table(found["before"], found["after"]))
    raise SystemExit(0)


def _taken(words: list[str], flag: str) -> str:
    """Take a flag and its value out of a command line."""
    if flag not in words:
        return ""
    place = words.index(flag)
    if place + 1 == len(words):
        raise SystemExit(f"{flag}: a value is missing")
    return [words.pop(place) for _ in range(2)][1]


def _environment(root: Path, folder: Path) -> dict[str, str]:
    """Return an environment in which a checkout's packages come first, with its own entry points."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    metadata = folder / "llmbench-0.0.0.dist-info"
    metadata.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", "Name: llmbench", "Version: 0.0.0", ""]
    (metadata / "METADATA").write_text("\n".join(lines), encoding="utf-8")
    groups = {"console_scripts": project.get("scripts", {}), **project["entry-points"]}
    text = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in groups.items()
    )
    (metadata / "entry_points.txt").write_text(text, encoding="utf-8")
    path = os.pathsep.join(map(str, (folder, root, root / "plugins", Path(__file__).parent)))
    # Without the last one, the current folder would be asked before any of these.
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


def _ran(command: list[str], root: Path, environment: dict[str, str]) -> str:
    out = subprocess.PIPE
    try:
        ran = subprocess.run(
            command, cwd=root, env=environment, stdout=out, text=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise SystemExit(f"{command} did not end within {_LIMIT_S:g} s") from None
    if ran.returncode:
        raise SystemExit(f"{command} ended with {ran.returncode}:\n{ran.stdout[-2000:]}")
    return ran.stdout


def _figures(text: str) -> Figures:
    """Return the numbers of all Markdown tables of a text."""
    found: Figures = {}
    header: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            header = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not header:
            header = _unique(cells)
            continue
        for column, cell in zip(header[1:], cells[1:], strict=False):
            if _NUMBER.fullmatch(cell):
                found[cells[0], column] = float(cell)
    return found


def _unique(header: list[str]) -> list[str]:
    """Name columns of the same heading after the one before them."""
    pairs = zip(header, ["", *header], strict=False)
    return [f"{before}: {name}" if header.count(name) > 1 else name for name, before in pairs]


def _table(before: list[Figures], after: list[Figures]) -> str:
    """Return a row for each figure that both have and that is not the same in all turns."""
    lines = ["| | | before | after | after / before |", "| --- | --- | ---: | ---: | ---: |"]
    for row, column in before[0]:
        old = [figures[row, column] for figures in before if (row, column) in figures]
        new = [figures[row, column] for figures in after if (row, column) in figures]
        if not new or len({*old, *new}) == 1:
            continue
        first, second = statistics.median(old), statistics.median(new)
        ratio = f"{second / first:.2f}" if first else ""
        lines.append(f"| {row} | {column} | {first:g} | {second:g} | {ratio} |")
    return "\n".join(lines)
