"""The sampler that was in effect: what a run asked for, over what its server does by itself."""

from collections.abc import Mapping
from typing import Any

import msgspec

from llmbench.records.manifest import Manifest, Session
from llmbench.score.asked import asked_sampling, servers_sampling


def sampler(manifest: Manifest, session: Session) -> str:
    """Return the settings, those that were asked for before those that the server has by itself."""
    asked = asked_sampling(manifest, session)
    own = servers_sampling(session)
    rest = _listed({name: value for name, value in own.items() if name not in asked})
    if not rest and session.server:
        rest = "what it does not tell"
    parts = [_listed(asked), f"the server's own: {rest}" if rest else ""]
    return "; ".join(part for part in parts if part)


def _listed(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in settings.items())


def _shown(value: Any) -> str:
    # Servers hold them in half the precision: 0.8 comes back as 0.800000011920929.
    return f"{value:g}" if isinstance(value, float) else msgspec.json.encode(value).decode()
