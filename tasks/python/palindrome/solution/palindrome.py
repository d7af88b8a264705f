def is_palindrome(text: str) -> bool:
    """Say whether the letters and digits read the same both ways."""
    kept = [char for char in text.lower() if char.isalnum()]
    return kept == kept[::-1]
