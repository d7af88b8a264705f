"""Where the Docker engine of this user listens; found without the SDK, as most runs ask."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

UNIX = "unix://"
_LOOK_S = 5.0


class EngineError(Exception):
    """The engine can't be reached, or has refused what it was asked; the text is in its own words."""

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        """HTTP's: 404 for what is not there, 409 for what is under way; None where nothing came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where an engine listens."""

    url: str = ""
    """Such as unix:///var/run/docker.sock, tcp://host:2376, ssh://user@host; empty for a context."""
    context: str = ""
    """Name of a context, which the SDK reads."""
    named_by: str = ""
    """What names it, as it stands in messages."""


def find_endpoint(environment: Mapping[str, str], sockets: Sequence[Path] | None = None) -> Endpoint | None:
    """Return the engine that the docker command would take, else one of the usual sockets, else None.

    Args:
        environment: has DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, XDG_RUNTIME_DIR and HOME, or lacks them.
        sockets: where engines usually listen; None for the places of this system.
    """
    if host := environment.get("DOCKER_HOST"):
        return Endpoint(url=host, named_by=f"DOCKER_HOST={host}")
    if name := environment.get("DOCKER_CONTEXT"):
        named_by = f"DOCKER_CONTEXT={name}"
    else:
        name = _current_context(environment)
        named_by = f"docker's current context, {name}"
    if name != "default":
        return Endpoint(context=name, named_by=named_by)
    places = usual_sockets(environment) if sockets is None else sockets
    # An engine that has gone leaves its socket behind, and another one may be alive.
    here = sorted(filter(Path.is_socket, places), key=lambda place: bool(why_closed(place)))
    return Endpoint(url=f"{UNIX}{here[0]}", named_by=str(here[0])) if here else None


def usual_sockets(environment: Mapping[str, str]) -> list[Path]:
    """Return where engines listen: the system's, a rootless one, Docker Desktop's."""
    home = Path(environment.get("HOME") or Path.home())
    runtime = environment.get("XDG_RUNTIME_DIR")
    return [
        Path("/var/run/docker.sock"),
        *([Path(runtime, "docker.sock")] if runtime else []),
        home / ".docker/run/docker.sock",
        home / ".docker/desktop/docker.sock",
    ]


def why_closed(place: Path) -> str:
    """Return why a socket can't be connected to, in the system's words, or an empty string."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_LOOK_S)
        try:
            probe.connect(str(place))
        except OSError as error:
            return f"{place}: {error.strerror or error}"
    return ""


def _current_context(environment: Mapping[str, str]) -> str:
    folder = environment.get("DOCKER_CONFIG") or Path(environment.get("HOME") or Path.home(), ".docker")
    try:
        settings = json.loads(Path(folder, "config.json").read_bytes())
    except (OSError, ValueError):
        return "default"
    name = settings.get("currentContext") if isinstance(settings, dict) else None
    return name if isinstance(name, str) and name else "default"
