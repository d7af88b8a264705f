"""Patches: unified diffs, and the envelope that some models write."""

from llmbench_plugins.tools.apply_patch.tool import ApplyPatch

__all__ = ["ApplyPatch"]
