"""mlx-lm's server."""

from llmbench_plugins.backends.mlx.backend import Mlx

__all__ = ["Mlx"]
