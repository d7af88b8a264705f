"""Vue projects: behaviour, types and patterns."""

from llmbench_plugins.validators.vue.validator import Vue

__all__ = ["Vue"]
