"""The place of a bubblewrap box: a tmpfs of limited size in namespaces that a waiting process keeps.

The process waits for the end of its standard input. When llmbench dies, however it dies, the pipe closes, the
process ends, and the tmpfs with everything in it is gone: there is nothing to clean up.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llmbench.api import Limits
from llmbench.errors import SandboxError
from llmbench_plugins.sandboxes.bubblewrap.mounting import hand_in
from llmbench_plugins.sandboxes.shared.files import acting_as, write_files
from llmbench_plugins.sandboxes.shared.host import ROOT, handed
from llmbench_plugins.sandboxes.shared.process import Capped, Identity, Process, spawn
from llmbench_plugins.sandboxes.shared.service import Lines
from llmbench_plugins.shared.owner import owner_mark

FOLDERS = ("box", "tmp", "shm", "read-only", "etc", "empty")
MARK = "llmbench-box"
# Without a program of its own to wait with, which would take as long to start as all else here.
_SCRIPT = "echo $$; while read -r line; do :; done"
_ETC = {
    "passwd": b"nobody:x:65534:65534:nobody:/box:/bin/sh\n",
    "group": b"nogroup:x:65534:\n",
    "hosts": b"127.0.0.1 localhost\n::1 localhost\n",
}
_START_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What is left of a tmpfs."""

    free_bytes: int
    used_files: int


def usage_of(descriptor: int) -> Usage:
    """Return how full the file system of an open folder is."""
    found = os.fstatvfs(descriptor)
    return Usage(free_bytes=found.f_bavail * found.f_frsize, used_files=found.f_files - found.f_ffree)


class Holder:
    """A tmpfs with the folders of one box, reached from the host by descriptors."""

    def __init__(self, process: Process, pid: int) -> None:
        self._process = process
        self.pid = pid
        root = os.open(f"/proc/{pid}/root{ROOT}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._folders = {
                name: os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root)
                for name in FOLDERS
            }
        finally:
            os.close(root)

    @property
    def alive(self) -> bool:
        """Whether the place still exists."""
        return not self._process.exited.done()

    def folder(self, name: str) -> int:
        """Return the descriptor of one of its folders."""
        return self._folders[name]

    def usage(self) -> Usage:
        """Return how full the tmpfs is."""
        return usage_of(self._folders["box"])

    @staticmethod
    def synthetic() -> list[str]:
        """Return the mounts of what programs expect below /etc and the host's own must not be."""
        return [part for name in _ETC for part in ("--ro-bind", f"{ROOT}/etc/{name}", f"/etc/{name}")]

    def enter(self) -> list[str]:
        """Return the beginning of a command line that runs inside the namespaces, as their owner."""
        # Root becomes the owner by entering; any other user is the owner, and may not ask for it.
        keep = [] if os.geteuid() == 0 else ["--preserve-credentials"]
        return ["nsenter", f"--target={self.pid}", "--user", "--mount", *keep, "--"]

    async def close(self) -> None:
        """Give the place up; its content is gone once no process uses it."""
        for descriptor in self._folders.values():
            os.close(descriptor)
        self._folders = {}
        self._process.kill()
        await self._process.wait()
        self._process.close_pipes()


async def hold(limits: Limits, identity: Identity | None, label: str, handing: Sequence[Path] = ()) -> Holder:
    """Make the place of a new box, which also holds some folders of the host, read-only.

    Raises:
        SandboxError: bubblewrap can't make it here.
    """
    lines, errors = Lines(4096), Capped(4096)
    # The label stands in bubblewrap's command line, where `llmbench clean` and a person with `ps` find it.
    # As nobody, the holder could not reach what root keeps in its home: root hands it in afterwards.
    own = handing if identity is None else ()
    later = [handed(n) for n in range(len(handing) - len(own))]
    mark = ("--setenv", MARK, f"{owner_mark()} {label}")
    argv = [*_bwrap(limits, own, later), *mark, "--", "sh", "-c", _SCRIPT]
    process = spawn(
        argv,
        stdout=lines,
        stderr=errors,
        env={"PATH": os.defpath},
        identity=identity,
        new_session=True,  # a Ctrl-C is ours to handle
    )
    process.exited.add_done_callback(lambda _: lines.end("it ended"))
    try:
        async with asyncio.timeout(_START_S):
            pid = int(await lines.next())
        holder = Holder(process, pid)
        with acting_as(identity.uid if identity else None):
            write_files(holder.folder("etc"), _ETC, mode=0o444)
        if identity is not None:
            hand_in(pid, {handed(n): folder for n, folder in enumerate(handing)})
        return holder
    except BaseException as error:
        process.kill()
        await process.wait()
        await asyncio.wait({process.stderr.ended}, timeout=1)
        process.close_pipes()
        if not isinstance(error, Exception):
            raise
        reason = errors.content.decode(errors="replace").strip() or repr(error)
        raise SandboxError(f"bubblewrap could not make a box: {reason}") from error


def _bwrap(limits: Limits, handing: Sequence[Path], later: Sequence[str]) -> list[str]:
    empty = [*(f"{ROOT}/{name}" for name in FOLDERS), *later]
    return [
        *("bwrap", "--unshare-user", "--uid", "0", "--gid", "0", "--die-with-parent", "--new-session"),
        *(
            "--ro-bind",
            "/",
            "/",
            "--dev-bind",
            "/dev",
            "/dev",
            "--bind",
            "/proc",
            "/proc",
            "--size",
            str(limits.disk_mb << 20),
            "--tmpfs",
            ROOT,
        ),
        *(part for path in empty for part in ("--dir", path)),
        *(part for n, path in enumerate(handing) for part in ("--ro-bind", str(path), handed(n))),
    ]
