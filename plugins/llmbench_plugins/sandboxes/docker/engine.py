"""Docker by its command line, which honours contexts, DOCKER_HOST, Docker Desktop and rootless engines."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llmbench_plugins.sandboxes.shared.process import Capped, by_line, finished, spawn

_KEPT = 1 << 20
_ENGINE_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command of Docker ended."""

    code: int
    stdout: str
    stderr: str


async def docker(
    *arguments: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
    on_line: Callable[[str], None] | None = None,
) -> Done:
    """Run one command of Docker; exit code 124 where it took longer than ``timeout_s``."""
    out, err = Capped(_KEPT), Capped(_KEPT)
    show = by_line(on_line) if on_line else lambda chunk: None

    def hear(sink: Capped) -> Callable[[bytes], None]:
        def add(chunk: bytes) -> None:
            sink(chunk)
            show(chunk)

        return add

    try:
        process = spawn(
            ["docker", *arguments], stdout=hear(out), stderr=hear(err), env={**os.environ, **(env or {})}
        )
    except OSError as error:
        return Done(code=127, stdout="", stderr=str(error))
    code = await finished(process, stdin=stdin, timeout_s=timeout_s)
    return Done(
        code=code, stdout=out.content.decode(errors="replace"), stderr=err.content.decode(errors="replace")
    )


async def why_no_engine() -> str:
    """Return why no engine for Linux containers answers, with the cure, or an empty string."""
    if shutil.which("docker") is None:
        return "docker is not installed; see https://docs.docker.com/get-started/get-docker/"
    form = "{{.ServerVersion}}|{{.OSType}}|{{.MemoryLimit}}|{{.PidsLimit}}"
    done = await docker("info", "--format", form, timeout_s=_ENGINE_S)
    version, *found = done.stdout.strip().split("|")
    if (
        done.code == 0 and version
    ):  # without an engine, some versions of the client succeed with nothing to say
        return _why_unfit(*found)
    said = (done.stderr or done.stdout).strip()[-300:]
    if "permission denied" in said.lower():
        return (
            f"the Docker engine refuses this user ({said}); "
            "add the user to its group: sudo usermod -aG docker $USER, then log in again"
        )
    reason = f"not within {_ENGINE_S:.0f} s" if done.code == 124 else said
    return (
        f"no Docker engine answers ({reason}); start it: sudo systemctl start docker, or open Docker Desktop"
    )


def _why_unfit(system: str, limits_memory: str, limits_processes: str) -> str:
    if system != "linux":
        return f"the Docker engine runs {system} containers; switch it to Linux containers"
    if (limits_memory, limits_processes) != ("true", "true"):
        # It would start containers all the same, with a warning and without the limits.
        return (
            "the Docker engine can't limit memory and processes (a rootless one needs delegated control "
            "groups: https://rootlesscontaine.rs/getting-started/common/cgroup2/); use sandbox=bubblewrap"
        )
    return ""
