def is_leap(year: int) -> bool:
    """Say whether the year has 366 days."""
    if year % 100 == 0:
        return year % 400 == 0
    return year % 4 == 0
