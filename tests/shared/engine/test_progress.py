"""What is shown while an image is fetched."""

from typing import Any

from llmbench_plugins.shared.engine import Layers


def _event(layer: str, status: str, current: int = 0, total: int = 0) -> dict[str, Any]:
    detail = {"current": current, "total": total} if total else {}
    return {"id": layer, "status": status, "progressDetail": detail}


def test_layers_are_summed_and_what_is_no_download_is_no_news() -> None:
    layers = Layers()
    told = [
        layers(event)
        for event in (
            {"status": "Pulling from library/debian", "id": "bookworm-slim"},
            _event("a", "Pulling fs layer"),
            _event("a", "Downloading", 1_000_000, 20_000_000),
            _event("b", "Downloading", 5_000_000, 10_000_000),
            _event("a", "Downloading", 20_000_000, 20_000_000),
            _event("a", "Extracting", 1_000_000, 20_000_000),
            {"stream": "Step 1/2 : FROM debian"},
        )
    ]
    assert [line for line in told if line] == ["1 of 20 MB", "6 of 30 MB", "25 of 30 MB"]
