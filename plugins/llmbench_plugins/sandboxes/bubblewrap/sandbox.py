"""Sandbox ``bubblewrap``: namespaces of the kernel, without an engine and without root (Linux)."""

import asyncio
import functools
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from llmbench.api import (
    Box,
    Context,
    Files,
    Leftover,
    Limits,
    NoOptions,
    PythonProgram,
    Ran,
    Sandbox,
    Service,
    Toolchain,
    clean_path,
    closing,
)
from llmbench.errors import PrerequisiteError, SandboxError
from llmbench_plugins.sandboxes.bubblewrap.bwrap_run import BwrapRun, Confinement
from llmbench_plugins.sandboxes.bubblewrap.holder import MARK, Holder, hold
from llmbench_plugins.sandboxes.bubblewrap.nurseries import Nurseries
from llmbench_plugins.sandboxes.bubblewrap.nursery import OWN_LIMITS, Nursery
from llmbench_plugins.sandboxes.shared.environment import environment
from llmbench_plugins.sandboxes.shared.files import acting_as, make_folders, read_files, write_files
from llmbench_plugins.sandboxes.shared.host import (
    Libraries,
    Shown,
    lacking_programs,
    namespace_cure,
    old_kernel,
    show,
)
from llmbench_plugins.sandboxes.shared.leftovers import marked
from llmbench_plugins.sandboxes.shared.libraries import (
    install_libraries,
    install_packages,
    libraries_folder,
    packages_folder,
)
from llmbench_plugins.sandboxes.shared.process import Capped, Identity
from llmbench_plugins.sandboxes.shared.seccomp import seccomp_filter
from llmbench_plugins.sandboxes.shared.service import Lines, LineService
from llmbench_plugins.sandboxes.shared.trial import TRIAL, try_programs

_NOBODY = 65534
_TOOLS = {"bwrap": "bubblewrap", "nsenter": "util-linux", "prlimit": "util-linux", "setpriv": "util-linux"}


class Bubblewrap(Sandbox):
    """Makes boxes with bubblewrap; each program runs in namespaces of its own, made in a few milliseconds."""

    Options = NoOptions

    def __init__(self, options: Any, context: Context) -> None:
        super().__init__(options, context)
        # Root is not root inside anyway, but a process that breaks out should be nobody outside too.
        self._identity = Identity(uid=_NOBODY, gid=_NOBODY) if os.geteuid() == 0 else None
        self._boxes: set[BubblewrapBox] = set()
        self._tried: dict[str, str] = {}
        self._shows: dict[tuple[Toolchain, Libraries], Shown] = {}
        self._nurseries = Nurseries(self._start_nursery, context.warn)

    async def missing(self, toolchain: Toolchain) -> str:
        """Return what bubblewrap or the host lacks, found by really running the toolchain's programs."""
        if toolchain.name not in self._tried:
            self._tried[toolchain.name] = _missing_tools() or await self._try(toolchain)
        return self._tried[toolchain.name]

    async def prepare(self, toolchain: Toolchain) -> None:
        """Check that the host has the programs, and make the libraries.

        Raises:
            PrerequisiteError: something is missing, or the libraries can't be made.
        """
        if reason := await self.missing(toolchain):
            raise PrerequisiteError(f"sandbox=bubblewrap: {reason}")
        await install_libraries(toolchain, self.context)
        if toolchain.packages is not None:
            await install_packages(toolchain, self.context, path=show(toolchain, ()).path)

    async def open(self, toolchain: Toolchain, limits: Limits) -> Box:
        """Open a fresh box."""
        return await self._open(toolchain, limits, self._libraries(toolchain))

    async def serve(self, toolchain: Toolchain, limits: Limits, program: PythonProgram) -> Service:
        """Start a program in a fresh box as a copy of one that is kept warm; that takes five milliseconds."""
        nursery = await self._nurseries.get(toolchain, program)
        if nursery is None:
            return await super().serve(toolchain, limits, program)
        return nursery.serve(limits)

    async def _start_nursery(self, toolchain: Toolchain, program: PythonProgram) -> Nursery:
        holder, confinement = await self._place(
            toolchain, OWN_LIMITS, self._libraries(toolchain), nested=True
        )
        variables = environment(toolchain, None, path=confinement.shown.path)
        return await Nursery.start(
            program, holder, confinement=confinement, env=variables, identity=self._identity
        )

    def _libraries(self, toolchain: Toolchain) -> Libraries:
        libraries = libraries_folder(toolchain, self.context.cache_dir)
        packages = packages_folder(toolchain, self.context.cache_dir)
        for what, folder in (("libraries", libraries), ("packages", packages)):
            if folder is not None and not folder.is_dir():
                raise SandboxError(
                    f"the {what} of toolchain {toolchain.id} are not installed; install them: "
                    "llmbench prepare sandbox=bubblewrap, and the other words of this run (dataset=…)"
                )
        return Libraries.of(toolchain, libraries, packages)

    async def _open(self, toolchain: Toolchain, limits: Limits, libraries: Libraries) -> Box:
        holder, confinement = await self._place(toolchain, limits, libraries)
        box = BubblewrapBox(holder, toolchain, confinement, self._identity)
        self._boxes.add(box)
        box.on_close = self._boxes.discard
        return box

    async def _place(
        self, toolchain: Toolchain, limits: Limits, libraries: Libraries, *, nested: bool = False
    ) -> tuple[Holder, Confinement]:
        shown = self._shown(toolchain, libraries)
        holder = await hold(limits, self._identity, self.context.label, shown.folders)
        confinement = Confinement(
            shown=shown,
            limits=limits,
            seccomp=seccomp_filter(),
            disable_userns=_disables_userns(),
            nested=nested,
        )
        return holder, confinement

    def _shown(self, toolchain: Toolchain, libraries: Libraries) -> Shown:
        """Return what of this host a box sees, which is the same for all boxes of a run."""
        if (found := self._shows.get((toolchain, libraries))) is None:
            found = show(toolchain, (self.context.cache_dir, self.context.work_dir), libraries)
            self._shows[toolchain, libraries] = found
        return found

    async def close(self) -> None:
        """Close all boxes, and end what is kept warm."""
        for box in tuple(self._boxes):
            await box.close()
        await self._nurseries.close()

    async def leftovers(self) -> Sequence[Leftover]:
        """Return the processes that keep boxes; everything else ends with them."""
        return await asyncio.to_thread(marked, MARK)

    async def _try(self, toolchain: Toolchain) -> str:
        try:
            box = await self._open(toolchain, TRIAL, Libraries())
            async with closing(box):
                return await try_programs(box, toolchain)
        except SandboxError as error:
            return f"{error}; {namespace_cure()}"


class BubblewrapBox(Box):
    """A tmpfs for the files, and one bubblewrap for each program that runs on them."""

    def __init__(
        self, holder: Holder, toolchain: Toolchain, confinement: Confinement, identity: Identity | None
    ) -> None:
        self._holder = holder
        self._toolchain = toolchain
        self._confinement = confinement
        self._uid = identity.uid if identity else None
        self._read_only: dict[str, bytes] = {}
        self._guarded: dict[str, None] = {}
        self._runs: set[BwrapRun] = set()
        self._closed = False
        self.on_close: Any = lambda box: None

    async def put(self, files: Files, *, read_only: bool = False) -> None:
        """Write files below the work folder."""
        self._check_open()
        files = {clean_path(path): content for path, content in files.items()}
        if read_only and self._runs:
            # A process that runs already does not have the mounts that will protect these files.
            raise SandboxError("read-only files can't be put while something runs in the box; close it first")
        with acting_as(self._uid):
            write_files(self._holder.folder("box"), files)
            if read_only:
                write_files(self._holder.folder("read-only"), files, mode=0o444)
                for path in files:
                    self._guarded |= dict.fromkeys(make_folders(self._holder.folder("box"), path))
        for path, content in files.items():
            self._read_only.pop(path, None)
            if read_only:
                self._read_only[path] = content

    async def get(self, *, skip: Sequence[str] = ()) -> Files:
        """Return the regular files of the work folder, but for those below folders to ``skip``."""
        self._check_open()
        limit_bytes = self._confinement.limits.disk_mb << 20
        with acting_as(self._uid):
            found = read_files(self._holder.folder("box"), limit_bytes=limit_bytes, skip=skip)
        return found | self._read_only

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Ran:
        """Run a program to its end."""
        limits = self._confinement.limits
        out, err = Capped(limits.output_bytes), Capped(limits.output_bytes)
        run = self._start(argv, env, out, err)
        try:
            run.process.stdin.write(stdin)
            run.process.stdin.finish()
            await run.supervise(limits.wall_s if timeout_s is None else timeout_s)
            return await run.finish(out, err)
        finally:
            await self._end(run)

    async def serve(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> Service:
        """Start a long-lived process."""
        limits = self._confinement.limits
        lines, err = Lines(limits.output_bytes), Capped(limits.output_bytes)
        run = self._start(argv, env, lines, err)
        watch = asyncio.ensure_future(run.supervise(None))
        run.process.stdout.ended.add_done_callback(lambda _: lines.end("it ended"))

        async def ask(line: bytes) -> bytes:
            return await lines.after(run.process.stdin.write, line)

        async def stop() -> Ran:
            try:
                await run.process.ending()
                await run.kill()
                await watch
                return await run.finish(Capped(0), err)
            finally:
                await self._end(run)

        service = LineService(ask, stop)
        run.on_close = service.close
        return service

    async def close(self) -> None:
        """Kill what runs and give the tmpfs up."""
        if self._closed:
            return
        self._closed = True
        try:
            for run in tuple(self._runs):
                await run.close()
        finally:
            await asyncio.shield(asyncio.ensure_future(self._holder.close()))
            self.on_close(self)

    def _check_open(self) -> None:
        if self._closed or not self._holder.alive:
            raise SandboxError("the box is closed")

    def _start(self, argv: Sequence[str], env: Mapping[str, str] | None, out: Any, err: Any) -> BwrapRun:
        self._check_open()
        variables = environment(self._toolchain, env, path=self._confinement.shown.path)
        run = BwrapRun.start(
            argv,
            variables,
            holder=self._holder,
            confinement=self._confinement,
            guarded=sorted(self._guarded),
            read_only=sorted(self._read_only),
            stdout=out,
            stderr=err,
        )
        self._runs.add(run)
        return run

    async def _end(self, run: BwrapRun) -> None:
        try:
            await asyncio.shield(asyncio.ensure_future(run.kill()))
        finally:
            run.process.close_pipes()
            self._runs.discard(run)


def _missing_tools() -> str:
    if sys.platform != "linux":
        return "bubblewrap runs on Linux only; use sandbox=docker"
    if lacking := lacking_programs(tuple(_TOOLS)):
        packages = " ".join(sorted({_TOOLS[name] for name in lacking}))
        return f"{', '.join(lacking)} not found; install: sudo apt-get install {packages}"
    if release := old_kernel():
        return f"bubblewrap boxes need Linux 5.14 or newer (this is {release}); use sandbox=docker"
    return ""


@functools.cache
def _disables_userns() -> bool:
    """Say whether this bubblewrap (0.8 or newer) can forbid further user namespaces."""
    said = subprocess.run(["bwrap", "--help"], capture_output=True, check=False, timeout=20)
    return b"--disable-userns" in said.stdout + said.stderr
