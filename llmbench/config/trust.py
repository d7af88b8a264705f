"""How far a profile's ``trusted: true`` reaches: only to the answers that its author knew."""

from collections.abc import Sequence

from llmbench.api import ModelProfile
from llmbench.api.options import execution_only
from llmbench.config.arguments import key_of
from llmbench.runner.spec import Part


def still_trusted(model: ModelProfile, backend: Part, overrides: Sequence[str]) -> bool:
    """Say whether the answers are known beforehand, so that they may run without isolation.

    They are not where they come from other weights, from another server or from a file, whatever the
    profile says of its own. ``model.trusted=…`` on the command line is the person's own word.
    """
    keys = [key_of(override) for override in overrides]
    if not model.trusted or "model.trusted" in keys:
        return model.trusted
    if any(key == "model.sources" or key.startswith("model.sources.") for key in keys):
        return False
    if backend.name not in model.sources:
        return not model.sources or "default" in model.sources
    harmless = {f"backend.{name}" for name in execution_only(type(backend.options))}
    return not any(key.startswith("backend.") and key not in harmless for key in keys)
