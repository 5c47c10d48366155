"""The one way to write what nobody else may read: keys, passwords, accounts."""

import os
from pathlib import Path


def write_secret(file: Path, content: str | bytes) -> None:
    """Replace a file in one step; it is never readable by others, not even for a moment."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
