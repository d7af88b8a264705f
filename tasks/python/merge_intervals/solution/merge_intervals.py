def merge(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join intervals that overlap or touch, ordered by start."""
    merged = []
    for start, end in sorted(intervals):
        if start > end:
            raise ValueError("start must not be after end")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
