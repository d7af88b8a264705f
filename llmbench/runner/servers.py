"""What a server that `llmbench server start` keeps is called: it follows from what it serves."""

import hashlib
import re

import msgspec

from llmbench.records.names import fitting_name
from llmbench.runner.spec import RunSpec

_NAME_BYTES = 200
"""Of a server's model and backend in the name of its file."""


def key_of(spec: RunSpec) -> str:
    """Return a name that changes with the backend's options and the model's profile."""
    told = msgspec.json.encode(
        [spec.backend.name, spec.backend.options, spec.model], order="sorted", enc_hook=str
    )
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{spec.model.name}-{spec.backend.name}")
    return f"{fitting_name(name, _NAME_BYTES)}-{hashlib.sha256(told).hexdigest()[:8]}"
