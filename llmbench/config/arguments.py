"""The command line of a run: flags, and overrides made fit for Hydra's grammar."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from llmbench.config.foreign_words import unknown_flag
from llmbench.config.own_defaults import own_defaults
from llmbench.config.sources import Sources, find_sources
from llmbench.config.values import fit_container, fit_names, fit_sweep, quoted, split
from llmbench.errors import UsageError
from llmbench.records.lines import whole_text

_SWITCHES = {
    "-m": "multirun",
    "--multirun": "multirun",
    "-r": "run",
    "--run": "run",
    "--resolve": "show",
    "--hydra-help": "show",
    "-i": "show",
    "--info": "show",
    "-sc": "completion",
    "--shell-completion": "completion",
}
_WITH_VALUE = {"-c": "show", "--cfg": "show", "-p": "show", "--package": "show"}
_CONFIG_DIR = ("-cd", "--config-dir")
_CFG = ("job", "hydra", "all")
_INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")

_OVERRIDE = re.compile(r"(?P<operator>\+\+|\+|~)?(?P<key>[^=]+)(=(?P<value>.*))?", re.DOTALL)
# What Hydra's grammar takes in a value without quotes; lists, mappings and calls are left alone.
_PLAIN = re.compile(r"[\w\s/\-+.$%*@?|:,\\(){}\[\]'\"]*", re.ASCII)

_IPV6 = re.compile(r"\w+://\[[^,]*")
"""A URL with an address in brackets, which the grammar would take for a list."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """A command line, taken apart."""

    overrides: tuple[str, ...]
    """As Hydra takes them."""
    sources: Sources
    flags: tuple[str, ...] = ()
    """Those of Hydra that show something instead of running."""
    multirun: bool = False
    completion: bool = False
    origins: Mapping[str, str] = field(default_factory=dict)
    """Who set a key, where it was not the command line: a variable of the environment or of ``.env``."""


def parse(argv: Sequence[str], *, with_own_defaults: bool = True) -> Arguments:
    """Take the command line of a run apart.

    Args:
        argv: the words.
        with_own_defaults: whether the environment chooses what they leave open.

    Raises:
        UsageError: for an unknown flag, or something that is no ``key=value``.
    """
    flags: list[str] = []
    modes: set[str] = set()
    words: list[str] = []
    config_dir: Path | None = None
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        name, _, value = word.partition("=")
        if not word.startswith("-"):
            words.append(word)
        elif name in _CONFIG_DIR:
            config_dir = Path(value or _value(name, rest)).expanduser()
        elif name in _WITH_VALUE:
            modes.add(_WITH_VALUE[name])
            flags += [name, _known(name, value or _value(name, rest))]
        elif word in _SWITCHES:
            modes.add(_SWITCHES[word])
            flags += [word, *(_info(rest) if word in ("-i", "--info") else ())]
        else:
            raise UsageError(unknown_flag(word, rest, [*_SWITCHES, *_WITH_VALUE, *_CONFIG_DIR]))
    sources = find_sources(config_dir)
    completion, several = "completion" in modes, "multirun" in modes
    own = own_defaults(words, sources) if with_own_defaults and not completion else {}
    words = [*(f"{key}={value}" for key, (value, _) in own.items()), *words]
    sources = replace(sources, backends=_chosen("backend", words))
    return Arguments(
        overrides=tuple(words if completion else (normalise(word, sources, several) for word in words)),
        sources=sources,
        flags=tuple(flags) if modes & {"show", "completion"} else (),
        multirun=several,
        completion=completion,
        origins={key: where for key, (_, where) in own.items()},
    )


def normalise(override: str, sources: Sources, several: bool = False) -> str:
    """Return one override as Hydra takes it.

    A value is forced in (``++``), so that keys are checked in one place, against the options of the chosen
    plugin; values that Hydra's grammar would not take are quoted.

    Args:
        override: as it was typed.
        sources: where groups of files are.
        several: whether commas separate the values of a sweep.

    Raises:
        UsageError: it is no ``key=value``, no UTF-8, or a list of tasks without brackets.
    """
    match = _OVERRIDE.fullmatch(override)
    if whole_text(override) != override:
        raise UsageError(f"'{whole_text(override)}': expected UTF-8, got other bytes")
    if match is None or (match["value"] is None and match["operator"] != "~"):
        raise UsageError(f"'{override}': expected key=value; see llmbench --help")
    key, value = str(match["key"]), str(match["value"])
    if match["operator"] == "~" or key.startswith("hydra"):
        return override
    if sources.is_group(key.partition("@")[0]):
        plain = _PLAIN.fullmatch(value) and not value.isdecimal() and not _is_file(value)
        return f"{key}={fit_names(value) if several else value if plain else quoted(value)}"
    if key == "tasks" and "," in value and value[0] not in "['\"" and "(" not in value:
        raise UsageError(f"{override}: a list needs brackets: 'tasks=[{value}]'")
    # A filter is one pattern, whatever commas it holds.
    return f"++{key}={fit_sweep(value) if several and key != 'filter' else _quoted(key, value)}"


def key_of(override: str) -> str:
    """Return the dotted key that an override sets."""
    return override.lstrip("+~").partition("=")[0]


def _chosen(key: str, words: Sequence[str]) -> tuple[str, ...]:
    """Return the values that the last word on a key gives, without quotes."""
    values = [word.partition("=")[2] for word in words if word.partition("=")[0] == key and "=" in word]
    return tuple(part.strip("'\"") for part in split(values[-1])) if values and values[-1] else ()


def _is_file(value: str) -> bool:
    """Say whether a value with a comma is one file, and no two choices."""
    return "," in value and Path(value).expanduser().exists()


def _quoted(key: str, value: str) -> str:
    is_plain = key != "filter" and _PLAIN.fullmatch(value) and not _IPV6.fullmatch(value)
    if value[:1] in ("'", '"') or is_plain or not value:
        return value
    if value[:1] in "[{" and key != "filter":
        return fit_container(value)
    return quoted(value)


def _value(flag: str, rest: list[str]) -> str:
    if not rest:
        raise UsageError(f"{flag}: a value is missing; see llmbench --help")
    return rest.pop(0)


def _known(flag: str, value: str) -> str:
    if flag in ("-c", "--cfg") and value not in _CFG:
        raise UsageError(f"{flag}: expected one of {', '.join(_CFG)}, got '{value}'")
    return value


def _info(rest: list[str]) -> list[str]:
    return [rest.pop(0)] if rest and rest[0] in _INFO else ["all"]
