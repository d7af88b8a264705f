"""A model profile from what a running server says of itself, for ``llmbench new model NAME --url URL``."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from llmbench.errors import BackendError, UsageError

_LIMIT_S = 10.0
_SAMPLER = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
)
_NEUTRAL = {"repeat_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}
_KEEPERS = (
    ("ollama", "tag", "/api/tags", "models", "name"),
    ("lmstudio", "key", "/api/v1/models", "models", "key"),
)
"""Servers that keep models: backend, its word for one, the page that lists them, and their names there."""
_THINKS = ("enable_thinking", "<think>", "reasoning_effort")


def asked_profile(name: str, url: str, *, api_key_env: str) -> str:
    """Ask the server at ``url`` and return the profile as YAML.

    Raises:
        UsageError: ``url`` is no URL, or the server has several models and none of that name.
        BackendError: it can't be reached, or lists no models.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"new model: --url: expected a URL such as http://127.0.0.1:8080, got '{url}'")
    root = url.rstrip("/").removesuffix("/v1")
    key = os.environ.get(api_key_env, "") if api_key_env else ""
    model = _model(name, _get(f"{root}/v1/models", key), root)
    props = _get(f"{root}/props", key, optional=True)
    is_llamacpp = "default_generation_settings" in props
    lines = _llamacpp(props) if is_llamacpp else _other()
    head = [
        f"# llmbench model={name}: as the server at {root} described itself.",
        f"name: {_scalar(name)}",
        f"description: {_scalar(str(model.get('id', name)))}",
    ]
    sources = _own_source(props) if is_llamacpp else _kept_source(str(model.get("id")), root, key)
    any_server = f"  openai: {{model: {_scalar(str(model.get('id')))}}}"
    return "\n".join([*head, *lines, "sources:", *sources, any_server, "reference: {}", ""])


def _model(name: str, listing: Mapping[str, Any], root: str) -> Mapping[str, Any]:
    entries = [entry for entry in listing.get("data") or () if isinstance(entry, Mapping)]
    if not entries:
        raise BackendError(f"new model: {root}/v1/models lists no model; is a model loaded there?")
    for entry in entries:
        if entry.get("id") == name:
            return entry
    if len(entries) > 1:
        ids = ", ".join(str(entry.get("id")) for entry in entries[:20])
        raise UsageError(
            f"new model: the server has several models ({ids}); name the profile like one of them"
        )
    return entries[0]


def _llamacpp(props: Mapping[str, Any]) -> Iterator[str]:
    settings = props["default_generation_settings"]
    params = settings.get("params") or {}
    context = int(settings.get("n_ctx") or 8192)
    thinks = any(word in str(props.get("chat_template", "")) for word in _THINKS)
    answer = min(4096, max(256, context // 4))
    if thinks:
        yield "reasoning:                    # its chat template speaks of thinking; look whether it is right"
        yield f"  {{style: separate, enabled: true, think_tokens: {context // 2}, answer_tokens: {answer}}}"
    else:
        yield f"reasoning: {{style: none, enabled: false, answer_tokens: {answer}}}"
    yield "sampling:                     # what the server does where nobody says otherwise"
    for key in _SAMPLER:
        value = params.get(key)
        if isinstance(value, int | float) and value != _NEUTRAL.get(key):
            yield f"  {key}: {round(value, 4)}"
    yield "  source: the server's own settings; compare them with the model card"


def _own_source(props: Mapping[str, Any]) -> Iterator[str]:
    context = int(props["default_generation_settings"].get("n_ctx") or 8192)
    yield f"  llamacpp: {{path: {_scalar(str(props.get('model_path', '')))}, context: {context}}}"


def _other() -> Iterator[str]:
    yield "reasoning: {style: none, enabled: false, answer_tokens: 4096}  # separate or inline, if it thinks"
    yield "sampling: {}                  # the server's own; set what the model card recommends"


def _kept_source(model: str, root: str, key: str) -> Iterator[str]:
    """Yield the source for the backend that loads models of Ollama or LM Studio, where it is one of them."""
    for backend, word, page, entries, name in _KEEPERS:
        listed = _get(f"{root}{page}", key, optional=True).get(entries)
        found = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
        if any(entry.get(name) == model for entry in found):
            yield f"  {backend}: {{{word}: {_scalar(model)}}}"


def _get(url: str, key: str, *, optional: bool = False) -> Mapping[str, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})  # noqa: S310 - the scheme was checked
    # This machine is reached directly, whatever proxy there is.
    near = request.host.partition(":")[0] in ("localhost", "127.0.0.1")
    opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if near else []))
    try:
        with opener.open(request, timeout=_LIMIT_S) as response:
            decoded = json.loads(response.read())
    except (OSError, ValueError) as error:
        if optional:
            return {}
        hint = "; it wants a key: --api-key-env NAME" if getattr(error, "code", 0) in (401, 403) else ""
        raise BackendError(f"new model: {url} can't be read: {error}{hint}") from None
    return decoded if isinstance(decoded, Mapping) else {}


def _scalar(text: str) -> str:
    """Return text as YAML, of which JSON is a part."""
    return json.dumps(text, ensure_ascii=False)
