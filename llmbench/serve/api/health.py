"""``/health``: for what watches over the server."""

from dataclasses import dataclass

from fastapi import APIRouter

from llmbench import __version__

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Health:
    """That the dashboard answers."""

    status: str
    llmbench: str


@router.get("/health", tags=["server"])
def health() -> Health:
    """Say that the dashboard answers; needs no token."""
    return Health("ok", __version__)
