"""Keeps books."""
