"""Judges of changed files, which test themselves first."""
