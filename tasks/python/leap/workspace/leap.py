def is_leap(year: int) -> bool:
    """Say whether the year has 366 days."""
    raise NotImplementedError
