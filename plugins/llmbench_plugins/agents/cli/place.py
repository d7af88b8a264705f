"""Where an outside agent runs: a folder with the files, confined by bubblewrap unless one says otherwise."""

import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from llmbench.api import Context, Files, Limits, Ran, Toolchain, closing
from llmbench.errors import PrerequisiteError, SandboxError
from llmbench_plugins.agents.cli import relay
from llmbench_plugins.sandboxes.shared.files import open_folder, read_files, write_files
from llmbench_plugins.sandboxes.shared.folders import new_folder
from llmbench_plugins.sandboxes.shared.host import hidden_places, lacking_programs, namespace_cure, show
from llmbench_plugins.sandboxes.shared.local_box import LocalBox
from llmbench_plugins.sandboxes.shared.seccomp import seccomp_filter

Isolation = Literal["bubblewrap", "none"]

PORT = 8080
"""Where a confined agent finds the model; nothing else listens in its network."""
_PYTHON = f"{sys.base_prefix}/bin/python3"
_WORK = "/work"
_OWN = "/run/llmbench"
_NO_TOOLCHAIN = Toolchain(name="agent", folder=Path("/nonexistent"), programs=())
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt/llmbench")
_NETWORK_FILES = (
    *("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf"),
    *("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/ca-certificates.conf"),
)
_USERS = "agent:x:1000:1000:agent:{home}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
# A descriptor for bubblewrap can't be handed on through the box, so a shell opens the file.
_WITH_FILTER = 'exec 9<"$1"; shift; exec "$@"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """How agents are confined; the same for all samples of a run."""

    isolation: Isolation
    network: bool
    programs: tuple[str, ...]
    """What is run: where each is installed is shown."""
    show: tuple[str, ...]
    copy: tuple[str, ...]
    processes: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Kept:
    """The files of a place, so that a later try can go on there."""

    work: Files
    home: Files


class Place:
    """A folder for one try, and a way to run programs in it."""

    def __init__(self, box: LocalBox, confinement: Confinement, context: Context) -> None:
        self._box = box
        self._confinement = confinement
        self._context = context
        self._own = box.folder / "own"
        self._home = box.folder / "home"
        for folder in (self._own, self._home, box.folder / "shm"):
            folder.mkdir(mode=0o700)
        (self._own / "passwd").write_text(_USERS.format(home=_home()), encoding="utf-8")
        (self._own / "seccomp").write_bytes(seccomp_filter())
        shutil.copy(relay.__file__, self._own / "relay.py")

    @property
    def confined(self) -> bool:
        """Whether bubblewrap stands around what runs."""
        return self._confinement.isolation == "bubblewrap"

    @property
    def relayed(self) -> bool:
        """Whether the model can only be reached through the relay."""
        return self.confined and not self._confinement.network

    @property
    def folder(self) -> str:
        """The folder of the files, as the agent sees it."""
        return _WORK if self.confined else str(self._box.work)

    @property
    def socket(self) -> Path:
        """Where llmbench listens for the relay."""
        return self._own / "model.sock"

    def write_own(self, name: str, text: str) -> str:
        """Write a file beside the agent's folder, and return its path as the agent sees it."""
        (self._own / name).write_text(text, encoding="utf-8", errors="replace")
        return f"{_OWN}/{name}" if self.confined else str(self._own / name)

    async def put(self, kept: Kept) -> None:
        """Write the files, and into the home folder what it had and what is copied for every try."""
        await self._box.put(kept.work)
        root = open_folder(self._home)
        try:
            write_files(root, {**_copied(self._confinement.copy), **kept.home}, mode=0o600)
        finally:
            os.close(root)

    async def get(self) -> Kept:
        """Return all regular files; links are left out.

        Raises:
            SandboxError: they hold more than the disk limit.
        """
        root = open_folder(self._home)
        try:
            home = read_files(root, limit_bytes=self._confinement.limits.disk_mb << 20)
        finally:
            os.close(root)
        return Kept(work=await self._box.get(), home=home)

    async def run(
        self, argv: Sequence[str], *, env: Mapping[str, str], stdin: bytes, timeout_s: float
    ) -> Ran:
        """Run a program to its end, with everything that it starts."""
        home = {"HOME": _home(), "PATH": os.environ.get("PATH", os.defpath), "TERM": "dumb", "NO_COLOR": "1"}
        temp = {"TMPDIR": "/tmp"} if self.confined else {}  # noqa: S108 - a private one
        return await self._box.run(
            [*self._prefix(), *argv], stdin=stdin, env={**home, **temp, **env}, timeout_s=timeout_s
        )

    def stop(self) -> None:
        """Kill what runs; ``run`` then returns what it had written."""
        self._box.stop()

    def through_relay(self, argv: Sequence[str]) -> list[str]:
        """Return ``argv`` behind the relay, where one is needed."""
        if not self.relayed:
            return list(argv)
        return [_PYTHON, "-I", "-S", f"{_OWN}/relay.py", f"{_OWN}/{self.socket.name}", str(PORT), *argv]

    def _prefix(self) -> list[str]:
        if not self.confined:
            return []
        folder, home = self._box.folder, _home()
        shown = _shown_folders(self._confinement)
        private = (self._context.cache_dir, self._context.work_dir.parent)
        base = show(_NO_TOOLCHAIN, private)
        hidden = hidden_places([*map(Path, _SYSTEM), *shown], private)
        network = [part for name in _NETWORK_FILES for part in ("--ro-bind-try", name, name)]
        return [
            *("/bin/sh", "-c", _WITH_FILTER, "sh", str(self._own / "seccomp")),
            *("bwrap", "--unshare-all", *(["--share-net"] if self._confinement.network else [])),
            *("--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--seccomp", "9"),
            *("--die-with-parent", "--new-session", "--hostname", "box"),
            *base.mounts,
            *(network if self._confinement.network else []),
            *("--ro-bind", str(self._own / "passwd"), "/etc/passwd"),
            *("--proc", "/proc", "--dev", "/dev", "--bind", str(folder / "shm"), "/dev/shm"),  # noqa: S108
            *("--remount-ro", "/dev", "--bind", str(folder / "tmp"), "/tmp"),  # noqa: S108 - inside
            *("--bind", str(self._home), home),
            *(part for path in shown for part in ("--ro-bind", str(path), str(path))),
            *(part for path in hidden for part in ("--tmpfs", path, "--remount-ro", path)),
            *("--bind", str(self._box.work), _WORK, "--ro-bind", str(self._own), _OWN),
            *("--remount-ro", "/", "--chdir", _WORK, "--"),
            *("prlimit", f"--nproc={self._confinement.processes}", "--core=0", "--"),
        ]


@asynccontextmanager
async def placed(confinement: Confinement, context: Context) -> AsyncIterator[Place]:
    """Make a place, and remove it with everything that still runs in it.

    Raises:
        SandboxError: the folder can't be made.
    """
    try:
        box = LocalBox(new_folder(context.label), _NO_TOOLCHAIN, confinement.limits, context.label)
    except OSError as error:
        raise SandboxError(f"can't make a temporary folder for an agent: {error}") from error
    async with closing(box):
        yield Place(box, confinement, context)


def check(confinement: Confinement) -> None:
    """Look whether agents can be confined here as asked.

    Raises:
        PrerequisiteError: they can't; the message says what to do.
    """
    if confinement.isolation == "bubblewrap" and (lacking := lacking_programs(("bwrap", "prlimit"))):
        raise PrerequisiteError(
            f"agent.isolation=bubblewrap: {', '.join(lacking)} not found; on Linux: sudo apt-get install "
            "bubblewrap util-linux. Elsewhere agent.isolation=none runs the agent without any isolation"
        )
    for key, paths in (("show", confinement.show), ("copy", confinement.copy)):
        for path in paths:
            if not path.startswith(("~", "/")):
                raise PrerequisiteError(f"agent.{key}: expected paths that begin with / or ~, got '{path}'")


def cure() -> str:
    """Return what to look at when a program can't be run in the confinement."""
    return f"is what it needs visible there (agent.show)? Otherwise: {namespace_cure()}"


def _home() -> str:
    return os.environ.get("HOME") or "/home/agent"


def _shown_folders(confinement: Confinement) -> list[Path]:
    """Return the folders to show besides the system's; what is not there is passed over."""
    installed = [prefix for program in confinement.programs for prefix in _prefixes(program)]
    more = [Path(path).expanduser() for path in confinement.show]
    wanted = [Path(sys.base_prefix), *installed, *more]
    return [path for path in dict.fromkeys(wanted) if path.exists() and not _of_the_system(path)]


def _prefixes(program: str) -> list[Path]:
    """Return the folders that a program and what its link leads to were installed in."""
    where = shutil.which(program)
    if where is None:
        return []
    home = Path(_home())
    prefixes = []
    for path in (Path(where).absolute(), Path(where).resolve()):
        prefix = _modules(path) or (path.parent.parent if path.parent.name == "bin" else path.parent)
        # ~/.local holds keyrings besides programs, and the home folder everything.
        private = home.is_relative_to(prefix) or prefix == home / ".local"
        prefixes.append(path.parent if private and path.parent != home else prefix)
    return [prefix for prefix in prefixes if not home.is_relative_to(prefix)]


def _modules(path: Path) -> Path | None:
    """Return the folder of Node.js' packages that holds a program: packages lean on their neighbours."""
    return next((parent for parent in reversed(path.parents) if parent.name == "node_modules"), None)


def _of_the_system(path: Path) -> bool:
    return any(path.is_relative_to(name) for name in _SYSTEM)


def _copied(paths: Sequence[str]) -> dict[str, bytes]:
    """Return files of the person's home folder, and of folders there, by their place in it."""
    home, found = Path(_home()), dict[str, bytes]()
    for name in paths:
        path = Path(name).expanduser()
        files = [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.is_relative_to(home):
                found[file.relative_to(home).as_posix()] = file.read_bytes()
    return found
