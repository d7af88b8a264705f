"""What every process in a box finds in its environment, whatever the sandbox."""

from collections.abc import Mapping

from llmbench.api import Toolchain

WORK_FOLDER = "/box"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def environment(
    toolchain: Toolchain,
    extra: Mapping[str, str] | None,
    *,
    home: str = WORK_FOLDER,
    temp: str = "/tmp",  # noqa: S108 - the box's own, private one
    path: str = PATH,
) -> dict[str, str]:
    """Return the environment of a program in a box: nothing of llmbench's own, where secrets live."""
    base = {
        "PATH": path,
        "HOME": home,
        "LANG": "C.UTF-8",
        "TMPDIR": temp,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return base | dict(toolchain.env) | dict(extra or {})
