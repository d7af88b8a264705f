"""The sampler that was in effect, in a line."""

from collections.abc import Mapping
from typing import Any

from llmbench.records.manifest import Manifest, Session
from llmbench.score.sampler import asked_sampler, own_sampler, shown


def sampler(manifest: Manifest, session: Session) -> str:
    """Return the settings, those that were asked for before those that the server has by itself."""
    rest = _listed(own_sampler(manifest, session))
    if not rest and session.server:
        rest = "what it does not tell"
    parts = [_listed(asked_sampler(manifest, session)), f"the server's own: {rest}" if rest else ""]
    return "; ".join(part for part in parts if part)


def _listed(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {shown(value)}" for name, value in settings.items())
