"""The Docker engine as backends and sandboxes reach it: by its SDK, which is imported only when asked."""

from llmbench_plugins.shared.engine.client import Engine, Events, Wire
from llmbench_plugins.shared.engine.endpoint import EngineError, find_endpoint
from llmbench_plugins.shared.engine.fit import connect_fit
from llmbench_plugins.shared.engine.progress import Layers

__all__ = ["Engine", "EngineError", "Events", "Layers", "Wire", "connect_fit", "find_endpoint"]
