"""What may stand for the word that is being typed. Looks at names only: it is asked at every Tab."""

import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from importlib import import_module
from pathlib import Path

from llmbench.commands.completion import SHELLS
from llmbench.config.sources import find_sources
from llmbench.errors import LlmbenchError
from llmbench.records.runs import NEWEST, find_run, find_runs
from llmbench.resources import resource_dir

_RUNS = ("compare", "diff", "export", "grade", "pause", "report", "resume", "rm", "show", "stop")
"""Verbs that take runs."""
_KEYS = (
    *("check", "compare", "doctor", "estimate", "fitness", "grade", "prepare", "prompts"),
    *("server", "solve"),
)
"""Verbs that take the keys of a run."""
_FIRST = {
    "check": ("tasks",),
    "completion": SHELLS,
    "list": ("agents", "backends", "datasets", "models", "plugins", "published", "runs", "tasks", "tools"),
    "new": ("model", "plugin", "task"),
    "server": ("start", "status", "stop"),
}
"""What the first word after a verb may be."""
_RUN_FLAGS = ("-m", "--multirun", "--config-dir", "--cfg", "--help", "--version")
_KEY = re.compile(r"^([a-z]\w*):[ ]*(true|false)?", re.MULTILINE)
"""In conf/config.yaml, which is quicker to read than the settings' class is to import."""
_FLAG = re.compile(r"(?<!\S)--[a-z][a-z-]*")


def candidates(verbs: Sequence[str], before: Sequence[str], word: str) -> list[str]:
    """Return what ``word`` may become after the words ``before``; empty where it may be a file."""
    try:
        found = list(_after(verbs, before, word))
    except (LlmbenchError, OSError):  # nothing may be printed into a line that is being typed
        return []
    return sorted({name for name in found if name.startswith(word)})


def _after(verbs: Sequence[str], before: Sequence[str], word: str) -> Iterator[str]:
    verb, rest = (before[0], before[1:]) if before else ("", ())
    if not before:
        yield from (*verbs, "help")
    if verb == "help":
        yield from verbs if not rest else ()
    elif verb in verbs:
        yield from _of_verb(verb, rest, word)
    else:
        yield from _overrides(word) if "=" in word or not word.startswith("-") else _RUN_FLAGS


def _of_verb(verb: str, rest: Sequence[str], word: str) -> Iterator[str]:
    flag = rest[-1] if rest else ""
    if flag.startswith("--") and (choices := _choices(verb, flag)) is not None:
        yield from choices
        return
    if word.startswith("-"):
        yield from _FLAG.findall(_help_of(verb))
        return
    if not rest and verb in _FIRST:
        yield from _FIRST[verb]
        return
    if verb in _RUNS:
        yield from _runs_or_tasks(verb, rest)
    if verb in _KEYS:
        yield from _overrides(word)


def _runs_or_tasks(verb: str, rest: Sequence[str]) -> Iterator[str]:
    root = Path(rest[rest.index("--root") + 1]) if "--root" in rest[:-1] else Path("outputs")
    given = [each for each in rest if not each.startswith("-") and each != str(root)]
    if verb == "show" and given:
        manifest = json.loads((find_run(given[0], root) / "manifest.json").read_text(encoding="utf-8"))
        yield from manifest["plan"]["tasks"]
        return
    runs = find_runs(root)
    yield from (run.run_id for run in runs)
    yield from (run.name for run in runs)
    yield from NEWEST[:1] if runs else ()


def _overrides(word: str) -> Iterator[str]:
    """Yield keys, or for ``group=a,b`` the words with each choice in the place of the last."""
    sources, keys = find_sources(), _keys()
    key, equals, value = word.partition("=")
    if not equals:
        yield from (f"{group}=" for group in sources.groups() if group != "hydra")
        yield from (f"{name}=" for name in keys)
        return
    chosen = value.rpartition(",")
    before = f"{key}={chosen[0]}{chosen[1]}"
    if sources.is_group(key):
        yield from (before + name for name in sources.choices(key))
    elif keys.get(key):
        yield from (f"{key}=false", f"{key}=true")


def _keys() -> dict[str, str]:
    """Return the keys of a run beside the groups, with their defaults where these are true or false."""
    text = (resource_dir("conf") / "config.yaml").read_text(encoding="utf-8")
    return {name: default for name, default in _KEY.findall(text) if name not in ("defaults", "hydra")}


def _choices(verb: str, flag: str) -> Iterable[str] | None:
    """Return what may follow a flag: choices; nothing of a file or a number; None where it takes none."""
    found = re.search(rf"(?<!\S){re.escape(flag)}(?: (\{{[^}}]*\}}|[A-Z][A-Z_-]*))(?!\S)", _help_of(verb))
    if found is None:
        return None
    return found[1].strip("{}").split(",") if found[1].startswith("{") else ()


def _help_of(verb: str) -> str:
    """Return a verb's own help, where its flags stand: they are written down nowhere else."""
    told = io.StringIO()
    with redirect_stdout(told), suppress(SystemExit):
        import_module(f"llmbench.commands.{verb}").main(["--help"])
    return told.getvalue()
