"""What the images of toolchains are made of, which also gives them their tags."""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from llmbench.api import Toolchain
from llmbench.errors import UsageError
from llmbench_plugins.sandboxes.shared.making import folder_content, packages_content

CA_PATH = "/usr/local/share/ca-certificates/llmbench-ca.crt"
_CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")


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
    if toolchain.packages is not None:
        below = base_tag(toolchain, ca_bundle)
        return f"llmbench-{toolchain.name}-packages:{_digest(packages_content(toolchain), below)}"
    return base_tag(toolchain, ca_bundle)


def base_tag(toolchain: Toolchain, ca_bundle: bytes) -> str:
    """Return the name of the toolchain's own image, without packages."""
    return f"llmbench-{toolchain.name}:{_digest(_content(toolchain, ca_bundle))}"


def _digest(files: Iterable[tuple[str, bytes]], below: str = "") -> str:
    digest = hashlib.sha256(below.encode())
    for name, content in files:
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def build_context(toolchain: Toolchain, ca_bundle: bytes) -> bytes:
    """Return what an image is built from, as a tar archive."""
    files = packages_content(toolchain) if toolchain.packages else _content(toolchain, ca_bundle)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def build_variables(environment: Mapping[str, str], ca_bundle: bytes) -> dict[str, str]:
    """Return what a build is told of proxies and authorities."""
    names = (*_PROXY_VARIABLES, *(name.upper() for name in _PROXY_VARIABLES))
    variables = {name: environment[name] for name in names if environment.get(name)}
    return variables | (dict.fromkeys(_CA_VARIABLES, CA_PATH) if ca_bundle else {})


def _content(toolchain: Toolchain, ca_bundle: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the build."""
    yield from folder_content(toolchain)
    # Always there, as a Dockerfile can't copy what may be missing.
    yield "ca/README", b"Certificate authorities from sandbox.ca_bundle.\n"
    if ca_bundle:
        yield "ca/llmbench-ca.crt", ca_bundle
