"""Three-way merge of nested settings."""


def merge(base, ours, theirs, rules=()):
    """Return (merged, conflicts)."""
    raise NotImplementedError
