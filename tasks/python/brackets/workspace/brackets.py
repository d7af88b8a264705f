def is_balanced(text: str) -> bool:
    """Say whether all brackets are closed in the right order."""
    raise NotImplementedError
