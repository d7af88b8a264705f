"""Makers of boxes, where untrusted code runs."""
