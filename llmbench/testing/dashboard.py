"""The dashboard on a free port of this machine, for as long as a test or a benchmark needs it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from llmbench.serve.app import create_app
from llmbench.serve.server import Server, listening
from llmbench.serve.settings import Settings

_PATIENCE_S = 20.0


@contextmanager
def served(settings: Settings) -> Iterator[Settings]:
    """Serve in a thread; yields the settings with the port that was free."""
    with listening(settings.host, 0) as opened:
        bound = replace(settings, port=opened.getsockname()[1])
        server = Server(create_app(bound))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
        thread.start()
        try:
            yield bound
        finally:
            server.should_exit = True
            thread.join(_PATIENCE_S)
            if thread.is_alive():
                raise RuntimeError("the dashboard did not end")
