"""Cargo.toml: what of an answer's has an effect, and what of it could steer the tests."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from llmbench_plugins.validators.native.suite import Job

_LONGEST = 64_000
"""Bytes of a manifest: nobody's is longer, and reading one should take no time."""
_EDITIONS = ("2015", "2018", "2021", "2024")
_DEPENDENCY_KEYS = {"version", "features", "default-features", "optional", "package"}
_OWN_TABLES = {"package", "dependencies", "dev-dependencies", "features", "lints", "profile", "workspace"}
_OWN_KEYS = {"name", "version", "edition", "authors", "description", "license", "rust-version", "publish"}


def manifest_of(job: Job) -> tuple[bytes, str, str]:
    """Return the Cargo.toml to build with, what of the answer's would steer tests, and why it is unreadable.

    It is written anew: an answer may choose its dependencies, among the crates that are there, its features
    and its edition, and nothing else that it says has an effect.
    """
    given = job.files.get("Cargo.toml", b"")
    if len(given) > _LONGEST:
        return b"", "", f"it has {len(given)} bytes, more than {_LONGEST}"
    try:
        return (*_manifest(tomllib.loads(job.suite.tree.get("Cargo.toml", b"").decode()), given), "")
    except RecursionError:
        return b"", "", "it is too deep"
    except ValueError as error:
        return b"", "", str(error)


def has_dependencies(manifest: bytes) -> bool:
    """Say whether a manifest names crates."""
    parsed = tomllib.loads(manifest.decode())
    return bool(_table(parsed, "dependencies") or _table(parsed, "dev-dependencies"))


def _manifest(pristine: dict[str, Any], content: bytes) -> tuple[bytes, str]:
    given = tomllib.loads(content.decode())
    package, base = _table(given, "package"), _table(pristine, "package")
    if strange := [key for key in given if key not in _OWN_TABLES and key not in pristine]:
        return b"", f"Cargo.toml: [{strange[0]}] could change how tests are built and run"
    if strange := [key for key in package if key not in _OWN_KEYS and key not in base]:
        return b"", f"Cargo.toml: package.{strange[0]} could change how tests are built and run"
    for name, wanted in _table(given, "dependencies").items():
        if isinstance(wanted, dict) and not set(wanted) <= _DEPENDENCY_KEYS:
            return b"", f"Cargo.toml: dependency {name} is more than a version and features"
    edition = package.get("edition") if package.get("edition") in _EDITIONS else base.get("edition", "2021")
    name = base.get("name", "exercise")
    tables: dict[str, dict[str, Any]] = {
        "package": {"name": name, "version": "0.1.0", "edition": edition, "build": base.get("build", False)},
        "dependencies": _table(given, "dependencies"),
        "dev-dependencies": _table(pristine, "dev-dependencies"),
        "features": {**_table(pristine, "features"), **_table(given, "features")},
    }
    return _written(tables).encode(), ""


def _written(tables: Mapping[str, Mapping[str, Any]]) -> str:
    lines = []
    for table, values in tables.items():
        lines.append(f"[{table}]")
        lines += [f"{_text(key)} = {_toml(value)}" for key, value in values.items()]
    return "\n".join([*lines, ""])


def _table(parsed: dict[str, Any], name: str) -> dict[str, Any]:
    table = parsed.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"expected a table [{name}]")
    return table


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_text(key)} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, bool | int):
        return json.dumps(value)
    if not isinstance(value, str):
        raise ValueError(f"expected a text, a list or a table, got {value}")
    return _text(value)


def _text(value: str) -> str:
    """Return a text as TOML has it: as JSON, but that characters beyond ASCII stand for themselves."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
