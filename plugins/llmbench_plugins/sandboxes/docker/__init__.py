"""Warm containers of a Docker engine."""

from llmbench_plugins.sandboxes.docker.sandbox import Docker

__all__ = ["Docker"]
