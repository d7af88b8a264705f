"""Exercism's exercises in six languages."""

from llmbench_plugins.datasets.exercism.dataset import Exercism

__all__ = ["Exercism"]
