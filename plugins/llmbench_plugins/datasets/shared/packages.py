"""Packages that a task names, by the usual file of its toolchain: read strictly, and written anew.

Each has one exact version, and is one of the index's own. Nothing else of such a file has an effect: no other
index, no path, no address, no script.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llmbench.api import Packages
from llmbench.errors import DatasetError

Pins = dict[str, str]


class _Refused(ValueError):
    """A line or an entry that names no package in one version."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How a package manager is told."""

    file: str
    read: Callable[[str], tuple[Pins, str]]
    """Return versions by name, and the text of a file that says just that."""


def file_of(toolchain: str) -> str:
    """Return the name of the file by which packages of a toolchain are named; empty where they can't be."""
    return _FORMS[toolchain].file if toolchain in _FORMS else ""


def read_packages(toolchain: str, content: bytes, where: str) -> Packages | None:
    """Return the packages that a file names; None where it names none.

    Raises:
        DatasetError: it can't be read, or names one without an exact version; the message says which.
    """
    form = _FORMS[toolchain]
    try:
        pins, text = form.read(content.decode())
    except _Refused as error:
        raise DatasetError(f"{where}: {error}") from None
    except ValueError as error:
        raise DatasetError(f"{where} can't be read: {' '.join(str(error).split())}") from None
    names = tuple(f"{name} {version}" for name, version in sorted(pins.items()))
    return Packages(toolchain=toolchain, names=names, files=((form.file, text),)) if pins else None


def _requirements(text: str) -> tuple[Pins, str]:
    pins: Pins = {}
    for line in filter(None, (re.sub(r"(^|\s)#.*", "", each).strip() for each in text.splitlines())):
        found = re.fullmatch(
            r"(?P<name>[A-Za-z0-9][\w.-]*(\[[\w., -]+\])?)\s*==\s*(?P<version>\d[\w.!+-]*)", line, re.ASCII
        )
        if not found:
            raise _Refused(f"expected NAME==VERSION, got '{line}'")
        pins[found["name"].replace(" ", "").lower()] = found["version"]
    return pins, "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))


def _package_json(text: str) -> tuple[Pins, str]:
    pins = _table(json.loads(text), "dependencies")
    for name, version in pins.items():
        if not re.fullmatch(r"(@[a-z0-9~_.-]+/)?[a-z0-9~_-][a-z0-9~_.-]*", name):
            raise _Refused(f"dependencies: '{name}' is no name of a package")
        if not isinstance(version, str) or not re.fullmatch(r"\d+\.\d+\.\d+(-[\w.-]+)?", version, re.ASCII):
            raise _Refused(f"dependencies.{name}: expected an exact version as 1.2.3, got {_shown(version)}")
    return pins, json.dumps({"private": True, "dependencies": dict(sorted(pins.items()))}, indent=2)


def _go_mod(text: str) -> tuple[Pins, str]:
    pins: Pins = {}
    directives = list(_directives(text))
    for word, rest in directives:
        if word == "require":
            found = re.fullmatch(r"(?P<name>[\w./~-]+)\s+(?P<version>v\d+\.\d+\.\d+[\w.+-]*)", rest, re.ASCII)
            if not found:
                raise _Refused(f"require: expected MODULE vX.Y.Z, got '{rest}'")
            pins[found["name"]] = found["version"]
    if pins and any(word == "replace" for word, _ in directives):
        raise _Refused("replace has no place beside packages that are installed; require what is meant")
    version = next((rest for word, rest in directives if word == "go"), "1.21")
    lines = "".join(f"\t{name} {version}\n" for name, version in sorted(pins.items()))
    return pins, f"module packages\n\ngo {version}\n\nrequire (\n{lines})\n"


def _directives(text: str) -> Iterator[tuple[str, str]]:
    """Yield the directives of a go.mod, those in brackets one by one, as their word and what follows it."""
    block = ""
    for line in (each.partition("//")[0].strip() for each in text.splitlines()):
        word, _, rest = line.partition(" ")
        if block and line == ")":
            block = ""
        elif block and line:
            yield block, line
        elif rest.strip() == "(" or line.endswith("("):
            block = word.rstrip("(")
        elif line:
            yield word, rest.strip()


def _cargo_toml(text: str) -> tuple[Pins, str]:
    parsed = tomllib.loads(text)
    pins: Pins = {}
    lines = ['[package]\nname = "packages"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n']
    for kind in ("dependencies", "dev-dependencies"):
        for name, wanted in sorted(_table(parsed, kind).items()):
            about = {"version": wanted} if isinstance(wanted, str) else wanted
            version = about.get("version") if isinstance(about, dict) else None
            if not isinstance(version, str) or not re.fullmatch(
                r"=\s*\d+\.\d+\.\d+[\w.+-]*", version, re.ASCII
            ):
                raise _Refused(f'{kind}.{name}: expected an exact version as "=1.2.3", got {_shown(wanted)}')
            lines += [] if name in pins else [_crate(f"{kind}.{name}", name, about)]
            pins[name] = version.lstrip("= ")
    return pins, "".join(lines)


def _crate(key: str, name: str, about: Mapping[str, Any]) -> str:
    """Return a line for one crate."""
    if not re.fullmatch(r"[A-Za-z][\w-]*", name, re.ASCII):
        raise _Refused(f"{key}: '{name}' is no name of a crate")
    if strange := sorted(about.keys() - {"version", "features", "default-features", "optional", "package"}):
        raise _Refused(f"{key}: a crate can have a version and features, and no '{strange[0]}'")
    words = {key: value for key, value in about.items() if key != "optional"}
    return f"{name} = {{ {', '.join(f'{key} = {json.dumps(value)}' for key, value in words.items())} }}\n"


def _table(parsed: Any, name: str) -> dict[str, Any]:
    table = parsed.get(name, {}) if isinstance(parsed, dict) else None
    if not isinstance(table, dict):
        raise _Refused(f"expected a table '{name}'")
    return dict(table)


def _shown(value: object) -> str:
    return json.dumps(value, default=str)


_FORMS: Mapping[str, _Form] = {
    "go": _Form("go.mod", _go_mod),
    "node": _Form("package.json", _package_json),
    "python": _Form("requirements.txt", _requirements),
    "rust": _Form("Cargo.toml", _cargo_toml),
}
"""By the name of the toolchain."""
