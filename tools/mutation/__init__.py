"""Mutants of references: what ``tools/mutants.py`` makes, and what is known of them."""
