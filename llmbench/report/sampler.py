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


def sampler(manifest: Manifest, session: Session) -> str:
    """Return the settings, those that were asked for before those that the server has by itself."""
    asked: dict[str, Any] = {}
    for layer in _layers(manifest, session):
        asked |= {name: layer[name] for name in _NAMES if layer.get(name) not in (None, [])}
    own = _mapping(session.server, "sampler")
    rest = _listed({name: value for name, value in own.items() if name not in asked})
    if not rest and session.server:
        rest = "what it does not tell"
    parts = [_listed(asked), f"the server's own: {rest}" if rest else ""]
    return "; ".join(part for part in parts if part)


def _layers(manifest: Manifest, session: Session) -> Iterator[Mapping[str, Any]]:
    """Yield what was asked for, each over those before."""
    yield _mapping(_mapping(manifest.config, "model"), "sampling")
    yield _mapping(manifest.config, "sampling")
    for name in _OVER_ALL:
        yield _mapping(session.server, name)


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def _listed(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in settings.items())


def _shown(value: Any) -> str:
    # Servers hold them in half the precision: 0.8 comes back as 0.800000011920929.
    return f"{value:g}" if isinstance(value, float) else msgspec.json.encode(value).decode()
