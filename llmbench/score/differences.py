"""What differed between two runs, the likeliest cause of another score first: from their manifests."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from llmbench.records.manifest import Manifest

_CAUSES: Sequence[tuple[str, str]] = (
    ("weights", r"names\.model|server\.(weights_sha256|digest|parameters)|config\.model\.(name|sources\..*)"),
    ("quantization", r"server\.(quantization|.*cache_type.*)"),
    ("chat template", r"server\.(chat_template.*|template.*)"),
    ("tasks", r"names\.(dataset|validator)|dataset\..*|plan\..*|config\.(dataset|validator)\..*"),
    ("agent and prompts", r"names\.(agent|tools)|agent\..*|config\.(agent|prompts)(\..*)?"),
    (
        "sampler",
        r"config\.(model\.sampling|sampling)\..*|config\.seed|server\.(sampler|extra_body|runner_options)(\..*)?",
    ),
    (
        "tokens and limits",
        r"config\.(model\.reasoning|limits|budget|box)\..*|config\.(tries|retry_budget)|server\.(.*context.*|reasoning.*)",
    ),
    ("server", r"names\.backend|server\..*|config\.(backend|model)\..*"),
    ("sandbox", r"sandbox|config\.sandbox\..*"),
    ("machine", r"machine\..*"),
    ("llmbench", r"llmbench|providers\..*"),
    ("other settings", r".*"),
)
"""Kinds of difference by what most often changes a score, each with the keys that it is about."""
_NO_CAUSE = re.compile(
    r"config\.(output_root|history_url|strict|dry_run|graders|in_flight|monitor.*|model\.(description|notice|trusted|sampling_source)"
    r"|model\.reference.*|limit|tasks|filter|samples)(\..*)?|server\.(url|weights|started_by|endpoint_url)"
)
"""Where things were, how fast it went, and which part of the tasks was asked: no cause of another answer."""
_PORT = re.compile(r"--port\b.*|port=\d+")


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting or fact that is not the same in both runs; None where a run does not have it."""

    cause: str
    key: str
    a: Any
    b: Any


def differences(a: Manifest, b: Manifest) -> list[Difference]:
    """Return all settings and facts in which two runs differ, by cause and then by key."""
    ours, theirs = dict(_facts(a)), dict(_facts(b))
    follows = _follows(a, b)
    found = [
        Difference(_cause(key), key, ours.get(key), theirs.get(key))
        for key in dict.fromkeys([*ours, *theirs])
        if ours.get(key) != theirs.get(key)
        and not _NO_CAUSE.fullmatch(key)
        and not (follows.match(key) and (key.endswith(".name") or None in (ours.get(key), theirs.get(key))))
    ]
    order = [cause for cause, _ in _CAUSES]
    return sorted(found, key=lambda difference: (order.index(difference.cause), difference.key))


def _follows(a: Manifest, b: Manifest) -> re.Pattern[str]:
    """Return the settings of plugins of which the runs had different ones: only one has most of them."""
    axes = [axis for axis in a.names if axis != "model" and a.names[axis] != b.names.get(axis)]
    # ``names`` tells of the plugin itself, and of the tools that came with it.
    return re.compile(f"config\\.({'|'.join(axes)})\\.|providers\\.|names\\.tools" if axes else "(?!)")


def _cause(key: str) -> str:
    return next(cause for cause, pattern in _CAUSES if re.fullmatch(pattern, key))


def _facts(manifest: Manifest) -> Iterator[tuple[str, Any]]:
    session = manifest.sessions[-1] if manifest.sessions else None
    yield from _flat("names", manifest.names)
    yield from _flat("config", manifest.config)
    yield from _flat("dataset", {key: value for key, value in manifest.dataset.items() if key != "sha256"})
    yield from _flat("providers", manifest.providers)
    if session is not None:
        yield "llmbench", session.llmbench
        yield "sandbox", session.sandbox
        for name in ("server", "agent", "machine"):
            yield from _flat(name, getattr(session, name))


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested mappings; null and an empty mapping are as good as absent."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}", inner)
    elif isinstance(value, list | tuple):
        yield (
            prefix,
            [item for item, before in zip(value, [None, *value], strict=False) if not _port(item, before)],
        )
    elif value is not None:
        yield prefix, value


def _port(item: Any, before: Any) -> bool:
    """Say whether a word of a server's command line is its port, which is another at each start."""
    return before == "--port" or (isinstance(item, str) and _PORT.fullmatch(item) is not None)


def changed_tasks(a: Manifest, b: Manifest) -> Mapping[Literal["changed", "only_a", "only_b"], list[str]]:
    """Return the tasks that are not the same in both runs: changed, or asked by one of them only."""
    ours, theirs = (dict(zip(run.plan.tasks, run.plan.digests, strict=True)) for run in (a, b))
    return {
        "changed": [task for task in ours if task in theirs and ours[task] != theirs[task]],
        "only_a": [task for task in ours if task not in theirs],
        "only_b": [task for task in theirs if task not in ours],
    }
