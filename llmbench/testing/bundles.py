"""Bundles as somebody may have changed them on their way: for tests of what reads them."""

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

Change = Callable[[dict[str, bytes]], None]
_PLAIN = stat.S_IFREG | 0o644


def entries(file: Path) -> dict[str, bytes]:
    """Return the content of every file in a bundle."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(file: Path, output: Path, change: Change, *, checksums: bool = True) -> Path:
    """Write a bundle with its files changed; with ``checksums``, as one who knows how it is made would."""
    files = entries(file)
    change(files)
    if checksums:
        head = json.loads(files["bundle.json"])
        sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        head["files"] = {name: digest for name, digest in sums.items() if name != "bundle.json"}
        files["bundle.json"] = json.dumps(head).encode()
    write_archive(output, files)
    return output


def write_archive(output: Path, files: dict[str, bytes], mode: int = _PLAIN) -> None:
    """Write an archive with these files, all of one mode."""
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = mode << 16
            archive.writestr(entry, data)
