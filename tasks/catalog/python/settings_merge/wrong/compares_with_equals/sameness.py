"""When two values are the same."""

MISSING = object()


def frozen(value):
    """Return something hashable that is equal for the same values, and for no others."""
    if isinstance(value, dict):
        return "dict", frozenset((key, frozen(item)) for key, item in value.items())
    if isinstance(value, list):
        return "list", tuple(frozen(item) for item in value)
    return type(value).__name__, value


def same(one, other):
    """Say whether two values are the same, or both missing."""
    return one == other
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(item, other[key]) for key, item in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other
