"""The machine files that people saved on the page: the newest, and every one before it."""

import os
from pathlib import Path
from typing import Any

import yaml

FOLDER = "machines"
MAX_VERSIONS = 100_000


class MachineFiles:
    """The files under HOME/machines/ID: 00001.yaml, 00002.yaml …; none is ever overwritten.

    The first is what the machine's own node told. A file is there whole or not at all.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def versions(self, machine_id: str) -> list[int]:
        """Return the numbers of a machine's files, oldest first."""
        found = (self._folder / machine_id).glob("[0-9]*.yaml")
        return sorted(int(path.stem) for path in found)

    def newest(self, machine_id: str) -> int:
        """Return the number of the newest file, 0 without one."""
        return max(self.versions(machine_id), default=0)

    def text(self, machine_id: str, version: int) -> str | None:
        """Return a file as it was written, None if there is no such version."""
        path = self._path(machine_id, version)
        return path.read_text() if path.is_file() else None

    def add(self, machine_id: str, text: str) -> int:
        """Write a file beside those before it; return its number."""
        version = self.newest(machine_id) + 1
        path = self._path(machine_id, version)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        with draft.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return version

    def _path(self, machine_id: str, version: int) -> Path:
        return self._folder / machine_id / f"{min(version, MAX_VERSIONS):05d}.yaml"


def as_yaml(file: dict[str, Any]) -> str:
    """Return a machine file that came as plain data as people write it.

    >>> print(as_yaml({"fieldlab": 1, "id": "press"}), end="")
    fieldlab: 1
    id: press
    """
    text: str = yaml.safe_dump(file, sort_keys=False, allow_unicode=True, width=100)
    return text
