"""Profiles on the fly: ``model=./my.gguf``, ``model=ollama:TAG``, or a name that the chosen backend knows.

What a name can be is the backends' own to say (``Backend.profile_of``, ``Backend.profile_at``): nothing here
knows any of them.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from llmbench import registry
from llmbench.api import Backend, ModelProfile
from llmbench.config.choices import plugin_of
from llmbench.config.sources import Sources
from llmbench.errors import BrokenPluginError, UsageError

GROUP = "model"
_CLOSE = 0.85
_PATHS = ("./", "../", "/", "~", ".\\", "..\\")


@lru_cache
def made(name: str, sources: Sources) -> Mapping[str, Any] | None:
    """Return the profile that a name without a file stands for, as YAML would say it; None for no such name.

    Raises:
        UsageError: it is a path with nothing there, or nothing that a backend loads; or almost the name of a
            profile.
    """
    if name in sources.choices(GROUP):
        return None
    prefix, colon, rest = name.partition(":")
    is_named = colon and not name.startswith(_PATHS)
    if is_named and (backend := _prefixed(prefix, sources)) is not None:
        return _named(name, rest, backend, sources)
    if (path := _path(name, sources)) is not None:
        return _loaded(name, path, sources)
    return _asked(name, sources)


def forms(name: str, sources: Sources) -> str:
    """Return how to say which model is meant that has no profile, to stand behind ``no model 'NAME'``."""
    prefix, colon, rest = name.partition(":")
    close = registry.suggestion(prefix, sources.choices("backend")) if colon and rest else ""
    if close:
        return f"no backend '{prefix}', {close}"
    plain = name if name and "," not in name else "NAME"
    return f"or say where it is: model=./FILE.gguf, model=ollama:{plain}, model=hf:USER/REPO:Q4_K_M"


def _path(name: str, sources: Sources) -> Path | None:
    """Return the path that a name is; what only might be one must be there."""
    path = Path(name).expanduser()
    if name.startswith(_PATHS) or name in (".", ".."):
        return path.absolute()
    if any(name.lower().endswith(ending) for _, kind in _installed() for ending in kind.endings):
        return path.absolute()
    if not sources.backends and (path.is_file() or ("/" in name and path.exists())):
        return path.absolute()
    return None


def _loaded(name: str, path: Path, sources: Sources) -> Mapping[str, Any]:
    if not path.exists():
        raise UsageError(f"model={name}: no such file or folder{_beside(path)}")
    chosen = [(choice, *_plugin(choice, sources)) for choice in sources.backends]
    anyone = [(plugin, plugin, kind) for plugin, kind in _installed()]
    for choice, plugin, kind in chosen or anyone:
        profile = kind.profile_at(path)
        if profile is not None:
            return _as_yaml({plugin: profile}, "" if chosen else choice)
    takes = "; ".join(f"backend={plugin} loads {kind.files}" for _, plugin, kind in anyone if kind.files)
    who = f"backend={','.join(sources.backends)} can't load that" if chosen else "no backend can load that"
    raise UsageError(f"model={name}: {who} ({takes})")


def _named(name: str, rest: str, choice: str, sources: Sources) -> Mapping[str, Any]:
    plugin, kind = _plugin(choice, sources)
    only = replace(sources, backends=(choice,))
    if kind.files and (path := _path(rest, only)) is not None:
        return {**_loaded(name, path, only), **_bringing(choice)}
    profile = kind.profile_of(rest) if rest else None
    if profile is None:
        said = (
            f"'{rest}' is no name of a model for backend={choice}" if rest else "a name is missing behind it"
        )
        raise UsageError(f"model={name}: {said}")
    return _as_yaml({plugin: profile}, choice)


def _asked(name: str, sources: Sources) -> Mapping[str, Any] | None:
    """Return the profile of a name for the backends that the command line chooses."""
    chosen = [_plugin(choice, sources) for choice in sources.backends]
    found = {plugin: profile for plugin, kind in chosen if (profile := kind.profile_of(name)) is not None}
    if not found:
        return None
    close = difflib.get_close_matches(name, sources.choices(GROUP), n=1, cutoff=_CLOSE)
    if close and not {"/", ":"} & set(name):
        raise UsageError(
            f"no model '{name}'; did you mean '{close[0]}'? To ask for just this name: "
            f"model={sources.backends[0]}:{name}"
        )
    return _as_yaml(found, "")


def _as_yaml(profiles: Mapping[str, ModelProfile], choice: str) -> Mapping[str, Any]:
    """Return what stands in a profile's file; ``choice`` is the backend that it brings along."""
    first = next(iter(profiles.values()))
    values = {
        "name": first.name,
        "description": first.description,
        "sampling": msgspec.to_builtins(first.sampling),
        "sampling_source": first.sampling_source,
        "reasoning": msgspec.to_builtins(first.reasoning),
        "sources": {plugin: dict(profile.sources["default"]) for plugin, profile in profiles.items()},
    }
    return {**_bringing(choice), **_literal(values)}


def _bringing(choice: str) -> dict[str, Any]:
    """Return how a profile chooses its backend; the command line wins over it."""
    return {"defaults": [{"override /backend@_global_.backend": choice}]} if choice else {}


def _literal(value: Any) -> Any:
    """Return values as OmegaConf reads them back to the letter, without those that are not set."""
    if isinstance(value, Mapping):
        return {key: _literal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_literal(item) for item in value]
    return value.replace("${", "\\${") if isinstance(value, str) else value


def _prefixed(prefix: str, sources: Sources) -> str | None:
    """Return the backend that a prefix stands for: its name, or another word that it claims."""
    if prefix in sources.choices("backend"):
        return prefix
    return next((plugin for plugin, kind in _installed() if prefix in kind.prefixes), None)


def _plugin(choice: str, sources: Sources) -> tuple[str, type[Backend]]:
    """Return the plugin that a file of the group ``backend`` names, which may be called otherwise."""
    plugin = plugin_of("backend", choice, sources)
    return plugin, registry.load("backend", plugin)


def _installed() -> Iterator[tuple[str, type[Backend]]]:
    """Yield the backends that can be loaded; one that is broken is nobody's concern here."""
    for plugin in registry.names("backend"):
        try:
            yield plugin, registry.load("backend", plugin)
        except BrokenPluginError:
            continue


def _beside(path: Path) -> str:
    """Return what the missing file's folder holds that is called alike."""
    if not path.parent.is_dir():
        return f": there is no folder {path.parent}"
    close = registry.suggestion(path.name, sorted(file.name for file in path.parent.iterdir()))
    return f" in {path.parent}{f'; {close}' if close else ''}"
