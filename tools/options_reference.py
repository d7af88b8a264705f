"""The reference of options: every key of conf/ and of the plugins' ``Options``, as Markdown."""

import ast
import importlib
import inspect
import re
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import yaml

from llmbench.api import ModelProfile, Sampling
from llmbench.api.options import execution_only, read_when, schema_of
from llmbench.api.schema import expected
from llmbench.config.choices import comments_of
from llmbench.config.identity import run_id
from llmbench.config.settings import Settings
from llmbench.registry import AXES

ROOT = Path(__file__).resolve().parents[1]
CONF = ROOT / "conf"
GROUPS = ("backend", "model", "sampling", "agent", "dataset", "validator", "sandbox", "preset")
IDENTITY = ("backend", "agent", "dataset", "validator", "sampling")
"""Groups whose options are part of the run's hash, but for those that a plugin marks otherwise."""


def own(axis: str) -> dict[str, str]:
    """Return the plugins that pyproject.toml declares, whatever else is installed or not yet installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared: dict[str, str] = project["entry-points"].get(AXES[axis], {})
    return declared


def loaded(value: str) -> Any:
    """Import what an entry point names."""
    module, _, name = value.partition(":")
    return getattr(importlib.import_module(module), name)


_HEAD = """\
# Options

Every key of the composed configuration. Each can be set on the command line as `key=value`:
[the command line](command-line.md) says how. `llmbench --cfg job` shows what a command gives.
"Hash" says whether a key is part of the run's hash: with another value it is another run, in another folder.
"""

_PROFILES = """\
## Model profiles

`conf/model/<name>.yaml`, chosen by `model=<name>`: [how to add one](../how-to/models.md). Of a profile, the
name, `reasoning`, the sampler in effect and the source that the chosen backend takes are part of the hash.

"""


def options() -> str:
    """Return every key of the configuration."""
    parts = [_HEAD, f"## The run\n\n`conf/config.yaml`\n\n{keys_of_the_run()}"]
    for group in ("backend", "agent", "dataset", "validator", "sandbox"):
        parts += [plugin_options(group, name) for name in choices(group)]
    models = ((f"`model={name}`", cell(described(CONF / f"model/{name}.yaml"))) for name in choices("model"))
    profiles = f"{_PROFILES}{table(('choose', 'what it is'), models)}\n{fields_table(ModelProfile, 'model.')}"
    return "\n".join([*parts, profiles, sampling(), presets()])


def keys_of_the_run() -> str:
    """Return the keys at the top of conf/config.yaml."""
    in_hash = set(inspect.signature(run_id).parameters)
    content = {key: value for key, value in read(CONF / "config.yaml").items() if key != "hydra"}
    comments = comments_of(CONF / "config.yaml")
    schema = schema_of(Settings)
    rows = []
    for key, value in flat(content):
        kind = expected(found(schema, key.split(".")), schema)
        rows.append((key, value, kind, key.split(".")[0] in in_hash, comments.get(key, "")))
    return option_table(rows)


def plugin_options(group: str, name: str) -> str:
    """Return the options of one plugin."""
    path = CONF / group / f"{name}.yaml"
    base = name if name in own(group) else base_of(path)
    as_base = f"As `{group}={base}`, with:\n\n" if base and base != name else ""
    head = f"## {group}={name}\n\n{described(path)}\n\n{as_base}"
    plugin = loaded(own(group)[base]) if base else None
    kind = plugin.Options if plugin else None
    schema = schema_of(kind) if kind else {}
    left_out = execution_only(kind) if kind else frozenset()
    readers = read_when(kind) if kind else {}
    properties = found(schema, []).get("properties", {})
    content, comments = read(path), comments_of(path)
    unlisted = () if as_base else set(properties) - set(content)
    names = [key for key in (*content, *unlisted) if key not in ("name", "source")]
    rows = []
    for key in names:
        part = properties.get(key, {})
        default = content.get(key, part.get("default"))
        meaning = comments.get(key) or help_text(part)
        meaning += readers_text(group, readers.get(key, {}), meaning)
        hashed = group in IDENTITY and key not in left_out
        rows.append((f"{group}.{key}", default, expected(part, schema) if part else "", hashed, meaning))
    source = "" if as_base else source_table(name, kind)
    return head + (option_table(rows) if rows else "No options.\n") + source


def readers_text(group: str, readers: Mapping[str, Sequence[Any]], meaning: str) -> str:
    """Say which values of which other options read this one."""
    told = (f"`{group}.{choice}={' or '.join(map(text, values))}`" for choice, values in readers.items())
    listed = ", ".join(told)
    return f"{'; ' if meaning else ''}read with {listed}" if listed else ""


def source_table(name: str, kind: Any) -> str:
    """Return the keys of a model profile's section for a backend, where the backend takes one."""
    if kind is None or "source" not in get_type_hints(kind):
        return ""
    hint = get_type_hints(kind)["source"]
    source = next(part for part in (hint, *get_args(hint)) if is_dataclass(part))
    return f"\nIn a model profile, below `sources.{name}`:\n\n{fields_table(source, '')}"


def fields_table(kind: Any, prefix: str) -> str:
    """Return the fields of a dataclass, those of nested ones included."""
    schema, docs = schema_of(kind), docstrings(kind)
    required = found(schema, []).get("required", ())
    rows = (
        (
            f"`{prefix}{key}`",
            "required" if key in required else shown(part.get("default", {})),
            cell(expected(part, schema)),
            cell(help_text(part) or docs.get(key, "")),
        )
        for key, part in nested(schema, found(schema, []))
    )
    return table(("key", "default", "kind", "meaning"), rows)


def docstrings(kind: Any) -> dict[str, str]:
    """Return the text under each field of a dataclass, by dotted key; those of nested ones included."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    texts: dict[str, str] = {}
    name = ""
    for statement in getattr(body, "body", ()):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
        elif name and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            texts[name] = " ".join(str(statement.value.value).replace("``", "`").split())
    for name, hint in get_type_hints(kind).items():
        if is_dataclass(hint):
            texts |= {f"{name}.{key}": text for key, text in docstrings(hint).items()}
    return texts


def nested(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the properties of a schema, by dotted key."""
    for name, inner in part.get("properties", {}).items():
        deeper = resolved(schema, inner)
        if deeper.get("properties"):
            yield from ((f"{name}.{key}", value) for key, value in nested(schema, deeper))
        else:
            yield name, inner


def sampling() -> str:
    """Return the sampler's settings, and the named sets of them."""
    schema = schema_of(Sampling)
    keys = found(schema, [])["properties"].items()
    rows = ((f"sampling.{key}", None, expected(part, schema), True, "") for key, part in keys)
    return f"## Sampling\n\n{named_sets('sampling')}\n{option_table(rows)}"


def presets() -> str:
    """Return the presets and what each sets."""
    return f"## Presets\n\n{named_sets('preset')}"


def named_sets(group: str) -> str:
    """Return what each file of a group sets."""
    lines = []
    for name in choices(group):
        path = CONF / group / f"{name}.yaml"
        values = [f"`{key}: {text(value)}`" for key, value in flat(read(path)) if value is not None]
        sets = f"Sets {', '.join(values)}." if values else "Sets nothing."
        lines.append(f"- `{group}={name}`: {described(path)} {sets}\n")
    return "".join(lines)


def base_of(path: Path) -> str:
    """Return the file of the same group on which this one builds, or an empty string."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    bases = [str(part) for part in content.get("defaults", ()) if isinstance(part, str) and part != "_self_"]
    return bases[0] if bases else ""


def read(path: Path) -> dict[str, Any]:
    """Return a file of YAML without Hydra's own section."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {key: value for key, value in content.items() if key != "defaults"}


def flat(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values by dotted key."""
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def found(schema: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any]:
    """Return the part of a schema that describes a key."""
    part = resolved(schema, schema)
    for name in path:
        part = resolved(schema, part)["properties"][name]
    return part


def resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference."""
    name = part.get("$ref", "").rsplit("/", 1)[-1]
    inner: Mapping[str, Any] = schema["$defs"][name] if name else part
    return inner


def help_text(part: Mapping[str, Any]) -> str:
    """Return the help text of an option."""
    texts = [part.get("description"), *(inner.get("description") for inner in part.get("anyOf", ()))]
    return next((str(text) for text in texts if text), "")


def option_table(rows: Iterable[tuple[str, Any, str, bool, str]]) -> str:
    """Return options as a table."""
    return table(
        ("key", "default", "kind", "hash", "meaning"),
        [
            (f"`{key}`", shown(value), cell(kind), "yes" if hashed else "no", cell(meaning))
            for key, value, kind, hashed, meaning in rows
        ],
    )


def shown(value: Any) -> str:
    """Return a default as code; long ones are in the file."""
    if value == "" or (isinstance(value, str) and len(value) > 60):
        return '`""`' if value == "" else "see the file"
    return f"`{text(value)}`"


def text(value: Any) -> str:
    """Return a value as YAML writes it."""
    return (
        yaml.safe_dump(value, default_flow_style=True, width=10**6).removesuffix("\n").removesuffix("\n...")
    )


def choices(group: str) -> list[str]:
    """Return the names of a group's files."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


def described(path: Path) -> str:
    """Return the description of a file of YAML: that of a model's profile, or the first comment."""
    lines = path.read_text(encoding="utf-8")
    comments = [line.lstrip("# ") for line in lines.splitlines() if re.match("# (?!@)", line)]
    content = yaml.safe_load(lines) or {}
    return str(content.get("description") or next(iter(comments), ""))


def cell(words: str) -> str:
    """Return text that may stand in a cell."""
    return words.replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
