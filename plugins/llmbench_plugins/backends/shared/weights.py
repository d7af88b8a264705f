"""The checksum of a weights file, remembered by path, size and time so that big files are read once."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

_PART = re.compile(r"-00001-of-(\d{5})\.gguf$")
_CHUNK = 2**22
_BLOCKS, _BLOCK = 64, 2**16


def weights_sha256(path: Path, cache_dir: Path) -> str:
    """Return the SHA-256 of a file, or of all parts of a split GGUF in order. Blocks: call it in a thread."""
    return files_sha256(parts_of(path), cache_dir)


def files_sha256(parts: Sequence[Path], cache_dir: Path) -> str:
    """Return the SHA-256 of files read one after the other. Blocks: call it in a thread."""
    state = [[str(part), (stat := part.stat()).st_size, stat.st_mtime_ns] for part in parts]
    name = hashlib.sha256("\n".join(str(part.resolve()) for part in parts).encode()).hexdigest()[:24]
    memory = cache_dir / "weights" / f"{name}.json"
    try:
        known = msgspec.json.decode(memory.read_bytes())
    except (OSError, msgspec.DecodeError):
        known = {}
    if isinstance(known, dict) and known.get("files") == state:
        return str(known["sha256"])
    digest = _digest(parts)
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_bytes(msgspec.json.encode({"files": state, "sha256": digest}))
    return digest


def fingerprint(parts: Sequence[Path]) -> str:
    """Return what tells weights apart in milliseconds: of each file the size, and blocks spread over it."""
    digest = hashlib.sha256()
    for part in parts:
        size = part.stat().st_size
        digest.update(f"{size}\n".encode())
        with part.open("rb") as file:
            for number in range(_BLOCKS):
                file.seek(max(0, size - _BLOCK) * number // (_BLOCKS - 1))
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()[:32]


def parts_of(path: Path) -> list[Path]:
    """Return all parts of a split GGUF, given the first; else the file itself."""
    found = _PART.search(path.name)
    if not found:
        return [path]
    count = int(found[1])
    stem = path.name[: found.start()]
    return [path.with_name(f"{stem}-{number:05}-of-{count:05}.gguf") for number in range(1, count + 1)]


def _digest(parts: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()
