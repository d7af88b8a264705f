"""The embedded llama.cpp server: ``python embedded_server.py SETTINGS`` serves until it is ended.

SETTINGS is JSON: fields of ``xllamacpp.CommonParams`` by dotted name, and ``url_file``, which gets the
address once the model is loaded. It is a process of its own because a fault in native code ends the process.
"""

import json
import sys
import threading
from enum import Enum
from pathlib import Path
from typing import Any


def main(settings: dict[str, Any]) -> int:
    """Serve; return 1 where the server does not start (why is on stderr)."""
    import xllamacpp

    url_file = Path(settings.pop("url_file"))
    params = xllamacpp.CommonParams()
    for name, value in settings.items():
        _set(params, name, value)
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    written = url_file.with_suffix(".new")
    written.write_text(server.listening_address, encoding="utf-8")
    written.replace(url_file)
    threading.Event().wait()
    return 0


def _set(params: Any, name: str, value: Any) -> None:
    *owners, last = name.split(".")
    for owner in owners:
        params = getattr(params, owner)
    present = getattr(params, last)
    if isinstance(present, Enum):
        value = _member(type(present), str(value))
    setattr(params, last, value)


def _member(enum: type[Enum], word: str) -> Enum:
    """Return the member whose name ends in ``word``: ``q8_0`` is ``GGML_TYPE_Q8_0``."""
    ending = "_" + word.lower().replace("-", "_")
    for member in enum:
        if member.name.lower().endswith(ending):
            return member
    raise SystemExit(f"no '{word}' among {', '.join(member.name for member in enum)}")


if __name__ == "__main__":
    raise SystemExit(main(json.loads(sys.argv[1])))
