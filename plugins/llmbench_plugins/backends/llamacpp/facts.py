"""What a llama.cpp server says of itself in ``/props`` and ``/v1/models``."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmbench.errors import BackendError
from llmbench_plugins.backends.shared.foreign import count, listed, mapping, section, storable

_OFFLOADED = re.compile(rb"offloaded (\d+)/(\d+) layers to GPU")
_PACKAGE = re.compile(r"\d{4}\.\d{1,2}\.(\d+)(?:\.post\d+)?")
_CONTEXT_STEP = 256
"""The server rounds the context of a slot up to a multiple of this."""
_SAMPLER_KEYS = (
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "repeat_penalty",
    "repeat_last_n",
    "presence_penalty",
    "frequency_penalty",
    "samplers",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """The two answers, empty where the server has no such page."""

    props: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    package: str = ""
    """The version of the ``xllamacpp`` that carries it, if any."""

    @property
    def slots(self) -> int | None:
        """How many requests it serves at once."""
        return count(self.props.get("total_slots")) or None

    @property
    def context(self) -> int | None:
        """Tokens of context a slot."""
        return count(section(self.props, "default_generation_settings").get("n_ctx"))

    @property
    def takes_tools(self) -> bool:
        """Whether the chat template shows tools to the model; without, the server ignores them in silence."""
        return section(self.props, "chat_template_caps").get("supports_tools") is not False

    @property
    def described(self) -> dict[str, Any]:
        """What belongs into the provenance."""
        template = self.props.get("chat_template")
        template = template if isinstance(template, str) else ""
        defaults = section(self.props, "default_generation_settings", "params")
        return {
            "build": build_of(self.props.get("build_info"), self.package),
            "weights": self.props.get("model_path"),
            "quantization": self.props.get("model_ftype") or self.meta.get("ftype"),
            "parameters": count(self.meta.get("n_params")),
            "trained_context": count(self.meta.get("n_ctx_train")),
            "chat_template_sha256": (
                hashlib.sha256(template.encode(errors="replace")).hexdigest() if template else None
            ),
            "context": self.context,
            "slots": self.slots,
            "sampler": {key: defaults[key] for key in _SAMPLER_KEYS if key in defaults},
        }

    def check(self, *, weights: str, context: int, log: Path) -> None:
        """Check that a server of ours is the one that was meant.

        Raises:
            BackendError: it serves other weights, or a slot has another context than was asked for.
        """
        loaded = Path(str(self.props.get("model_path", ""))).name
        # llama-server puts the repository's name before that of a file that it has fetched itself.
        if not loaded.endswith(weights):
            raise BackendError(f"the server serves '{loaded}' instead of '{weights}'; see {log}")
        if self.context is None or not context <= self.context < context + _CONTEXT_STEP:
            trained = self.meta.get("n_ctx_train")
            raise BackendError(
                f"the server has {self.context} tokens of context a slot, and {context} were asked for "
                f"(model.sources.llamacpp.context); the model was trained with {trained}; see {log}"
            )

    def warnings(self, *, url: str, context: int | None, slots: int) -> list[str]:
        """Return what to tell about a server of somebody else, which is taken as it is."""
        if self.context is None:
            missing = f"{url}/props does not say how many slots of what context there are"
            return [f"{missing}: {slots} requests are sent at once (backend.slots)"]
        if context is not None and self.context < context:
            return [
                f"{url} has {self.context} tokens of context a slot; the model profile asks for {context}"
            ]
        return []


def layers_on_gpu(log: bytes) -> tuple[int, int] | None:
    """Return how many layers of how many lie on the GPU, where the log tells it (at its verbosity)."""
    found = _OFFLOADED.search(log)
    return (int(found[1]), int(found[2])) if found else None


def build_of(told: object, package: str) -> object:
    """Return what a server was built from: what it says itself, and the version of ``xllamacpp`` around it.

    The package compiles llama.cpp without its number ("b0-unknown"), and ends its own version with it.
    """
    if not package:
        return told
    number = _PACKAGE.fullmatch(package)
    if number is not None and str(told).startswith("b0-"):
        told = f"b{number[1]}"
    return f"xllamacpp {package}, llama.cpp {told}"


def facts_of(props: object, models: object, package: str = "") -> Facts:
    """Return the facts from the decoded pages, whatever they hold."""
    first = next(iter(listed(models, "data")), {})
    return Facts(props=mapping(storable(props)), meta=section(first, "meta"), package=package)
