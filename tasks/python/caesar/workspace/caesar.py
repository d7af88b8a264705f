def rotate(text: str, shift: int) -> str:
    """Move each letter shift places along the alphabet."""
    raise NotImplementedError
