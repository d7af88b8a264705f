def merge(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join intervals that overlap or touch, ordered by start."""
    raise NotImplementedError
