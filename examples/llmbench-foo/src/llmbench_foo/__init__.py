"""An example plugin for llmbench. Keep this file empty: reading the YAML beside it imports it."""
