"""What there is to launch: the groups of configuration, and the fields of what is chosen in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import yaml

from llmbench import registry
from llmbench.api import Reasoning, Sampling
from llmbench.config.choices import comments_of, content_of, described, plugin_of
from llmbench.config.own_defaults import own_defaults
from llmbench.config.settings import Settings
from llmbench.config.sources import Choice, Sources, find_sources
from llmbench.errors import LlmbenchError
from llmbench.resources import resource_dir
from llmbench.serve.launching.fields import Field, fields_of

GROUPS = ("model", "backend", "agent", "sampling", "dataset", "validator", "sandbox", "preset")
"""In the order of the form, and of the command line."""
_PLUGINS = ("backend", "agent", "dataset", "validator", "sandbox")
_NEVER = ("backend.source.",)
"""Keys without a field: a model's profile says what the source is, as a whole."""
_MODEL_NAME = Field(key="model.name", kind="text", expects="text", help="the name that is sent and shown")


@dataclass(frozen=True, slots=True)
class Named:
    """One choice of a group."""

    name: str
    description: str = ""
    notice: str = ""
    provider: str = ""
    """Who brings it, where that is not llmbench."""
    plugin: str = ""
    """Whose options it sets."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group with its choices; ``default`` is what a bare command takes."""

    name: str
    choices: tuple[Named, ...]
    default: str
    origin: str = ""
    """Who says so, where that is not llmbench."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form offers once something is chosen."""

    groups: Mapping[str, Group]
    sections: Mapping[str, tuple[Field, ...]]
    """Fields by section: ``run``, and the groups that have some."""
    _by_key: Mapping[str, Field] = field(default_factory=dict)

    def names(self, group: str) -> list[str]:
        """Return the names that may be chosen in a group."""
        return [choice.name for choice in self.groups[group].choices]

    def field(self, key: str) -> Field | None:
        """Return the field of a key; None where it can't be set from a browser."""
        return self._by_key.get(key)


def make_offer(chosen: Mapping[str, Sequence[str]]) -> Offer:
    """Return what the form offers: the groups, and the fields of the choices in them.

    Args:
        chosen: names by group; a group that is not there, or empty, takes its default.
    """
    sources = find_sources()
    groups = {name: _group(name, sources) for name in GROUPS}
    sections = {"run": _run_fields()}
    for name in _PLUGINS:
        names = chosen.get(name) or [_default_of(name, groups, chosen, sources)]
        sections[name] = _merged([_plugin_fields(name, each, sources) for each in names])
    sections["sampling"] = tuple(fields_of(Sampling, "sampling."))
    # What is not set is as the profile says, and not as the class does.
    thinking = (replace(each, default="", is_flag=False) for each in fields_of(Reasoning, "model.reasoning."))
    sections["model"] = (_MODEL_NAME, *thinking)
    by_key = {each.key: each for fields in sections.values() for each in fields}
    return Offer(groups, sections, by_key)


def _group(name: str, sources: Sources) -> Group:
    own = own_defaults((), sources).get(name)
    choices = tuple(
        _named(choice, choice.path.stat().st_mtime_ns, sources) for choice in sources.choices(name).values()
    )
    default, origin = own or (_defaults()[name], "")
    return Group(name, choices, default, origin)


@lru_cache(maxsize=1000)
def _named(choice: Choice, changed: int, sources: Sources) -> Named:
    """Read a file once until it is changed: each look at YAML costs milliseconds."""
    description, notice = described(choice)
    provider = "" if choice.source.provider == "llmbench" else choice.source.provider
    plugin = plugin_of(choice.group, choice.name, sources) if choice.group in _PLUGINS else ""
    return Named(choice.name, description, notice, provider, plugin)


@lru_cache(maxsize=1)
def _defaults() -> dict[str, str]:
    """Return what conf/config.yaml chooses in each group."""
    text = (resource_dir("conf") / "config.yaml").read_text(encoding="utf-8")
    listed = yaml.safe_load(text)["defaults"]
    return {str(key): str(value) for part in listed if isinstance(part, dict) for key, value in part.items()}


def _default_of(
    name: str, groups: Mapping[str, Group], chosen: Mapping[str, Sequence[str]], sources: Sources
) -> str:
    """Return what is taken where nothing is chosen; a dataset chooses its validator, a model its backend."""
    if name == "validator":
        [dataset, *_] = chosen.get("dataset") or [groups["dataset"].default]
        return _validator_of(dataset, sources) or groups[name].default
    [model, *_] = chosen.get("model") or [groups["model"].default]
    prefix = model.partition(":")[0]
    return prefix if name == "backend" and prefix in sources.choices(name) else groups[name].default


def _validator_of(dataset: str, sources: Sources) -> str:
    choice = sources.choices("dataset").get(dataset)
    said = yaml.safe_load(choice.path.read_text(encoding="utf-8")) if choice else None
    parts = said.get("defaults") if isinstance(said, Mapping) else None
    chosen = (part for part in parts or () if isinstance(part, Mapping))
    return next((str(v) for part in chosen for key, v in part.items() if "/validator@" in str(key)), "")


def _run_fields() -> tuple[Field, ...]:
    comments = comments_of(resource_dir("conf") / "config.yaml")
    return tuple(each for each in fields_of(Settings, "", comments=comments) if not _is_left_out(each.key))


def _plugin_fields(group: str, name: str, sources: Sources) -> list[Field]:
    """Return the fields of a choice; none where its plugin can't be loaded, which a launch says better."""
    choice = sources.choices(group).get(name)
    try:
        options = registry.load(group, plugin_of(group, name, sources)).Options
        content = content_of(group, name, sources)
        comments = comments_of(choice.path) if choice else {}
    except (LlmbenchError, OSError, AttributeError, UnicodeError):
        return []
    found = fields_of(options, f"{group}.", defaults=content, comments=comments)
    return [each for each in found if not _is_left_out(each.key)]


def _merged(lists: Sequence[Sequence[Field]]) -> tuple[Field, ...]:
    """Return the fields that any of several choices has; where they differ, no default is shown."""
    found: dict[str, Field] = {}
    for each in (each for fields in lists for each in fields):
        before = found.setdefault(each.key, each)
        if before.default != each.default:
            found[each.key] = replace(before, default="", is_flag=False)
    is_one = len(lists) == 1
    return tuple(each if is_one else replace(each, is_on=False) for each in found.values())


def _is_left_out(key: str) -> bool:
    return any(key == name or (name.endswith(".") and key.startswith(name)) for name in _NEVER)
