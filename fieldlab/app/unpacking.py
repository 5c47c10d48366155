"""An uploaded recording (zip) to a folder, bounded in files and bytes, whatever the zip says."""

import gzip
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from fieldlab.core.errors import RecordingError

MOST_FILES = 5000
MOST_BYTES = 256_000_000
_CHUNK = 1 << 20
_ENCRYPTED = 1
_KNOWN = (".yaml", ".csv", ".csv.gz", ".wav")


class _Budget:
    """How many bytes may still be written."""

    def __init__(self, most_bytes: int) -> None:
        self._most = self._left = most_bytes

    def copy(self, source: IO[bytes] | gzip.GzipFile, target: Path) -> None:
        """Copy what a stream holds; raises RecordingError when it is too much."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise RecordingError(f"it unpacks to more than {self._most / 1e6:g} MB")
                out.write(chunk)


def unpack(file: Path, folder: Path, *, most_bytes: int = MOST_BYTES) -> Path:
    """Write the recording of a zip into an empty folder; return the recording's own folder.

    Only the files that a recording has are written; compressed tables are unpacked.

    Raises
    ------
    RecordingError
        If it is no zip, is damaged or locked, holds a path that leads outside, is too large, or
        holds no machine.yaml.
    """
    budget = _Budget(most_bytes)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES:
                raise RecordingError(f"the zip holds {len(entries)} files; at most {MOST_FILES}")
            for entry in entries:
                _write(archive, entry, folder, budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise RecordingError(f"the zip cannot be read: {error}") from error
    found = sorted(folder.rglob("machine.yaml"), key=lambda path: len(path.parts))
    if not found:
        raise RecordingError(
            "the zip holds no machine.yaml, so it is no recording; save a sheet as CSV instead"
        )
    return found[0].parent


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, budget: _Budget) -> None:
    name = entry.filename.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in name:
        raise RecordingError(f"the zip holds '{name:.80}', which leads outside of it")
    if not name.endswith(_KNOWN):
        return
    if entry.flag_bits & _ENCRYPTED:
        raise RecordingError("the zip is locked by a password; make one without")
    with archive.open(entry) as source:
        if name.endswith(".gz"):
            with gzip.open(source) as inner:
                budget.copy(inner, folder / name.removesuffix(".gz"))
        else:
            budget.copy(source, folder / name)
