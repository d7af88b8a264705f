"""Has the engine build images, behind proxies and private authorities too, and shows how it gets on."""

import io
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmbench.api import Context, Toolchain
from llmbench_plugins.sandboxes.docker.images import base_tag, build_context, build_variables, image_tag
from llmbench_plugins.sandboxes.shared.making import NotMadeError, locked, packages_problem
from llmbench_plugins.shared.engine import Engine, EngineError, Events, Layers

if TYPE_CHECKING:
    from docker import APIClient

_LOG_LINES = 25
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SILENT_S = 3600


async def build_image(
    engine: Engine, toolchain: Toolchain, *, ca_bundle: bytes, build_network: str | None, context: Context
) -> str:
    """Build the image unless it is there, and return its tag.

    Raises:
        PrerequisiteError: the build failed; the message ends with its last lines and the cure.
        EngineError: the engine does not answer any more.
    """
    tag = image_tag(toolchain, ca_bundle)
    if await engine.has_image(tag):
        return tag
    if toolchain.packages is not None:
        below = replace(toolchain, packages=None)
        await build_image(engine, below, ca_bundle=ca_bundle, build_network=build_network, context=context)
    context.progress(f"preparing {tag}")
    async with locked(context.cache_dir / "locks" / f"{tag.replace(':', '-')}.lock"):
        if not await engine.has_image(tag):
            context.progress(f"building {tag}")
            await _build(engine, toolchain, tag, ca_bundle, build_network or await _network(engine), context)
    return tag


async def _build(
    engine: Engine, toolchain: Toolchain, tag: str, ca_bundle: bytes, network: str | None, context: Context
) -> None:
    log = _Log(tag, context)
    archive = build_context(toolchain, ca_bundle)
    variables = build_variables({**os.environ, **context.secrets}, ca_bundle)
    if toolchain.packages is not None:
        variables["BASE"] = base_tag(toolchain, ca_bundle)

    def begin(client: "APIClient") -> Events:
        # By the engine's own builder, as BuildKit's wants a session, which the SDK does not know.
        return client.build(
            fileobj=io.BytesIO(archive),
            custom_context=True,
            tag=tag,
            labels={"llmbench.image": toolchain.name},
            buildargs=variables,
            network_mode=network,
            forcerm=True,  # or else it keeps the container of a step that has failed
            decode=True,
            timeout=_SILENT_S,
            use_config_proxy=True,
        )

    try:
        await engine.follow(begin, log)
    except EngineError as error:
        log({"error": str(error)})
    if log.failed:
        failed = NotMadeError(_explain(tag, log.tail), log.tail)
        raise packages_problem(toolchain.packages, failed) if toolchain.packages else failed


class _Log:
    """Shows how a build gets on, and keeps the end of what it says."""

    def __init__(self, tag: str, context: Context) -> None:
        self.tail: list[str] = []
        self.failed = False
        self._tag = tag
        self._progress = context.progress
        self._layers = Layers()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take an event of the engine."""
        self.failed = self.failed or "error" in event
        text = str(event.get("stream") or event.get("error") or "")
        for line in filter(None, map(str.strip, _COLOURS.sub("", text).splitlines())):
            self.tail.append(line)
            del self.tail[:-_LOG_LINES]
            self._show(line)
        if fetched := self._layers(event):
            self._show(f"fetched {fetched} of the image that it is built on")

    def _show(self, line: str) -> None:
        self._progress(f"building {self._tag}: {line}")


async def _network(engine: Engine) -> str | None:
    """Return the network for builds where the engine's usual one is missing."""
    return None if await engine.has(lambda client: client.inspect_network("bridge")) else "host"


def _explain(tag: str, tail: list[str]) -> str:
    return (
        f"the image {tag} could not be built; the end of the log:\n" + "\n".join(tail) + "\n"
        "If the network is the reason: set http_proxy and https_proxy behind a proxy, sandbox.ca_bundle=FILE "
        "where it has a certificate authority of its own, and sandbox.build_network=host where the engine "
        "has no network for builds. Then give the same command again"
    )
