def is_palindrome(text: str) -> bool:
    """Say whether the letters and digits read the same both ways."""
    raise NotImplementedError
