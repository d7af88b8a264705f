"""The sampler that was in effect: what a run asked for, over what its server does by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import msgspec

from llmbench.api import Sampling
from llmbench.records.manifest import Manifest, Session

_NAMES = tuple(field.name for field in fields(Sampling))
_OVER_ALL = ("extra_body", "runner_options")
"""Facts of servers: what was laid over every request."""


def asked_sampler(manifest: Manifest, session: Session) -> dict[str, Any]:
    """Return the settings that a run asked for."""
    asked: dict[str, Any] = {}
    for layer in _layers(manifest, session):
        asked |= {name: layer[name] for name in _NAMES if layer.get(name) not in (None, [])}
    return asked


def own_sampler(manifest: Manifest, session: Session) -> dict[str, Any]:
    """Return the settings that the server has by itself, as far as the run did not ask for others."""
    asked = asked_sampler(manifest, session)
    return {name: value for name, value in _mapping(session.server, "sampler").items() if name not in asked}


def sampler_in_effect(manifest: Manifest, session: Session) -> dict[str, Any]:
    """Return the settings of a session, as far as they are known."""
    return own_sampler(manifest, session) | asked_sampler(manifest, session)


def changed_settings(manifest: Manifest) -> dict[str, list[str]]:
    """Return the settings in effect that were not the same in all sessions, with their values in order.

    A setting that a server does not tell is not taken for another one.
    """
    told: dict[str, dict[str, None]] = {}
    for session in manifest.sessions:
        if session.server:
            for name, value in sampler_in_effect(manifest, session).items():
                told.setdefault(name, {})[shown(value)] = None
    return {name: list(values) for name, values in told.items() if len(values) > 1}


def shown(value: Any) -> str:
    """Return a setting as people write it."""
    # Servers hold them in half the precision: 0.8 comes back as 0.800000011920929.
    return f"{value:g}" if isinstance(value, float) else msgspec.json.encode(value).decode()


def _layers(manifest: Manifest, session: Session) -> Iterator[Mapping[str, Any]]:
    """Yield what was asked for, each over those before."""
    yield manifest.settings("model", "sampling")
    yield manifest.settings("sampling")
    for name in _OVER_ALL:
        yield _mapping(session.server, name)


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}
