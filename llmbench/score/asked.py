"""The sampler that a run asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from llmbench.api import Sampling
from llmbench.records.manifest import Manifest, Session

_NAMES = tuple(field.name for field in fields(Sampling))
_OVER_ALL = ("extra_body", "runner_options")
"""Facts of servers: what was laid over every request."""


def asked_sampling(manifest: Manifest, session: Session) -> dict[str, Any]:
    """Return the settings that were sent with a session's requests; the server chose what is not there."""
    asked: dict[str, Any] = {}
    for layer in _layers(manifest, session):
        asked |= {name: layer[name] for name in _NAMES if layer.get(name) not in (None, [])}
    return asked


def servers_sampling(session: Session) -> Mapping[str, Any]:
    """Return what the server does by itself, as far as it tells."""
    return _mapping(session.server, "sampler")


def _layers(manifest: Manifest, session: Session) -> Iterator[Mapping[str, Any]]:
    """Yield what was asked for, each over those before."""
    yield manifest.settings("model", "sampling")
    yield manifest.settings("sampling")
    for name in _OVER_ALL:
        yield _mapping(session.server, name)


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}
