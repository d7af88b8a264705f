"""What tells runs apart: model, backend, agent, dataset, and where they share these, their settings."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from llmbench.history.rows import RunRow
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
    groups: dict[tuple[str | None, ...], list[int]] = {}
    for place, one in enumerate(names):
        groups.setdefault(_shared(one), []).append(place)
    told = [""] * len(names)
    for places in groups.values():
        settings = _unlike([configs[place] for place in places])
        usual = {key: _usual(key, settings) for key in _differing(settings)}
        for place, own in zip(places, settings, strict=True):
            told[place] = _told(own, usual)
    return told


def rows_apart(rows: Sequence[RunRow], configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the same for runs of the history, each with its configuration."""
    return apart([{axis: str(getattr(row, axis)) for axis in AXES} for row in rows], configs)


def _unlike(configs: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the settings of the sections that are not the same everywhere; most are."""
    keys = dict.fromkeys(key for config in configs for key in config)
    unlike = [key for key in keys if any(one.get(key) != configs[0].get(key) for one in configs)]
    return [settings_of({key: config[key] for key in unlike if key in config}) for config in configs]


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


def _told(settings: Mapping[str, str], usual: Mapping[str, object]) -> str:
    keys = [key for key, value in usual.items() if settings.get(key) != value]
    told = [f"{key}={one_line(settings.get(key, 'null'), _LONGEST)}" for key in keys[:_MOST]]
    return " ".join([*told, *([f"+{len(keys) - _MOST}"] if len(keys) > _MOST else ())])


def _flat(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    else:
        yield key, value if isinstance(value, str) else msgspec.json.encode(value).decode()
