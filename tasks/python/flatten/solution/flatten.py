def flatten(items: list, depth: int = -1) -> list:
    """Replace nested lists by their elements, depth levels deep."""
    result = []
    for item in items:
        if isinstance(item, list) and depth != 0:
            result.extend(flatten(item, depth - 1))
        else:
            result.append(item)
    return result
