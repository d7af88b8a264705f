"""Exercism's own tests."""

from llmbench_plugins.validators.exercism.validator import Exercism

__all__ = ["Exercism"]
