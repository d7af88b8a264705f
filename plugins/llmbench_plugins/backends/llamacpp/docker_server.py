"""Runs a container for as long as this process lives: ``python docker_server.py run NAME SETTINGS``.

SETTINGS is JSON, as the engine's API takes it. What the container writes is written here, and its exit code
is ours. On SIGTERM the container gets one, too. ``python docker_server.py remove NAME`` removes it for sure,
however the other has ended.
"""

import json
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Any

from llmbench_plugins.shared.engine import Engine, EngineError, find_endpoint

_NOT_STARTED = 125
"""As ``docker run`` ends where the engine refuses."""


def main(argv: list[str]) -> int:
    """Run or remove a container."""
    what, name, *settings = argv
    engine = None
    try:
        endpoint = find_endpoint(os.environ)
        if endpoint is None:
            raise EngineError("no engine's socket is here any more")
        engine = Engine.connect(endpoint)
        if what == "run":
            return _run(engine, name, json.loads(settings[0]))
        engine.remove(name)
        return 0
    except EngineError as error:
        sys.stderr.write(f"docker: {error}\n")
        return _NOT_STARTED
    finally:
        if engine is not None:
            engine.close()


def _run(engine: Engine, name: str, settings: dict[str, Any]) -> int:
    # By name alone where the value is to be taken from here: what stands in arguments can be seen by all.
    variables = [(word, *word.partition("=")[1:]) for word in settings.get("Env", ())]
    settings["Env"] = [
        word if given else f"{word}={os.environ[word]}"
        for word, given, _ in variables
        if given or word in os.environ
    ]
    engine.tell(lambda client: client.create_container_from_config(settings, name=name))
    signal.signal(signal.SIGTERM, lambda number, frame: _in_thread(_end, engine, name))
    written = engine.tell(lambda client: client.attach(name, stream=True))
    engine.tell(lambda client: client.start(name))
    for chunk in written:
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    return int(engine.tell(lambda client: client.wait(name))["StatusCode"])


def _end(engine: Engine, name: str) -> None:
    with suppress(EngineError):
        engine.tell(lambda client: client.kill(name, "SIGTERM"))


def _in_thread(function: Any, *arguments: Any) -> None:
    threading.Thread(target=function, args=arguments, daemon=True).start()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
