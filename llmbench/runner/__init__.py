"""Makes runs: plan, servers, boxes, samples, limits. The only place where plugins are made."""

from llmbench.runner.run import execute
from llmbench.runner.spec import RunSpec
from llmbench.runner.surroundings import RunResult

__all__ = ["RunResult", "RunSpec", "execute"]
