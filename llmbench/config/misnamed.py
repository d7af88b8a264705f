"""Whether the answers would come from another model than the one that the report names."""

from collections.abc import Iterable

from llmbench.config.arguments import key_of
from llmbench.config.compose import Composed
from llmbench.runner.spec import Part

_WEIGHTS = ("path", "repo", "file", "tag", "key", "model", "slug")
"""Of a profile's section for a backend: what says which weights are loaded."""
_FILES = ("path", "repo", "file", "revision")
"""Of these, what only a server of ours loads."""


def misnamed(composed: Composed, backend: Part) -> str:
    """Return what to say where the words of the command line are about another model than would answer.

    Where nobody chose one, the profile that stands there by default would give its name to the other's
    answers, or its own answers the other's name; and a server that is up loads no weights for us. Else empty.
    """
    keys = [key_of(override) for override in composed.overrides]
    default = composed.choices.get("model")
    is_attached = getattr(backend.options, "server", "") == "attach"
    own = next((key for key in keys if key.startswith(f"model.sources.{backend.name}.")), "")
    if is_attached and own.rpartition(".")[2] in _FILES:
        return f"{own}: a server that is up has weights of its own; leave it out, or backend.server=attach"
    if default is None or "model" in keys:
        return ""
    key = next((key for key in keys if _is_another(key)), "")
    if not key and is_attached:
        key = "backend.url" if getattr(backend.options, "url", None) else "backend.server"
    if not key:
        return ""
    return (
        f"{key}: no model was chosen, and {default}, which stands there by default, has its own name, "
        f"weights and limits; say which you mean: model=any {_example(key, keys)} "
        "(or a profile: llmbench list models)"
    )


def _is_another(key: str) -> bool:
    return key == "model.name" or (key.startswith("model.sources.") and key.rpartition(".")[2] in _WEIGHTS)


def _example(key: str, keys: Iterable[str]) -> str:
    """Return the words that go with ``model=any``, those that stand there already included."""
    if key.startswith("backend."):
        return f"{key}=…"
    where = next((other for other in keys if other != "model.name" and _is_another(other)), "")
    return f"model.name=NAME {where or 'model.sources.llamacpp.path'}=…"
