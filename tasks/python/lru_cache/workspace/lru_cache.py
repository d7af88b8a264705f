class LRUCache:
    """Keep at most capacity entries and drop the least recently used."""

    def __init__(self, capacity: int) -> None:
        raise NotImplementedError

    def put(self, key, value) -> None:
        raise NotImplementedError

    def get(self, key, default=None):
        raise NotImplementedError

    def keys(self) -> list:
        raise NotImplementedError
