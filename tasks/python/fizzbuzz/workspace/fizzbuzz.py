def fizzbuzz(limit: int) -> list[str]:
    """Count from 1 to limit with words for multiples of 3 and 5."""
    raise NotImplementedError
