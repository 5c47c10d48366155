"""One credential for each node, hashed, readable by us alone."""

import json
import stat
from pathlib import Path

import pytest

from broker.accounts import mosquitto_hash, write_accounts
from fieldlab.core.errors import InputError


def test_a_password_is_never_on_disk_and_the_files_are_ours_alone(tmp_path: Path) -> None:
    accounts = write_accounts(tmp_path / "broker", {"pi-1": "correct horse"}, site="hall")

    files = list(accounts.folder.iterdir())
    assert len(files) == 4
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "correct horse" not in file.read_text()
        assert accounts.hub_password not in file.read_text()


def test_a_node_bound_to_a_machine_reaches_only_that_machine(tmp_path: Path) -> None:
    accounts = write_accounts(tmp_path, {"press/pi-1": "correct horse"}, site="hall")

    acl = json.loads((accounts.folder / "amqtt-acl.json").read_text())
    assert acl["publish_acl"]["pi-1"] == [
        "fieldlab/v1/hall/press/pi-1/#",
        "fieldlab/v1/hall/press/reply/+",
    ]
    assert (
        "user pi-1\ntopic write fieldlab/v1/hall/press/pi-1/#\n"
        in (accounts.folder / "acl").read_text()
    )


def test_the_hash_is_the_one_that_mosquitto_passwd_makes() -> None:
    salt, hashed = bytes(range(12)), mosquitto_hash("secret", salt=bytes(range(12)))

    kind, rounds, kept_salt, digest = hashed.split("$")[1:]
    assert (kind, rounds, kept_salt) == ("7", "101", "AAECAwQFBgcICQoL")
    assert len(digest) == 88  # 64 bytes of SHA-512
    assert hashed == mosquitto_hash("secret", salt=salt)
    assert mosquitto_hash("secret") != mosquitto_hash("secret")


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ({"Pi 1": "correct horse"}, "use NODE or MACHINE/NODE"),
        ({"a/b/c": "correct horse"}, "use NODE or MACHINE/NODE"),
        ({"pi-1": "short"}, "12 characters"),
        ({"a/pi-1": "correct horse", "b/pi-1": "correct horse"}, "same name"),
    ],
)
def test_a_wrong_account_is_refused(nodes: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        write_accounts(tmp_path, nodes, site="hall")
