"""The engine for tests in a task's own language: it runs them, says what can be believed of them, and judges.

A validator describes a task's tests as a ``Suite`` and asks a ``Judge``; what is one dataset's own (its
layout, which skipped tests are woken) stays with that validator.
"""

from llmbench_plugins.validators.native.judge import Judge, feedback, toolchains
from llmbench_plugins.validators.native.suite import Suite

__all__ = ["Judge", "Suite", "feedback", "toolchains"]
