"""What an engine tells while it fetches an image, as one line that changes."""

from collections.abc import Mapping
from typing import Any


class Layers:
    """Sums up the layers of an image."""

    def __init__(self) -> None:
        self._layers: dict[str, tuple[int, int]] = {}

    def __call__(self, event: Mapping[str, Any]) -> str:
        """Return the line that follows from an event, or an empty string where it is no news.

        Extracting comes after downloading and counts from the beginning again, so it is not summed.
        """
        detail = event.get("progressDetail") or {}
        if event.get("status") != "Downloading" or not detail.get("total"):
            return ""
        self._layers[str(event.get("id"))] = (int(detail["current"]), int(detail["total"]))
        current, total = (sum(values) / 1e6 for values in zip(*self._layers.values(), strict=True))
        return f"{current:.0f} of {total:.0f} MB"
