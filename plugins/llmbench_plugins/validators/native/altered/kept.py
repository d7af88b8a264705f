"""The sets of a suite, in files that the user alone can read: no answer is to know them."""

import os
import secrets
import tempfile
from pathlib import Path

import msgspec

from llmbench_plugins.validators.native.altered.sets import AlteredSet


class KeptSets:
    """A folder of sets, one file each; a damaged or missing one is made anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, AlteredSet] = {}

    def get(self, key: str) -> AlteredSet | None:
        """Return what is kept under ``key``."""
        if key not in self._known:
            try:
                content = (self._folder / f"{key}.json").read_bytes()
                self._known[key] = msgspec.json.decode(content, type=AlteredSet)
            except (OSError, msgspec.DecodeError):
                return None
        return self._known[key]

    def put(self, key: str, made: AlteredSet) -> None:
        """Keep a set, whole or not at all."""
        self._known[key] = made
        self._write(f"{key}.json", msgspec.json.encode(made))

    def seed(self, key: str) -> str:
        """Return the secret that the sets of a suite have in common, making it where there is none."""
        path = self._folder / f"{key}.seed"
        if not path.is_file():
            self._write(path.name, secrets.token_hex(32).encode())
        return path.read_text(encoding="ascii")

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Nobody else can read what mkstemp makes.
        descriptor, part = tempfile.mkstemp(dir=self._folder, prefix=".part-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(part).replace(self._folder / name)
