"""Makes runs: plan, servers, boxes, samples, limits. The only place where plugins are made."""

from llmbench.runner.run import RunResult, execute
from llmbench.runner.spec import RunSpec

__all__ = ["RunResult", "RunSpec", "execute"]
