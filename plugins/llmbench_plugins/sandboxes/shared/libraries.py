"""Libraries of a toolchain for boxes that use the host's programs: made once, in the user's cache."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from llmbench.api import Context, Toolchain
from llmbench_plugins.sandboxes.shared.environment import PATH
from llmbench_plugins.sandboxes.shared.making import (
    NotMadeError,
    folder_content,
    locked,
    packages_content,
    packages_problem,
)
from llmbench_plugins.sandboxes.shared.process import by_line, finished, spawn

BOX_PATH = "LLMBENCH_BOX_PATH"
"""Tells a script that installs packages on which search path the programs are that a box has."""
_INSTALL_S = 1800.0
_LOCKS = {"toolchains": "toolchain", "packages": "packages"}
_LOG_LINES = 25
# What package managers need to know of this machine; keys of model servers are none of their business.
_PREFIXES = (
    "CARGO_",
    "RUSTUP_",
    "GO",
    "NPM_CONFIG_",
    "NODE_",
    "JAVA_",
    "MAVEN_",
    "PIP_",
    "SSL_",
    "CURL_",
    "LC_",
)
_NAMES = ("HOME", "USER", "LANG", "TMPDIR", "PATH", "REQUESTS_CA_BUNDLE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")


def libraries_folder(toolchain: Toolchain, cache_dir: Path) -> Path | None:
    """Return where the libraries of a toolchain are, or will be; None where it has none."""
    if not toolchain.install:
        return None
    digest = hashlib.sha256(toolchain.install.encode())
    for name, content in folder_content(toolchain):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return cache_dir / "toolchains" / f"{toolchain.name}-{digest.hexdigest()[:12]}"


def packages_folder(toolchain: Toolchain, cache_dir: Path) -> Path | None:
    """Return where the packages in a toolchain are, or will be; None where there are none."""
    if toolchain.packages is None:
        return None
    digest = hashlib.sha256()
    for name, content in packages_content(toolchain):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return cache_dir / "packages" / f"{toolchain.name}-{digest.hexdigest()[:12]}"


async def install_libraries(toolchain: Toolchain, context: Context) -> None:
    """Run the toolchain's script for a folder of the user's cache, unless that was done before.

    Raises:
        PrerequisiteError: the script failed; the message ends with its last lines.
    """
    if (folder := libraries_folder(toolchain, context.cache_dir)) is not None:
        what = f"the libraries of toolchain {toolchain.name}"
        await _once(_Job(what=what, script=toolchain.folder / toolchain.install), folder, context)


async def install_packages(toolchain: Toolchain, context: Context, *, path: str) -> None:
    """Install the packages in a toolchain into a folder of the user's cache, unless that was done before.

    Args:
        toolchain: with packages, or there is nothing to do.
        context: of the sandbox.
        path: the search path of boxes, on which the programs are that packages are for.

    Raises:
        PrerequisiteError: they can't be had; the first line of the message says which, and why.
    """
    packages, folder = toolchain.packages, packages_folder(toolchain, context.cache_dir)
    if packages is None or folder is None or folder.is_dir():
        return
    with tempfile.TemporaryDirectory(prefix="llmbench-") as wanted:
        for name, text in packages.files:
            Path(wanted, name).write_text(text, encoding="utf-8")
        job = _Job(
            what=f"packages for toolchain {toolchain.name}",
            script=toolchain.folder / "packages" / "install.sh",
            arguments=(wanted,),
            env={BOX_PATH: path},
        )
        try:
            await _once(job, folder, context)
        except NotMadeError as error:
            raise packages_problem(packages, error) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A script that makes a folder."""

    what: str
    script: Path
    arguments: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


async def _once(job: _Job, folder: Path, context: Context) -> None:
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    async with locked(context.cache_dir / "locks" / f"{_LOCKS[folder.parent.name]}-{folder.name}.lock"):
        if not folder.is_dir():
            await _install(job, folder, context)


async def _install(job: _Job, folder: Path, context: Context) -> None:
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made = work / "made"
        await _run_script(job, made, context)
        # Boxes of root run as nobody, who must be able to read what was made for all.
        made.chmod(0o755)
        made.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


async def _run_script(job: _Job, made: Path, context: Context) -> None:
    what = f"installing {job.what}"
    context.progress(what)
    tail: list[str] = []

    def tell(line: str) -> None:
        tail.append(line)
        del tail[:-_LOG_LINES]
        context.progress(f"{what}: {line[:200]}")

    hear = by_line(tell)
    # A session of its own: what the script has started ends with it.
    process = spawn(
        ["/bin/sh", str(job.script), str(made), *job.arguments],
        stdout=hear,
        stderr=hear,
        env={**_environment({**os.environ, **context.secrets}), **job.env},
        new_session=True,
    )
    code = await finished(process, timeout_s=_INSTALL_S)
    hear(b"\n")
    if code != 0 or not made.is_dir():
        raise NotMadeError(_explain(job, code, tail), tail)


def _explain(job: _Job, code: int, tail: list[str]) -> str:
    return (
        f"{job.what} could not be installed ({job.script} ended with exit code {code}); "
        "the end of its log:\n" + "\n".join(tail) + "\n"
        "If the network is the reason: set http_proxy and https_proxy behind a proxy, and "
        "SSL_CERT_FILE (for npm NODE_EXTRA_CA_CERTS) where it has a certificate authority of its own. Then "
        "give the same command again"
    )


def _environment(outer: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in outer.items()
        if name.upper() in (*_NAMES, *_PROXIES) or name.upper().startswith(_PREFIXES)
    }
    # Scripts may use python3, and llmbench itself runs on one.
    own = f"{sys.base_prefix}/bin"
    return kept | {"PATH": f"{kept.get('PATH', PATH)}:{own}"}
