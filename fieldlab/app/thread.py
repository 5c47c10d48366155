"""A case's thread: an append-only, hash-chained log from the sensor evidence to the proof.

One JSON object a line: `seq`, `step`, `t_s`, `data`, `files` (name to SHA-256), `prev` and `hash`.
`hash` is the SHA-256 of the line's other keys as compact JSON with sorted keys; `prev` is the hash
of the line before. Files lie beside the thread.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fieldlab.core.codec import write_json
from fieldlab.core.errors import StoreError

FILE = "thread.jsonl"
START = "0" * 64


def sha256(content: bytes) -> str:
    """Return the fingerprint of a file."""
    return hashlib.sha256(content).hexdigest()


class Thread:
    """The thread of one case in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / FILE

    @property
    def path(self) -> Path:
        """Where the thread lies."""
        return self._file

    def entries(self) -> list[dict[str, Any]]:
        """Return all entries in order; a torn last line (power cut) is left out."""
        if not self._file.is_file():
            return []
        lines = self._file.read_bytes().split(b"\n")
        return [json.loads(line) for line in lines[:-1]]

    def head(self) -> str:
        """Return the hash of the last entry."""
        entries = self.entries()
        return str(entries[-1]["hash"]) if entries else START

    def add(
        self, step: str, *, t_s: float, data: Mapping[str, Any], files: Mapping[str, bytes] = {}
    ) -> str:
        """Write files and an entry that fingerprints them; return the entry's hash.

        A step that was interrupted runs again: an equal last entry is not written twice.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _write_whole(self._folder / name, content)
        entries = self.entries()
        body = {
            "seq": len(entries),
            "step": step,
            "t_s": t_s,
            "data": json.loads(write_json(data)),
            "files": {name: sha256(content) for name, content in files.items()},
            "prev": entries[-1]["hash"] if entries else START,
        }
        for known in entries:
            if all(known[key] == body[key] for key in ("step", "data", "files")):
                return str(known["hash"])
        line = {**body, "hash": sha256(write_json(body))}
        self._cut_torn_line()
        with self._file.open("ab") as file:
            file.write(write_json(line) + b"\n")
            file.flush()
        return str(line["hash"])

    def _cut_torn_line(self) -> None:
        if self._file.is_file():
            content = self._file.read_bytes()
            if not content.endswith(b"\n") and content:
                _write_whole(self._file, content[: content.rfind(b"\n") + 1])

    def problems(self, *, head: str | None = None) -> list[str]:
        """Return what does not hash to what the thread says; empty if all holds.

        `head` is the hash that the last entry must have, known from elsewhere.
        """
        if not self._file.is_file():
            return [f"{self._file}: the thread is missing"]
        found: list[str] = []
        before = START
        for number, line in enumerate(self._file.read_bytes().split(b"\n")[:-1], start=1):
            entry = _entry(line)
            if entry is None:
                return [*found, f"{self._file}:{number}: not a thread entry"]
            body = {key: entry[key] for key in entry if key != "hash"}
            if entry["prev"] != before or entry["hash"] != sha256(write_json(body)):
                found.append(f"{self._file}:{number}: the hash does not hold")
            if write_json(entry) != line:
                found.append(f"{self._file}:{number}: the line was rewritten")
            found += self._file_problems(entry["files"])
            before = entry["hash"]
        if not self._file.read_bytes().endswith(b"\n"):
            found.append(f"{self._file}: the last line is torn")
        if head is not None and head != before:
            found.append(f"{self._file}: ends at {before[:12]}…, the store says {head[:12]}…")
        return found

    def _file_problems(self, files: Mapping[str, str]) -> list[str]:
        found = []
        for name, wanted in files.items():
            path = self._folder / name
            if not path.is_file():
                found.append(f"{path}: missing")
            elif sha256(path.read_bytes()) != wanted:
                found.append(f"{path}: is not the file that the thread fingerprinted")
        return found


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    keys = {"seq", "step", "t_s", "data", "files", "prev", "hash"}
    return entry if isinstance(entry, dict) and set(entry) == keys else None


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


def open_thread(home: Path, case_id: str) -> Thread:
    """Return the thread of a case under a home; raises StoreError if there is none."""
    folder = case_folder(home, case_id)
    if not (folder / FILE).is_file():
        raise StoreError(f"there is no case '{case_id}' in {home}; 'fieldlab cases' lists them")
    return Thread(folder)


def case_folder(home: Path, case_id: str) -> Path:
    """Return where a case keeps its thread and files."""
    return home / "cases" / case_id
