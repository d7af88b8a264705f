"""What an Ollama server has and holds in memory: look a model up, pull it, read back how it was loaded."""

import hashlib
import re
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

import httpx
import msgspec

from llmbench.errors import BackendError, PrerequisiteError, ProtocolError
from llmbench_plugins.backends.shared.faults import RefusedError
from llmbench_plugins.backends.shared.foreign import (
    NotJson,
    amount,
    count,
    dumps,
    listed,
    loads,
    mapping,
    section,
    whole_text,
    word,
)
from llmbench_plugins.backends.shared.http import Endpoint, read_object
from llmbench_plugins.shared.http import lines_of

_BLOB = re.compile(r"^FROM\s.*\bsha256[-:]([0-9a-f]{64})\s*$", re.MULTILINE)
_SHOW_EVERY_S = 2.0
_GB = 1e9


class Models:
    """The models of one server."""

    def __init__(self, endpoint: Endpoint, *, progress: Callable[[str], None]) -> None:
        self._endpoint = endpoint
        self._progress = progress

    async def show(self, tag: str) -> Mapping[str, Any] | None:
        """Return what the server knows of a model, or None where it has none of that name."""
        try:
            return await self._endpoint.post("/api/show", msgspec.json.encode({"model": tag}), read_object)
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    async def missing(self, tag: str) -> PrerequisiteError:
        """Return the error that names the cure."""
        listing = await self._endpoint.get_json("/api/tags")
        names = sorted(str(entry.get("name")) for entry in listed(listing, "models"))
        has = f"it has {', '.join(names[:10])}{', …' if len(names) > 10 else ''}" if names else "it has none"
        return PrerequisiteError(
            f"Ollama at {self._endpoint.shown_url} has no model '{tag}' ({has}); "
            f"run `ollama pull {tag}`, or let llmbench do so with backend.pull=true"
        )

    async def pull(self, tag: str) -> None:
        """Download a model, showing how far it is; a broken download continues where it ended.

        Raises:
            BackendError: the registry has no such model, the disk is full, the connection is lost.
        """
        body = msgspec.json.encode({"model": tag, "stream": True})
        for tries_left in (2, 1, 0):
            try:
                await self._endpoint.post("/api/pull", body, self._follow(tag))
                return
            except ProtocolError:
                if not tries_left:
                    raise
                self._progress(f"pulling {tag}: the connection broke off, going on")

    async def loaded(self, tag: str) -> Mapping[str, Any] | None:
        """Return how a model lies in memory, or None where it does not."""
        return _named(tag, await self._endpoint.get_json("/api/ps"))

    async def digest(self, tag: str) -> str | None:
        """Return the checksum of a model's manifest."""
        entry = _named(tag, await self._endpoint.get_json("/api/tags")) or {}
        return str(entry["digest"]) if entry.get("digest") else None

    def _follow(self, tag: str) -> Any:
        async def read(response: httpx.Response, started: float) -> None:
            shown, status = monotonic(), ""
            async for line in lines_of(response):
                told = _told(line)
                if told.get("error"):
                    raise BackendError(
                        f"pulling '{tag}' failed: {word(told['error']) or dumps(told['error'])}",
                        raw=dumps(told),
                    )
                status = word(told.get("status")) or status
                if monotonic() - shown > _SHOW_EVERY_S or not told.get("total"):
                    self._progress(f"pulling {tag}: {_far(told, status)}")
                    shown = monotonic()
            if status != "success":
                raise ProtocolError(f"pulling '{tag}' ended with '{status}' and not with 'success'")

        return read


def facts_of(
    tag: str, shown: Mapping[str, Any], loaded: Mapping[str, Any] | None, digest: str | None
) -> dict[str, Any]:
    """Return the provenance of a model; the weights' checksum stands in the name of their blob."""
    details = section(shown, "details")
    blob = _BLOB.search(str(shown.get("modelfile") or ""))
    template = whole_text(str(shown.get("template") or ""))
    loaded = loaded or {}
    return {
        "weights": tag,
        "weights_sha256": blob.group(1) if blob else None,
        "digest": loaded.get("digest") or digest,
        "quantization": details.get("quantization_level"),
        "parameter_size": details.get("parameter_size"),
        "chat_template_sha256": hashlib.sha256(template.encode()).hexdigest() if template else None,
        "renderer": shown.get("renderer"),
        "parser": shown.get("parser"),
        "parameters": str(shown.get("parameters") or "").split("\n") if shown.get("parameters") else None,
        "context": count(loaded.get("context_length")),
        "gpu_share": gpu_share(loaded),
        "remote_host": shown.get("remote_host"),
        "remote_model": shown.get("remote_model"),
    }


def trained_context(shown: Mapping[str, Any]) -> int | None:
    """Return the context that the model was trained for."""
    info = section(shown, "model_info")
    return next((count(value) for key, value in info.items() if key.endswith(".context_length")), None)


def adds_bos(shown: Mapping[str, Any]) -> bool | None:
    """Return whether a beginning-of-sequence token comes first; None where the weights don't say."""
    told = section(shown, "model_info").get("tokenizer.ggml.add_bos_token")
    return told if isinstance(told, bool) else None


def gpu_share(loaded: Mapping[str, Any]) -> float | None:
    """Return which part of the model lies in the GPU's memory, from 0 to 1."""
    size = amount(loaded.get("size")) or 0
    return round((amount(loaded.get("size_vram")) or 0) / size, 3) if size else None


def _told(line: bytes) -> Mapping[str, Any]:
    try:
        return mapping(loads(line)) if line.strip() else {}
    except NotJson as error:
        raise ProtocolError(f"a line of the download is no JSON ({error})", raw=repr(line)) from None


def _named(tag: str, listing: object) -> Mapping[str, Any] | None:
    name = _whole_name(tag)
    return next(
        (entry for entry in listed(listing, "models") if _whole_name(str(entry.get("name"))) == name), None
    )


def _whole_name(tag: str) -> str:
    """Return a name as Ollama compares them: with a tag, and without regard to case."""
    name = tag.lower().removeprefix("registry.ollama.ai/").removeprefix("library/")
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _far(told: Mapping[str, Any], status: str) -> str:
    total, completed = amount(told.get("total")) or 0, amount(told.get("completed")) or 0
    if not total:
        return status
    return f"{completed / _GB:.1f} of {total / _GB:.1f} GB ({completed / total:.0%})"
