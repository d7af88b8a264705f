"""Loading a model into LM Studio and out again: over its REST API, or with ``lms`` where that is too old."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Context
from llmbench.errors import BackendError, PrerequisiteError
from llmbench_plugins.backends.lmstudio.options import LmStudioOptions
from llmbench_plugins.backends.shared.foreign import (
    NotJson,
    count,
    dumps,
    entries,
    listed,
    loads,
    mapping,
    section,
    storable,
    word,
)
from llmbench_plugins.backends.shared.http import Endpoint, read_object

_API = "/api/v1/models"
_SHORT_S = 60.0
_TAIL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A model in memory."""

    id: str
    """The name under which it is asked."""
    context: int | None
    slots: int | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    """How it was loaded, as far as the server tells."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the server knows of the weights."""
    ours: bool = True
    """Whether it is unloaded at the end."""


@asynccontextmanager
async def loaded(
    endpoint: Endpoint, key: str, asked: int, options: LmStudioOptions, context: Context
) -> AsyncIterator[Instance]:
    """Load a model with so much context, and unload it at the end.

    An instance of the same context that was there before is used, and left.

    Raises:
        PrerequisiteError: no server answers, or it does not have the model.
        BackendError: the model could not be loaded.
    """
    entries = _entries(await endpoint.get_json(_API))
    if entries is None:
        if await endpoint.get_json("/v1/models") is None:
            raise PrerequisiteError(
                f"no LM Studio answers at {endpoint.shown_url}; start its server with `lms server start`, "
                f"name another with backend.url, or set {options.api_key_env} if it wants a token"
            )
        async with _by_program(key, asked, options, context) as instance:
            yield instance
        return
    entry = _entry(entries, key, endpoint)
    there = next((one for one in _instances(entry) if one.context == asked), None)
    if options.unload_others:
        await _unload_others(endpoint, entries, there, context)
    if there is not None:
        context.progress(f"'{there.id}' is in LM Studio's memory already, with {asked} tokens of context")
        yield there
        return
    if (others := _instances(entry)) and not options.unload_others:
        context.warn(
            f"LM Studio has '{others[0].id}' loaded with {others[0].context} tokens of context already: a "
            f"second one is loaded beside it, with {asked}"
        )
    instance = await _load(endpoint, key, asked, options.source.load, entry)
    try:
        yield instance
    finally:
        await _unload(endpoint, instance, context)


async def _load(
    endpoint: Endpoint, key: str, asked: int, settings: Mapping[str, Any], entry: Mapping[str, Any]
) -> Instance:
    body = {**settings, "model": key, "context_length": asked, "echo_load_config": True}
    told = await endpoint.post(f"{_API}/load", msgspec.json.encode(body), read_object)
    name, config = word(told.get("instance_id")), mapping(told.get("load_config"))
    if not name or told.get("status") != "loaded":
        raise BackendError(f"LM Studio did not load '{key}'", raw=dumps(told))
    there = next(
        (
            one
            for e in _entries(await endpoint.get_json(_API)) or ()
            for one in _instances(e)
            if one.id == name
        ),
        None,
    )
    config = storable(config) or (there.config if there else {})
    return Instance(
        id=name,
        context=count(config.get("context_length")),
        slots=there.slots if there else None,
        config=config,
        facts=_facts(entry),
    )


async def _unload_others(
    endpoint: Endpoint, entries: list[Mapping[str, Any]], kept: Instance | None, context: Context
) -> None:
    """Unload all models but the one that is used as it is, and those that embed, which are small."""
    models = (entry for entry in entries if entry.get("type") != "embedding")
    for instance in (one for entry in models for one in _instances(entry)):
        if kept is None or instance.id != kept.id:
            context.progress(f"unloading {instance.id} from LM Studio")
            await _unload(endpoint, instance, context)


async def _unload(endpoint: Endpoint, instance: Instance, context: Context) -> None:
    try:
        body = msgspec.json.encode({"instance_id": instance.id})
        await endpoint.post(f"{_API}/unload", body, read_object)
    except BackendError as error:
        context.warn(f"'{instance.id}' could not be unloaded: {error}; run `lms unload {instance.id}`")


def _entry(entries: list[Mapping[str, Any]], key: str, endpoint: Endpoint) -> Mapping[str, Any]:
    for entry in entries:
        variants = entry.get("variants")
        if key == entry.get("key") or (isinstance(variants, list) and key in variants):
            return entry
    keys = [str(entry.get("key")) for entry in entries if entry.get("type") != "embedding"]
    raise PrerequisiteError(
        f"LM Studio at {endpoint.shown_url} has no model '{key}'; it has {', '.join(keys) or 'none'}; "
        f"get it with `lms get {key}`, or set model.sources.lmstudio.key to one of these"
    )


def _instances(entry: Mapping[str, Any]) -> list[Instance]:
    found = []
    for one in entries(entry.get("loaded_instances")):
        config = mapping(one.get("config"))
        found.append(
            Instance(
                id=word(one.get("id")),
                context=count(config.get("context_length")),
                slots=count(config.get("parallel")) or None,
                config=storable(config),
                facts=_facts(entry),
                ours=False,
            )
        )
    return found


def _facts(entry: Mapping[str, Any]) -> dict[str, Any]:
    quantization = section(entry, "quantization")
    facts = {
        "weights": entry.get("selected_variant") or entry.get("key"),
        "quantization": quantization.get("name") or word(entry.get("quantization")) or None,
        "bits_per_weight": quantization.get("bits_per_weight"),
        "format": entry.get("format"),
        "architecture": entry.get("architecture"),
        "size_bytes": entry.get("size_bytes"),
        "trained_context": entry.get("max_context_length"),
        "reasoning_options": section(entry, "capabilities").get("reasoning"),
    }
    return dict(storable(facts))


@asynccontextmanager
async def _by_program(
    key: str, asked: int, options: LmStudioOptions, context: Context
) -> AsyncIterator[Instance]:
    """Load with ``lms`` under a name of our own, which answers bear."""
    program = shutil.which(str(Path(options.lms).expanduser()))
    if program is None:
        raise PrerequisiteError(
            f"this LM Studio has no {_API} (it came with 0.4.0), and there is no program '{options.lms}' on "
            "PATH to load the model with; update LM Studio, or run `npx lmstudio install-cli`"
        )
    name = f"llmbench-{context.label}"
    load = ("load", key, "--context-length", str(asked), "--identifier", name)
    try:
        await _run(program, *load, s=options.startup_timeout_s)
    except asyncio.CancelledError:
        # It may go on loading without us.
        with suppress(BackendError):
            await _run(program, "unload", name, s=_SHORT_S)
        raise
    try:
        told = entries(loads(await _run(program, "ps", "--json", s=_SHORT_S)))
        there = storable(next((one for one in told if one.get("identifier") == name), {}))
        context_length = count(there.get("contextLength"))
        yield Instance(id=name, context=context_length, config=there, facts={"weights": key})
    except NotJson as error:
        raise BackendError(f"`lms ps --json` printed no JSON: {error}") from None
    finally:
        try:
            await _run(program, "unload", name, s=_SHORT_S)
        except BackendError as error:
            context.warn(f"'{name}' could not be unloaded: {error}")


async def _run(program: str, *arguments: str, s: float) -> bytes:
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told = f"`lms {' '.join(arguments)}`"
    try:
        async with asyncio.timeout(s):
            out, err = await process.communicate()
    except TimeoutError:
        raise BackendError(f"{told} did not end within {s:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        text = (err or out).decode("utf-8", errors="replace").strip()[-_TAIL:]
        raise BackendError(f"{told} ended with exit code {process.returncode}: {text}")
    return out


def _entries(listing: object) -> list[Mapping[str, Any]] | None:
    there = isinstance(listing, Mapping) and isinstance(listing.get("models"), list)
    return listed(listing, "models") if there else None
