"""HumanEval+ and MBPP+: outputs compared with the reference's."""

from llmbench_plugins.validators.evalplus.validator import EvalPlus

__all__ = ["EvalPlus"]
