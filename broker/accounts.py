"""The broker's accounts: one credential for each node, which reaches only its own subtree."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from fieldlab.core.errors import InputError
from fieldlab.core.ids import is_id
from fieldlab.core.secret import write_secret
from fieldlab.core.topics import ROOT

HUB = "hub"
ITERATIONS = 101  # mosquitto_passwd's own default; our passwords are random, not chosen
_SALT_BYTES = 12
_MIN_PASSWORD = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Where the accounts are, and the hub's password."""

    folder: Path
    hub_password: str


def write_accounts(folder: Path, nodes: Mapping[str, str], *, site: str) -> Accounts:
    """Write the password and ACL files for mosquitto and for amqtt, readable by us alone.

    Parameters
    ----------
    nodes
        Password by node. A node is `NODE`, or `MACHINE/NODE` to bind it to one machine. The
        account `hub` is made if it is not among them.

    Raises
    ------
    InputError
        If a name is not an id or a password is too short.
    """
    everyone = {HUB: secrets.token_urlsafe(24), **nodes}
    _check(everyone, site)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    users = {_user(name): password for name, password in everyone.items()}
    write_secret(folder / "passwd", _lines(f"{u}:{mosquitto_hash(p)}" for u, p in users.items()))
    hasher = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1)
    write_secret(folder / "amqtt-passwd", _lines(f"{u}:{hasher.hash(p)}" for u, p in users.items()))
    rights = {_user(name): _rights(name, site) for name in everyone}
    write_secret(folder / "acl", _mosquitto_acl(rights))
    write_secret(folder / "amqtt-acl.json", json.dumps(_amqtt_acl(rights), indent=2))
    return Accounts(folder=folder, hub_password=everyone[HUB])


def mosquitto_hash(password: str, *, salt: bytes | None = None) -> str:
    """Return a password as mosquitto keeps it: PBKDF2 with SHA-512, `$7$iterations$salt$hash`.

    >>> mosquitto_hash("secret", salt=bytes(12))[:24]
    '$7$101$AAAAAAAAAAAAAAAA$'
    """
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rights:
    write: tuple[str, ...]
    read: tuple[str, ...]


def _rights(name: str, site: str) -> _Rights:
    if name == HUB:
        everything = (f"{ROOT}/#",)
        return _Rights(write=everything, read=everything)
    machine, _, node = name.rpartition("/")
    of_machine = f"{ROOT}/{site}/{machine or '+'}"
    return _Rights(
        write=(f"{of_machine}/{node}/#", f"{of_machine}/reply/+"),
        read=(f"{of_machine}/{node}/#", f"{of_machine}/cmd/+"),
    )


def _mosquitto_acl(rights: Mapping[str, _Rights]) -> str:
    lines = []
    for user, right in rights.items():
        lines.append(f"user {user}")
        lines += [f"topic write {topic}" for topic in right.write]
        lines += [f"topic read {topic}" for topic in right.read]
        lines.append("")
    return _lines(lines)


def _amqtt_acl(rights: Mapping[str, _Rights]) -> dict[str, dict[str, list[str]]]:
    return {
        "acl": {user: list(right.read) for user, right in rights.items()},
        "publish_acl": {user: list(right.write) for user, right in rights.items()},
    }


def _check(everyone: Mapping[str, str], site: str) -> None:
    if not is_id(site):
        raise InputError(f"site '{site[:80]}': use a-z, 0-9 and hyphens, like 'hall-2'")
    for name, password in everyone.items():
        machine, slash, node = name.rpartition("/")
        if not is_id(node) or (slash and not is_id(machine)):
            raise InputError(f"node '{name[:80]}': use NODE or MACHINE/NODE, each like 'pi-1'")
        if len(password) < _MIN_PASSWORD:
            raise InputError(f"node '{name}': a password takes {_MIN_PASSWORD} characters or more")
    if len({_user(name) for name in everyone}) != len(everyone):
        raise InputError("two nodes have the same name; a node is one account")


def _user(name: str) -> str:
    return name.rpartition("/")[2]


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
