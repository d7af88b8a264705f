"""Where YAML comes from: the bundled conf/, plugins, the user's own, ./conf, ``--config-dir``. No Hydra here.

The first source that has a file wins, so a plugin or a user can add choices and never replace one.
"""

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from llmbench import registry
from llmbench.errors import UsageError
from llmbench.resources import resource_dir

OWN = ("your configuration folder", "current folder", "--config-dir")
"""Who adds folders that no package brings."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder with one folder a group."""

    folder: Path
    label: str
    """How messages name the folder."""
    provider: str
    """The distribution that brings it, or who added it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One YAML file of a group."""

    group: str
    name: str
    path: Path
    source: Source

    def __str__(self) -> str:
        return f"{self.source.label}/{self.group}/{self.name}.yaml"


@dataclass(frozen=True, slots=True)
class Sources:
    """All folders, in order of precedence."""

    folders: tuple[Source, ...]
    problems: tuple[str, ...] = ()
    """Plugins whose folder can't be found."""
    backends: tuple[str, ...] = ()
    """Those that the command line chooses: they say what a model's name may be that has no file."""

    def choices(self, group: str) -> Mapping[str, Choice]:
        """Return the files of a group by name, sorted; those of later folders do not hide earlier ones."""
        found: dict[str, Choice] = {}
        for choice in self.all_choices(group):
            found.setdefault(choice.name, choice)
        return dict(sorted(found.items()))

    def all_choices(self, group: str) -> Iterator[Choice]:
        """Yield the files of a group, hidden ones included."""
        for source in self.folders:
            for path in sorted((source.folder / group).glob("*.yaml")):
                yield Choice(group, path.stem, path, source)

    def holders(self, group: str, name: str) -> list[Choice]:
        """Return every file for one choice; the first is the one that is read."""
        paths = ((source, source.folder / group / f"{name}.yaml") for source in self.folders)
        return [Choice(group, name, path, source) for source, path in paths if path.is_file()]

    def hidden(self, group: str) -> Iterator[tuple[Choice, Choice]]:
        """Yield each file that is never read, with the one that hides it."""
        chosen = self.choices(group)
        for choice in self.all_choices(group):
            if chosen[choice.name] != choice:
                yield choice, chosen[choice.name]

    def is_group(self, name: str) -> bool:
        """Say whether ``name=…`` chooses a file."""
        return bool(name) and any((source.folder / name).is_dir() for source in self.folders)

    def groups(self) -> tuple[str, ...]:
        """Return the groups that llmbench itself has."""
        return tuple(sorted(path.name for path in self.folders[0].folder.iterdir() if path.is_dir()))


def find_sources(config_dir: Path | None = None) -> Sources:
    """Return all folders of YAML for a command started in the current folder.

    Raises:
        UsageError: ``config_dir`` is not a folder.
    """
    bundled = resource_dir("conf")
    folders = [Source(bundled, "conf", "llmbench")]
    problems = []
    for plugin in registry.installed("conf"):
        folder = _package_folder(plugin.value)
        if folder is None:
            problems.append(f"configs '{plugin.name}' of {plugin}: no folder {plugin.value}")
        else:
            folders.append(Source(folder, plugin.value.replace(".", "/"), str(plugin)))
    own = platformdirs.user_config_path("llmbench") / "conf"
    if own.is_dir():
        folders.append(Source(own.resolve(), str(own), OWN[0]))
    local = Path("conf")
    if local.is_dir() and local.resolve() not in [source.folder.resolve() for source in folders]:
        folders.append(Source(local.resolve(), "conf", OWN[1]))
    if config_dir is not None:
        if not config_dir.is_dir():
            raise UsageError(f"--config-dir: expected a folder, got '{config_dir}'")
        folders.append(Source(config_dir.resolve(), str(config_dir), OWN[2]))
    return Sources(tuple(folders), tuple(problems))


def _package_folder(package: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(package)
    except ImportError:
        return None
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0]) if folders else None
