"""Fetch files from the Hugging Face hub: ``python hub_fetch.py REQUEST``, a process that can be ended.

REQUEST is JSON (``hub.py`` writes it). Each line printed is JSON: ``{"done", "total"}`` while bytes come,
and last ``{"folder", "revision", "files"}`` (``{"names"}`` where files are only listed) or ``{"error"}``. A
file that is not what the hub says of it is never reported.
"""

import io
import json
import re
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from llmbench_plugins.backends.shared.weights import weights_sha256

_SHA256 = re.compile(r"[0-9a-f]{64}")


def main(request: dict[str, Any]) -> int:
    """Print where the files lie; 1 where they can't be had."""
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError

    try:
        if "listed" in request:
            _say({"names": _names(request)})
            return 0
        files = _files(request)
    except GatedRepoError as error:
        return _fail(f"{_first_line(error)}: accept its terms on the hub, and set HF_TOKEN")
    except LocalEntryNotFoundError as error:
        return _fail(f"the hub can't be reached: {_first_line(error.__cause__ or error)}")
    except (HfHubHTTPError, OSError, ValueError) as error:
        return _fail(_first_line(error))
    folder = _snapshot(files[0])
    _say({"folder": str(folder), "revision": folder.name, "files": [str(file) for file in files]})
    return 0


def _names(request: dict[str, Any]) -> list[str]:
    """Return the names of a repository's files that fit: all of them, or those that are ``here``."""
    names = _names_here(request) if request["here"] else _names_there(request)
    return sorted(name for name in names if fnmatch(name, request["listed"]))


def _names_there(request: dict[str, Any]) -> list[str]:
    from huggingface_hub import HfApi

    try:
        return HfApi(library_name="llmbench").list_repo_files(request["repo"], revision=request["revision"])
    except OSError:
        raise
    except Exception as error:  # of whichever HTTP library the hub's client uses
        raise ValueError(f"the hub can't be reached: {_first_line(error)}") from error


def _names_here(request: dict[str, Any]) -> list[str]:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    for cache in (request["hub_dir"], None):
        try:
            found = snapshot_download(
                request["repo"], revision=request["revision"], cache_dir=cache, local_files_only=True
            )
        except LocalEntryNotFoundError:
            continue
        folder = Path(found)
        return [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
    return []


def _files(request: dict[str, Any]) -> list[Path]:
    """Return the files wanted, each checked; one that is damaged is fetched a second time."""
    cache_dir = Path(request["cache_dir"])
    files = _found(request)
    broken = [file for file in files if not _is_whole(file, cache_dir)]
    if not files or broken:
        for file in broken:
            file.resolve().unlink(missing_ok=True)
            file.unlink(missing_ok=True)
        files = _fetched(request)
    for file in files:
        if not _is_whole(file, cache_dir):
            file.resolve().unlink(missing_ok=True)
            raise ValueError(f"{file.name} arrived damaged: its SHA-256 is not the hub's; it was not kept")
    return files


def _found(request: dict[str, Any]) -> list[Path]:
    """Return the files from our cache or the hub's own on this machine, or nothing if one is missing."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    for cache in (request["hub_dir"], None):
        try:
            return _get(request, cache_dir=cache, local_files_only=True)
        except LocalEntryNotFoundError:
            continue
    return []


def _fetched(request: dict[str, Any]) -> list[Path]:
    return _get(request, cache_dir=request["hub_dir"], tqdm_class=_lines())


def _get(request: dict[str, Any], **how: Any) -> list[Path]:
    from huggingface_hub import hf_hub_download, snapshot_download

    how |= {"revision": request["revision"], "library_name": "llmbench"}
    if request["files"]:
        return [Path(hf_hub_download(request["repo"], name, **how)) for name in request["files"]]
    folder = Path(snapshot_download(request["repo"], allow_patterns=request["patterns"], **how))
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    if not any(file.suffix == ".safetensors" for file in files):
        # A snapshot that another program has fetched in part.
        from huggingface_hub.errors import LocalEntryNotFoundError

        raise LocalEntryNotFoundError(f"{request['repo']} holds no *.safetensors")
    return files


def _is_whole(file: Path, cache_dir: Path) -> bool:
    """Say whether a large file has the checksum that the hub names it by; small ones have no such name."""
    name = file.resolve().name
    return not _SHA256.fullmatch(name) or weights_sha256(file.resolve(), cache_dir) == name


def _snapshot(file: Path) -> Path:
    return next(parent for parent in file.parents if parent.parent.name == "snapshots")


def _lines() -> type:
    from huggingface_hub.utils.tqdm import tqdm

    class Lines(tqdm):
        """Progress as lines of JSON."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            # tqdm itself would write to a terminal.
            nowhere = io.StringIO()
            super().__init__(  # type: ignore[no-untyped-call]
                *arguments, **{**options, "file": nowhere, "mininterval": 1.0, "disable": False}
            )

        def display(self, *arguments: Any, **options: Any) -> None:
            # It is called in the constructor and the destructor too, where little of it may be there.
            if getattr(self, "total", None) and getattr(self, "unit", "") == "B":
                _say({"done": self.n, "total": self.total})

        def close(self) -> None:
            self.display()
            super().close()

    return Lines


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _fail(message: str) -> int:
    _say({"error": message})
    return 1


def _say(data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(json.loads(sys.argv[1])))
