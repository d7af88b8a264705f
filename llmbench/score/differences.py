"""What differed between two runs, the likeliest cause of another score first: from their manifests."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from llmbench.records.manifest import Manifest, Session
from llmbench.score.prompts import Prompts, prompts_of, session_of

_CAUSES: Sequence[tuple[str, str]] = (
    ("weights", r"names\.model|server\.(weights_sha256|digest|parameters)|config\.model\.(name|sources\..*)"),
    ("quantization", r"server\.(quantization|.*cache_type.*)"),
    ("chat template", r"rendered\..*|server\.(chat_template.*|template.*)"),
    ("tasks", r"names\.(dataset|validator)|dataset\..*|plan\..*|config\.(dataset|validator)\..*"),
    ("agent and prompts", r"names\.(agent|tools)|agent\..*|config\.(agent|prompts)(\..*)?"),
    (
        "sampler",
        r"config\.(model\.sampling|sampling)\..*|config\.seed|server\.(sampler|modelfile|extra_body|runner_options)(\..*)?",
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
    r"config\.(output_root|history_url|strict|stop_when_suspicious|dry_run|graders|in_flight|monitor.*|model\.(description|notice|trusted|sampling_source)"
    r"|model\.reference.*|limit|tasks|filter|samples)(\..*)?|server\.(url|weights|started_by|endpoint_url)"
)
"""Where things were, how fast it went, and which part of the tasks was asked: no cause of another answer."""
_OF_WEIGHTS = frozenset(
    ("server.digest", "server.parameters", "server.quantization", "server.trained_context")
)
RENDERED = "rendered.text"
"""Key of the prompt that the server made."""
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
    prompts = prompts_of(a, b)
    ours, theirs = (dict(_facts(manifest)) | _rendered(manifest, prompts) for manifest in (a, b))
    told_otherwise = _told_otherwise(a, b, prompts)
    follows = _follows(a, b)
    found = [
        Difference(_cause(key), key, ours.get(key), theirs.get(key))
        for key in dict.fromkeys([*ours, *theirs])
        if ours.get(key) != theirs.get(key)
        and key not in told_otherwise
        and not _NO_CAUSE.fullmatch(key)
        and not (follows.match(key) and (key.endswith(".name") or None in (ours.get(key), theirs.get(key))))
    ]
    return sorted(found, key=_order)


def every_fact(a: Manifest, b: Manifest) -> list[Difference]:
    """Return all that is recorded of two runs, also what is the same in both, by cause and then by key."""
    ours, theirs = dict(_facts(a)), dict(_facts(b))
    found = [
        Difference(_cause(key), key, ours.get(key), theirs.get(key))
        for key in dict.fromkeys([*ours, *theirs])
    ]
    return sorted(found, key=_order)


def _order(difference: Difference) -> tuple[int, str]:
    return [cause for cause, _ in _CAUSES].index(difference.cause), difference.key


def _told_otherwise(a: Manifest, b: Manifest, prompts: Prompts | None) -> Collection[str]:
    """Return what two kinds of server tell in words of their own of the very same weights."""
    same = prompts is not None and prompts.weights == "same"
    return _OF_WEIGHTS if same and a.names.get("backend") != b.names.get("backend") else ()


def _follows(a: Manifest, b: Manifest) -> re.Pattern[str]:
    """Return the settings of plugins of which the runs had different ones: only one has most of them."""
    axes = [axis for axis in a.names if axis != "model" and a.names[axis] != b.names.get(axis)]
    # ``names`` tells of the plugin itself, and of the tools that came with it.
    return re.compile(f"config\\.({'|'.join(axes)})\\.|providers\\.|names\\.tools" if axes else "(?!)")


def _cause(key: str) -> str:
    return next(cause for cause, pattern in _CAUSES if re.fullmatch(pattern, key, re.DOTALL))


def _facts(manifest: Manifest) -> Iterator[tuple[str, Any]]:
    session = manifest.sessions[-1] if manifest.sessions else None
    yield from _flat("names", manifest.names)
    yield from _flat("config", manifest.config)
    yield from _flat("dataset", {key: value for key, value in manifest.dataset.items() if key != "sha256"})
    yield from _flat("providers", manifest.providers)
    if session is not None:
        yield "llmbench", session.llmbench
        yield "sandbox", session.sandbox
        yield from _flat("server", _server(session))
        yield from _flat("agent", session.agent)
        yield from _flat("machine", session.machine)


def _server(session: Session) -> dict[str, Any]:
    """Return what the server said of itself; Ollama's ``parameters`` are a sampler, and not how many."""
    named = {"parameters": "modelfile"} if isinstance(session.server.get("parameters"), list) else {}
    return {named.get(key, key): value for key, value in session.server.items()}


def _rendered(manifest: Manifest, prompts: Prompts | None) -> dict[str, Any]:
    """Return what the server made of messages, of that what may be a cause of another score."""
    session = session_of(manifest)
    if prompts is None or not prompts.is_cause or session is None or session.rendered is None:
        return {}
    rendered = session.rendered
    # Texts that part beyond what is kept of them are told apart by their checksums.
    told = {"rendered.sha256": rendered.sha256} if prompts.at is None else {RENDERED: rendered.text}
    return told | ({"rendered.adds_bos": rendered.adds_bos} if prompts.bos_apart else {})


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
