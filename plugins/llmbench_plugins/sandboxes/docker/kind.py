"""What a container is made of: an image, limits that the engine holds it to, and our supervisor as a text."""

import functools
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from llmbench.api import Limits
from llmbench_plugins.shared.owner import owner_labels

if TYPE_CHECKING:
    from docker import APIClient

_MODULES = ("tree", "usage", "program", "box", "session", "supervisor")
_FILES_PER_MB = 100
# /box, /tmp and /dev/shm: each may hold what all may hold together.
_FOLDERS = 3
# Room for the supervisor and its runners, beside what the program may use.
_OWN_MB = 96
_OWN_PROCESSES = 16
_CAPABILITIES = ("SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE", "FOWNER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What containers have in common that can stand for each other."""

    image: str
    memory_mb: int
    processes: int
    disk_mb: int
    output_bytes: int

    @classmethod
    def of(cls, image: str, limits: Limits) -> Self:
        """Return the kind for an image and limits; the time limit is one of each run."""
        return cls(
            image=image,
            memory_mb=limits.memory_mb,
            processes=limits.processes,
            disk_mb=limits.disk_mb,
            output_bytes=limits.output_bytes,
        )


def create(client: "APIClient", kind: Kind, name: str, label: str) -> str:
    """Create a container that is removed when it ends, and ends when its input does; return its id."""
    limits = {**asdict(kind), "files": kind.disk_mb * _FILES_PER_MB}
    del limits["image"]
    created = client.create_container(
        kind.image,
        ["-I", "-S", "-c", _program(), json.dumps(limits)],
        entrypoint=["python3"],
        name=name,
        hostname="box",
        user="0:0",
        working_dir="/",
        stdin_open=True,
        labels=owner_labels(label),
        healthcheck={"Test": ["NONE"]},
        host_config=_host_config(client, kind),
        use_config_proxy=False,
    )
    return str(created["Id"])


def _host_config(client: "APIClient", kind: Kind) -> Any:
    from docker.types import LogConfig

    files = kind.disk_mb * _FILES_PER_MB
    mount = f"rw,exec,nosuid,nodev,size={kind.disk_mb}m,nr_inodes={files},mode=755"
    # Files in a tmpfs count as memory, so the engine's limit is for both; the supervisor watches each. A
    # program that fills all three folders before it looks must not take the memory that this needs.
    memory = f"{kind.memory_mb + _FOLDERS * kind.disk_mb + _OWN_MB}m"
    return client.create_host_config(
        auto_remove=True,
        network_mode="none",
        ipc_mode="private",
        read_only=True,
        log_config=LogConfig(type="none"),
        tmpfs={"/box": mount, "/tmp": mount},  # noqa: S108 - inside
        shm_size=f"{kind.disk_mb}m",
        mem_limit=memory,
        memswap_limit=memory,
        pids_limit=kind.processes + _OWN_PROCESSES,
        security_opt=["no-new-privileges"],
        cap_drop=["ALL"],
        cap_add=list(_CAPABILITIES),
    )


@functools.cache
def _program() -> str:
    """Return the supervisor as one text, so that no file need be in the image or mounted from here."""
    folder = Path(__file__).resolve().parents[1] / "inside"
    sources = {name: (folder / f"{name}.py").read_text(encoding="utf-8") for name in _MODULES}
    return (
        "import sys, types\n"
        "package = sys.modules['inside'] = types.ModuleType('inside')\n"
        "package.__path__ = []\n"
        f"for name, source in {sources!r}.items():\n"
        "    module = sys.modules['inside.' + name] = types.ModuleType('inside.' + name)\n"
        "    module.__package__ = 'inside'\n"
        "    setattr(package, name, module)\n"
        "    exec(compile(source, 'inside/' + name, 'exec'), module.__dict__)\n"
        "package.supervisor.main()\n"
    )
