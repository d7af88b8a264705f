"""Arguments of ``docker run`` as the engine takes them: those that model servers are run with."""

import argparse
import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from llmbench.errors import UsageError

_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kmgt]?)b?", re.IGNORECASE)


def size(text: str) -> int:
    """Return bytes for a number with a unit, such as 8g."""
    if text == "-1":
        return -1
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(float(found[1]) * _UNITS[found[2].lower()])


def processors(text: str) -> int:
    """Return billionths of a processor."""
    return int(float(text) * 1e9)


def device(text: str) -> dict[str, str]:
    """Return a device file of the host: PATH[:PATH in the container][:rwm]."""
    path, *rest = text.split(":")
    if not path.startswith("/") or len(rest) > 2:
        raise ValueError(text)
    mode = rest.pop() if rest and set(rest[-1]) <= set("rwm") else "rwm"
    return {"PathOnHost": path, "PathInContainer": rest[0] if rest else path, "CgroupPermissions": mode}


def limit(text: str) -> dict[str, Any]:
    """Return a limit of a process: NAME=SOFT[:HARD]."""
    name, _, values = text.partition("=")
    soft, _, hard = values.partition(":")
    return {"Name": name, "Soft": int(soft), "Hard": int(hard or soft)}


@dataclass(frozen=True, slots=True)
class _Flag:
    names: tuple[str, ...]
    key: str
    """Of the engine's API; what has a dot is in the part about the host."""
    read: Callable[[str], Any] | None = str
    """None where it has no value."""
    many: bool = False


_FLAGS = (
    _Flag(("-e", "--env"), "Env", many=True),
    _Flag(("-u", "--user"), "User"),
    _Flag(("-w", "--workdir"), "WorkingDir"),
    _Flag(("--hostname",), "Hostname"),
    _Flag(("--entrypoint",), "Entrypoint", lambda text: [text]),
    _Flag(("-v", "--volume"), "HostConfig.Binds", many=True),
    _Flag(("--device",), "HostConfig.Devices", device, many=True),
    _Flag(("--group-add",), "HostConfig.GroupAdd", many=True),
    _Flag(("--cap-add",), "HostConfig.CapAdd", many=True),
    _Flag(("--cap-drop",), "HostConfig.CapDrop", many=True),
    _Flag(("--security-opt",), "HostConfig.SecurityOpt", many=True),
    _Flag(("--add-host",), "HostConfig.ExtraHosts", many=True),
    _Flag(("--ulimit",), "HostConfig.Ulimits", limit, many=True),
    _Flag(("--runtime",), "HostConfig.Runtime"),
    _Flag(("--ipc",), "HostConfig.IpcMode"),
    _Flag(("--pid",), "HostConfig.PidMode"),
    _Flag(("--userns",), "HostConfig.UsernsMode"),
    _Flag(("--privileged",), "HostConfig.Privileged", None),
    _Flag(("--read-only",), "HostConfig.ReadonlyRootfs", None),
    _Flag(("--shm-size",), "HostConfig.ShmSize", size),
    _Flag(("-m", "--memory"), "HostConfig.Memory", size),
    _Flag(("--memory-swap",), "HostConfig.MemorySwap", size),
    _Flag(("--cpus",), "HostConfig.NanoCpus", processors),
    _Flag(("--cpuset-cpus",), "HostConfig.CpusetCpus"),
    _Flag(("--cpuset-mems",), "HostConfig.CpusetMems"),
)


def read_docker_args(arguments: Sequence[str]) -> dict[str, Any]:
    """Return a container's settings for arguments of ``docker run``.

    Raises:
        UsageError: one is not known here, or its value can't be read.
    """
    parser = _Parser(add_help=False, allow_abbrev=False)
    for flag in _FLAGS:
        if flag.read is None:
            parser.add_argument(*flag.names, dest=flag.key, action="store_const", const=True)
        else:
            action = "append" if flag.many else "store"
            parser.add_argument(*flag.names, dest=flag.key, action=action, type=flag.read)
    settings: dict[str, Any] = {"HostConfig": {}}
    for key, value in vars(parser.parse_args(list(arguments))).items():
        if value is not None:
            place, _, name = key.rpartition(".")
            (settings[place] if place else settings)[name] = value
    return settings


def read_gpus(text: str) -> dict[str, Any]:
    """Return what the engine is asked for by the value of ``--gpus``.

    Raises:
        UsageError: it can't be read.
    """
    request: dict[str, Any] = {"Capabilities": [["gpu"]]}
    try:
        for field in next(csv.reader([text])):
            name, given, value = field.partition("=")
            if not given or name == "count":
                request["Count"] = -1 if (value or name) == "all" else int(value or name)
            elif name == "device":
                request["DeviceIDs"] = value.split(",")
            elif name == "driver":
                request["Driver"] = value
            elif name == "capabilities":
                request["Capabilities"] = [sorted({"gpu", *value.split(",")})]
            else:
                raise ValueError(name)
    except ValueError:
        raise UsageError(
            f"backend.gpus: {text!r} can't be read; expected all, a number, or device=0"
        ) from None
    return request if "DeviceIDs" in request else {"Count": 1, **request}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        known = ", ".join(flag.names[-1] for flag in _FLAGS)
        raise UsageError(f"backend.docker_args: {message}; known here: {known}")
