"""The seal on an approved print job: an Ed25519 signature (RFC 8032), checked again by the sender.

The key is made once for a home and never leaves it. Whoever can write the store or a file, but
cannot read the key, gets nothing printed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fieldlab.app.thread import Thread
from fieldlab.core.codec import write_json
from fieldlab.core.errors import StoreError
from fieldlab.core.secret import write_secret

KEY_FILE = "seal.key"
KEY_BYTES = 32


class Seal:
    """The key of a home.

    Parameters
    ----------
    home : Path
        `home/secrets/seal.key` is made, readable by the owner alone, if there is none.

    Raises
    ------
    StoreError
        If the file holds no key.
    """

    def __init__(self, home: Path) -> None:
        file = home / "secrets" / KEY_FILE
        content = file.read_bytes() if file.is_file() else _made(file)
        if len(content) != KEY_BYTES:
            raise StoreError(
                f"{file}: holds no key of {KEY_BYTES} bytes; move it away, and approve again what"
                " was not printed yet"
            )
        self._key = Ed25519PrivateKey.from_private_bytes(content)
        self._public = self._key.public_key()

    def sign(self, statement: Mapping[str, Any]) -> dict[str, str]:
        """Return the signature of a statement, and the public key, both as hexadecimal digits."""
        signature = self._key.sign(write_json(statement))
        return {"signature": signature.hex(), "key": self._public.public_bytes_raw().hex()}

    def holds(self, seal: Mapping[str, Any] | None, statement: Mapping[str, Any]) -> bool:
        """Return whether a seal was made with this home's key for exactly this statement."""
        return seal is not None and _holds(self._public, seal, statement)


def approved_statement(case: Mapping[str, Any], gcode_sha256: str, by: str) -> dict[str, Any]:
    """Return what an approval says: who lets which bytes be printed, for which case and where."""
    return {
        "case": case["id"], "job": case["job"], "printer": case["printer"],
        "stl_sha256": case["stl_sha256"], "gcode_sha256": gcode_sha256, "by": by,
    }  # fmt: skip


def seal_problems(thread: Thread) -> list[str]:
    """Return which approvals in a thread are not sealed, or not with the key that they name."""
    found = []
    for entry in thread.entries():
        approval = entry["data"].get("approval") if entry["step"] == "approved" else None
        if approval is not None and not _names_its_key(approval):
            found.append(f"{thread.path}:{entry['seq'] + 1}: the seal of the approval is broken")
    return found


def _names_its_key(approval: Mapping[str, Any]) -> bool:
    seal, statement = approval.get("seal") or {}, approval.get("statement") or {}
    if statement.get("gcode_sha256") != approval.get("gcode_sha256"):
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal["key"]))
    except (KeyError, ValueError):
        return False
    return _holds(public, seal, statement)


def _holds(public: Ed25519PublicKey, seal: Mapping[str, Any], statement: Mapping[str, Any]) -> bool:
    try:
        public.verify(bytes.fromhex(seal["signature"]), write_json(statement))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True


def _made(file: Path) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = Ed25519PrivateKey.generate().private_bytes_raw()
    write_secret(file, content)
    return content
