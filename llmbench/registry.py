"""Plugins by axis and name: stevedore, wrapped. Nothing is imported before it is asked for by name."""

import difflib
import importlib.metadata
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from traceback import walk_tb
from typing import Any

from llmbench.errors import BrokenPluginError, UnknownPluginError

AXES = {
    "backend": "llmbench.backends",
    "agent": "llmbench.agents",
    "dataset": "llmbench.datasets",
    "validator": "llmbench.validators",
    "sandbox": "llmbench.sandboxes",
    "toolchain": "llmbench.toolchains",
    "tool": "llmbench.tools",
    "monitor": "llmbench.monitors",
    "conf": "llmbench.conf",
}
"""Entry-point group by axis."""

_CLASSES = {
    "backend": "Backend",
    "agent": "Agent",
    "dataset": "Dataset",
    "validator": "Validator",
    "sandbox": "Sandbox",
    "tool": "Tool",
    "monitor": "Monitor",
}

_FOR_PLUGINS = ("llmbench.api", "llmbench.testing")
"""What of the core runs as a part of plugins: their base classes."""


@dataclass(frozen=True)
class Provider:
    """A plugin as its distribution declares it; reading it imports nothing of the plugin."""

    axis: str
    name: str
    value: str
    """What the entry point refers to: ``package.module:Class``."""
    entry: importlib.metadata.EntryPoint = field(repr=False, compare=False)

    @property
    def distribution(self) -> str:
        """Name of the distribution, or of the module where it is unknown."""
        return _name_and_version(self.entry.dist)[0] if self.entry.dist else self.entry.module

    @property
    def version(self) -> str:
        """Version of the distribution."""
        return _name_and_version(self.entry.dist)[1] if self.entry.dist else ""

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip()


def installed(axis: str) -> tuple[Provider, ...]:
    """Return every plugin of an axis by name; a name that two distributions claim appears twice.

    Entry points are read afresh: stevedore's cache on disk can miss a plugin that was just installed.
    """
    return _read(tuple(sys.path))[axis]


def names(axis: str) -> tuple[str, ...]:
    """Return the names of an axis' plugins, sorted."""
    return tuple(dict.fromkeys(plugin.name for plugin in installed(axis)))


def provider(axis: str, name: str) -> Provider:
    """Return who provides a plugin.

    Raises:
        UnknownPluginError: no distribution does.
        BrokenPluginError: more than one does.
    """
    plugins = installed(axis)
    owners = [plugin for plugin in plugins if plugin.name == name]
    if not owners:
        raise UnknownPluginError(_unknown(axis, name, names(axis)))
    if len(owners) > 1:
        who = ", ".join(f"{owner} ({owner.value})" for owner in owners)
        raise BrokenPluginError(f"{axis} '{name}' is provided more than once: {who}; uninstall one")
    return owners[0]


def load(axis: str, name: str) -> Any:
    """Import one plugin and return what its entry point names: a class, or a toolchain's instance.

    Raises:
        UnknownPluginError: no distribution provides it.
        BrokenPluginError: two do, it can't be imported, or it is not what the axis expects.
    """
    plugin = provider(axis, name)
    try:
        loaded = _load(plugin)
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise BrokenPluginError(
            f"{axis} '{name}' of {plugin} can't be imported ({cause}); "
            f"update or uninstall {plugin.distribution}"
        ) from error
    _check(plugin, loaded)
    return loaded


def culprit(error: BaseException) -> str:
    """Return the plugin in which an error arose (``validator 'foo' of llmbench-foo 1.0``), or nothing.

    The innermost frame of a plugin counts, unless code of the core that it had called failed.
    """
    for module in _modules(error):
        if _is_core(module):
            return ""
        found = next((plugin for plugin in _plugins() if _holds(plugin.entry.module, module)), None)
        if found is not None:
            return f"{found.axis} '{found.name}' of {found}"
    return ""


def explained(error: BaseException) -> str:
    """Return an error that nobody raised on purpose in one line, with the plugin whose fault it is."""
    plugin = culprit(error)
    return f"{plugin}: {type(error).__name__}: {error}" if plugin else f"{type(error).__name__}: {error}"


def _modules(error: BaseException) -> list[str]:
    """Return the modules that an error went through, the innermost first."""
    frames = [str(frame.f_globals.get("__name__")) for frame, _ in walk_tb(error.__traceback__)]
    return frames[::-1]


def _plugins() -> list[Provider]:
    return [plugin for axis in _CLASSES for plugin in installed(axis)]


def _is_core(module: str) -> bool:
    return _holds("llmbench", module) and not any(_holds(package, module) for package in _FOR_PLUGINS)


def _holds(package: str, module: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?``, or an empty string where nothing is close."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean '{close[0]}'?" if close else ""


@lru_cache(maxsize=1)
def _read(path: tuple[str, ...]) -> dict[str, tuple[Provider, ...]]:
    """Read the metadata of all distributions once a command: each pass over them costs milliseconds."""
    found = importlib.metadata.entry_points()
    plugins: dict[str, tuple[Provider, ...]] = {}
    for axis, group in AXES.items():
        own = [Provider(axis, entry.name, entry.value, entry) for entry in found.select(group=group)]
        distinct = {(plugin.name, plugin.value, plugin.distribution): plugin for plugin in own}
        plugins[axis] = tuple(plugin for _, plugin in sorted(distinct.items()))
    return plugins


@lru_cache
def _name_and_version(distribution: importlib.metadata.Distribution) -> tuple[str, str]:
    # Each look at the metadata parses the whole file, the README in it too.
    metadata = distribution.metadata
    return metadata["Name"], metadata["Version"]


def _unknown(axis: str, name: str, known: tuple[str, ...]) -> str:
    hint = suggestion(name, known)
    return f"no {axis} '{name}'; {hint}{' ' if hint else ''}installed: {', '.join(known) or 'none'}"


def _load(plugin: Provider) -> Any:
    # stevedore costs as much as the rest of the core to import: only loading needs it.
    from stevedore import DriverManager, ExtensionManager

    # Handing stevedore the entry points keeps it from its cache on disk, which misses fresh installs.
    ExtensionManager.ENTRY_POINT_CACHE[AXES[plugin.axis]] = [plugin.entry]
    return DriverManager(AXES[plugin.axis], plugin.name).driver


def _check(plugin: Provider, loaded: Any) -> None:
    from llmbench import api

    what = f"{plugin.axis} '{plugin.name}' of {plugin}"
    if plugin.axis in _CLASSES:
        expected = getattr(api, _CLASSES[plugin.axis])
        if not (isinstance(loaded, type) and issubclass(loaded, expected)):
            raise BrokenPluginError(
                f"{what} is {loaded!r}; expected a subclass of llmbench.api.{expected.__name__}"
            )
    elif plugin.axis == "toolchain" and not isinstance(loaded, api.Toolchain):
        raise BrokenPluginError(f"{what} is {loaded!r}; expected an instance of llmbench.api.Toolchain")
    version = getattr(loaded, "api_version", api.API_VERSION)
    if version != api.API_VERSION:
        raise BrokenPluginError(
            f"{what} was written for version {version} of the plugin API, and this llmbench has version "
            f"{api.API_VERSION}; update {plugin.distribution} or llmbench"
        )
