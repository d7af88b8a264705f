"""Images of toolchains: tagged by what they are made of, built behind proxies and private authorities too."""

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from llmbench.api import Context, Toolchain
from llmbench.errors import PrerequisiteError, UsageError
from llmbench_plugins.sandboxes.docker.engine import docker
from llmbench_plugins.sandboxes.shared.making import folder_content, locked

CA_PATH = "/usr/local/share/ca-certificates/llmbench-ca.crt"
_CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
_LOG_LINES = 25
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_BUILD_S = 3600.0


def read_ca_bundle(path: str | None) -> bytes:
    """Return the content of ``sandbox.ca_bundle``, or nothing where none is set.

    Raises:
        UsageError: it can't be read, or holds no certificate.
    """
    if path is None:
        return b""
    try:
        content = Path(path).expanduser().read_bytes()
    except OSError as error:
        raise UsageError(
            f"sandbox.ca_bundle: can't read {path!r}: {error.strerror}; expected a PEM file"
        ) from error
    import ssl

    try:
        ssl.create_default_context().load_verify_locations(cadata=content.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise UsageError(
            f"sandbox.ca_bundle: {path!r} holds no certificates in PEM form ({error})"
        ) from error
    return content


def image_tag(toolchain: Toolchain, ca_bundle: bytes) -> str:
    """Return the name of the image: the same for the same content, another for any other."""
    digest = hashlib.sha256()
    for name, content in _content(toolchain, ca_bundle):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"llmbench-{toolchain.name}:{digest.hexdigest()[:12]}"


async def has_image(tag: str) -> bool:
    """Say whether the engine holds an image."""
    return (await docker("image", "inspect", "--format", "{{.Id}}", tag)).code == 0


async def build_image(
    toolchain: Toolchain, *, ca_bundle: bytes, build_network: str | None, context: Context
) -> str:
    """Build the image unless it is there, and return its tag.

    Raises:
        PrerequisiteError: the build failed; the message ends with its last lines and the cure.
    """
    tag = image_tag(toolchain, ca_bundle)
    if await has_image(tag):
        return tag
    context.progress(f"preparing {tag}")
    async with locked(context.cache_dir / "locks" / f"{tag.replace(':', '-')}.lock"):
        if not await has_image(tag):
            context.progress(f"building {tag}")
            await _build(toolchain, tag, ca_bundle, build_network, context)
    return tag


async def _build(
    toolchain: Toolchain, tag: str, ca_bundle: bytes, build_network: str | None, context: Context
) -> None:
    variables = _proxies(context.secrets or os.environ)
    if ca_bundle:
        variables |= dict.fromkeys(_CA_VARIABLES, CA_PATH)
    # The classic builder keeps the container of a failed step otherwise.
    arguments = ["build", "--force-rm", "--tag", tag, "--label", f"llmbench.image={toolchain.name}"]
    for name in variables:
        # Without a value on the command line, where a proxy's password would be seen by all.
        arguments += ["--build-arg", name]
    if network := build_network or await _network():
        arguments += ["--network", network]
    tail: list[str] = []

    def show(line: str) -> None:
        if text := _COLOURS.sub("", line).strip():
            tail.append(text)
            del tail[:-_LOG_LINES]
            context.progress(f"building {tag}: {text}")

    archive = _archive(toolchain, ca_bundle)
    done = await docker(*arguments, "-", stdin=archive, env=variables, timeout_s=_BUILD_S, on_line=show)
    if done.code != 0:
        raise PrerequisiteError(_explain(tag, tail))


async def _network() -> str:
    """Return the network for builds where the engine's usual one is missing, else an empty string."""
    return "" if (await docker("network", "inspect", "bridge")).code == 0 else "host"


def _explain(tag: str, tail: list[str]) -> str:
    return (
        f"the image {tag} could not be built; the end of the log:\n" + "\n".join(tail) + "\n"
        "If the network is the reason: set http_proxy and https_proxy behind a proxy, sandbox.ca_bundle=FILE "
        "where it has a certificate authority of its own, and sandbox.build_network=host where the engine "
        "has no network for builds. Then: llmbench prepare"
    )


def _content(toolchain: Toolchain, ca_bundle: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the build."""
    yield from folder_content(toolchain)
    # Always there, as a Dockerfile can't copy what may be missing.
    yield "ca/README", b"Certificate authorities from sandbox.ca_bundle.\n"
    if ca_bundle:
        yield "ca/llmbench-ca.crt", ca_bundle


def _archive(toolchain: Toolchain, ca_bundle: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in _content(toolchain, ca_bundle):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _proxies(environment: Mapping[str, str]) -> dict[str, str]:
    names = (*_PROXY_VARIABLES, *(name.upper() for name in _PROXY_VARIABLES))
    return {name: environment[name] for name in names if environment.get(name)}
