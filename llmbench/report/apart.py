"""What tells runs apart: model, backend, agent, dataset, and where they share these, their settings."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from llmbench.report.axes import AXES
from llmbench.report.words import one_line

_NO_RUN_OF_ITS_OWN = re.compile(
    r"(output_root|strict|dry_run|graders|in_flight|monitor.*|limit|tasks|filter|budget|sandbox|preset"
    r"|model\.(description|notice|trusted|sampling_source|reference))(\..*)?"
)
"""Keys that make no other run: how it is executed, and what stands beside the score."""
_MOST = 3
_NONE = object()
_LONGEST = 24


def settings_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings of a run by dotted key, as they are typed."""
    return dict(_flat(config, ""))


def apart(names: Sequence[Mapping[str, str]], configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return for each run the settings in which it differs from most of the same names: ``samples=3``.

    Args:
        names: of each run, by axis.
        configs: of each run.
    """
    settings = [settings_of(config) for config in configs]
    groups: dict[tuple[str | None, ...], list[dict[str, str]]] = {}
    for one, own in zip(names, settings, strict=True):
        groups.setdefault(_shared(one), []).append(own)
    return [_told(own, groups[_shared(one)]) for one, own in zip(names, settings, strict=True)]


def _shared(names: Mapping[str, str]) -> tuple[str | None, ...]:
    return tuple(names.get(axis) for axis in AXES)


def _differing(group: Sequence[Mapping[str, str]]) -> list[str]:
    keys = dict.fromkeys(key for settings in group for key in settings)
    return [
        key
        for key in keys
        if not _NO_RUN_OF_ITS_OWN.fullmatch(key) and len({settings.get(key) for settings in group}) > 1
    ]


def _usual(key: str, group: Sequence[Mapping[str, str]]) -> object:
    """Return the value that more than half of a group have; none of theirs where there is no such value."""
    ((value, count), *_) = Counter(settings.get(key) for settings in group).most_common()
    return value if 2 * count > len(group) else _NONE


def _told(settings: Mapping[str, str], group: Sequence[Mapping[str, str]]) -> str:
    keys = [key for key in _differing(group) if settings.get(key) != _usual(key, group)]
    told = [f"{key}={one_line(settings.get(key, 'null'), _LONGEST)}" for key in keys[:_MOST]]
    return " ".join([*told, *([f"+{len(keys) - _MOST}"] if len(keys) > _MOST else ())])


def _flat(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    else:
        yield key, value if isinstance(value, str) else msgspec.json.encode(value).decode()
