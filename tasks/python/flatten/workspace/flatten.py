def flatten(items: list, depth: int = -1) -> list:
    """Replace nested lists by their elements, depth levels deep."""
    raise NotImplementedError
