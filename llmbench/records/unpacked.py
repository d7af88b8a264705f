"""Reading a bundle that somebody sent: everything in it is looked at before any of it is believed.

It is unpacked into a folder for this process alone, which goes when the process ends.
"""

import hashlib
import shutil
import stat
import zipfile
import zlib
from pathlib import Path

import msgspec

from llmbench.errors import UsageError
from llmbench.records import journal, manifest, monitors
from llmbench.records.bundle import FILE, RUN_NAME, UNPACKED, Bundle, Unpacked
from llmbench.records.lines import UNREADABLE, newer_schema
from llmbench.records.temporary import make_temporary

MOST_FILES = 200_000
MOST_BYTES = 2 * 2**30
"""Of all files together, unpacked."""
MOST_TRIES = 1000
MOST_BYTES_OF_ONE = 256 * 2**20
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    msgspec.MsgspecError,
)
"""What reading an archive raises that is none, or was changed on its way."""
_TOP = (manifest.FILE, journal.FILE, monitors.FILE)


def unpacked(file: Path) -> Path:
    """Return the run folder of a bundle.

    Raises:
        UsageError: it is none, is damaged, was made by a newer llmbench, or holds what no bundle holds.
    """
    key = file.resolve()
    if key not in UNPACKED:
        place = make_temporary()
        try:
            UNPACKED[key] = _unpack(file, place)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
    return UNPACKED[key].folder


def _unpack(file: Path, place: Path) -> Unpacked:
    try:
        with zipfile.ZipFile(file) as archive:
            bundle = _head(file, archive)
            _check_entries(file, archive, bundle)
            folder = place / bundle.run
            for name, digest in bundle.files.items():
                _extract(file, archive, name, digest, folder)
    except OSError as error:
        raise UsageError(f"{file} can't be unpacked: {error.strerror or error}") from None
    except _DAMAGED as error:
        raise UsageError(f"{file} is no bundle of llmbench, or damaged: {_one_line(error)}") from None
    _check_manifest(file, folder)
    return Unpacked(file, folder, bundle)


def _check_manifest(file: Path, folder: Path) -> None:
    """Refuse a manifest that can't be read, or by whose plan alone a machine could be kept busy."""
    try:
        plan = manifest.read_manifest(folder).plan
    except UsageError as error:
        why = str(error).replace(f"{folder}/", "").partition(";")[0]
        raise UsageError(f"{file}: {why}; ask for it anew") from None
    counts = plan.counts or (plan.samples,) * len(plan.tasks)
    if len(counts) != len(plan.tasks) or min(counts, default=0) < 0 or sum(counts) > MOST_FILES:
        raise UsageError(
            f"{file}: manifest.json: plan: expected at most {MOST_FILES} samples, and as many counts as tasks"
        )
    if not 0 <= plan.samples <= MOST_FILES or not 0 < plan.tries <= MOST_TRIES:
        raise UsageError(
            f"{file}: manifest.json: plan: expected up to {MOST_FILES} samples and {MOST_TRIES} tries, got "
            f"{plan.samples} and {plan.tries}"
        )


def _head(file: Path, archive: zipfile.ZipFile) -> Bundle:
    try:
        entry = archive.getinfo(FILE)
    except KeyError:
        raise UsageError(
            f"{file} is no bundle of llmbench: it has no {FILE}; make one: llmbench export RUN --bundle FILE"
        ) from None
    if entry.file_size > MOST_BYTES_OF_ONE:
        raise UsageError(f"{file}: {FILE} is too large ({entry.file_size} bytes)")
    data = archive.read(entry)
    try:
        bundle = msgspec.json.decode(data, type=Bundle)
    except UNREADABLE as error:
        if newer := newer_schema(data):
            raise UsageError(
                f"{file} was made by a newer llmbench ({newer}); upgrade llmbench to read it"
            ) from None
        raise UsageError(f"{file}: {FILE} can't be read: {_one_line(error)}") from None
    if not RUN_NAME.fullmatch(bundle.run):
        raise UsageError(f"{file}: {FILE}: run: expected a dataset and a folder, got {bundle.run!r}")
    return bundle


def _check_entries(file: Path, archive: zipfile.ZipFile, bundle: Bundle) -> None:
    """Refuse what no bundle holds, before anything is unpacked."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise UsageError(
            f"{file} is too large for a bundle: {len(entries)} files, at most {MOST_FILES} and "
            f"{MOST_BYTES // 2**20} MB unpacked are read"
        )
    for entry in entries:
        if reason := _wrong(entry):
            raise UsageError(f"{file} is no bundle of llmbench: {entry.filename!r} {reason}")
    wanted = {FILE, *bundle.files}
    if len(set(names)) != len(names) or set(names) != wanted or FILE in bundle.files:
        odd = next(iter(sorted(set(names) ^ wanted)), "a name")
        raise UsageError(f"{file} is damaged: {odd!r} is missing, twice there, or not in its {FILE}")


def _wrong(entry: zipfile.ZipInfo) -> str:
    parts = entry.filename.split("/")
    if (
        any(part in ("", ".", "..") for part in parts)
        or "\\" in entry.filename
        or "\0" in entry.orig_filename
    ):
        return "leads elsewhere"
    if entry.filename != FILE and entry.filename not in _TOP and (parts[0] != "samples" or len(parts) < 3):
        return "does not belong in one"
    if not stat.S_ISREG(entry.external_attr >> 16):
        return "is no plain file"
    if entry.file_size > MOST_BYTES_OF_ONE:
        return f"is too large ({entry.file_size} bytes)"
    return ""


def _extract(file: Path, archive: zipfile.ZipFile, name: str, digest: str, folder: Path) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    # "x": a name that the file system takes for another's would lay one file over another.
    with archive.open(name) as source, path.open("xb") as target:
        shutil.copyfileobj(source, target)
    with path.open("rb") as written:
        if hashlib.file_digest(written, "sha256").hexdigest() != digest:
            raise UsageError(f"{file} is damaged: {name!r} is not what its {FILE} says")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
