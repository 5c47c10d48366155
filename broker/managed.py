"""The broker as a child process: mosquitto if it is installed, else amqtt; its settings file."""

import asyncio
import contextlib
import ipaddress
import json
import os
import pwd
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from broker.tls import SERVER, SERVER_KEY
from fieldlab.core.clock import Clock
from fieldlab.core.errors import BusError, InputError

MOSQUITTO_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
MAX_PACKET_BYTES = 400_000  # our largest message is a machine file as JSON, 256 KiB
MAX_CONNECTIONS = 500
AMQTT_CONNECTIONS = 200
_TRY_AGAIN_S = 0.1
_ANSWER_TIMEOUT_S = 2.0
# CONNECT of MQTT 3.1.1: clean session, keepalive 10 s, client id "up"
_HELLO = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x0a\x00\x02up"
_GOODBYE = b"\xe0\x00"
_CONNACK = 0x20


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerCommand:
    """How to start the broker."""

    argv: tuple[str, ...]
    kind: Literal["mosquitto", "amqtt"]


def broker_command(
    folder: Path, port: int, *, host: str = "127.0.0.1", accounts: Path | None = None
) -> BrokerCommand:
    """Write the broker's settings in `folder` and return how to start it.

    Raises
    ------
    InputError
        If the address is not a loopback one and there are no accounts, or the accounts are not
        whole: an open broker is a machine that anybody can command.
    """
    if accounts is None and not is_loopback(host):
        raise InputError(f"a broker on {host} needs accounts; run 'fieldlab setup' first")
    if accounts is not None:
        _check_accounts(accounts)
    folder.mkdir(parents=True, exist_ok=True)
    mosquitto = find_mosquitto()
    if mosquitto is not None:
        file = write_mosquitto_conf(folder, port, host=host, accounts=accounts)
        return BrokerCommand(argv=(mosquitto, "-c", str(file)), kind="mosquitto")
    return amqtt_command(folder, port, host=host, accounts=accounts)


def write_mosquitto_conf(
    folder: Path, port: int, *, host: str, accounts: Path | None, tls: Path | None = None
) -> Path:
    """Write mosquitto's settings in `folder` and return the file; for a broker run by others.

    `tls` is the folder with the broker's certificate and key.
    """
    file = folder / "mosquitto.conf"
    text = _mosquitto_conf(folder, port, host=host, accounts=accounts)
    if tls is not None:
        text += f"certfile {(tls / SERVER).resolve()}\nkeyfile {(tls / SERVER_KEY).resolve()}\n"
    file.write_text(text)
    return file


def amqtt_command(
    folder: Path, port: int, *, host: str = "127.0.0.1", accounts: Path | None = None
) -> BrokerCommand:
    """Write amqtt's settings in `folder` and return how to start it."""
    file = folder / "amqtt.json"
    file.write_text(json.dumps(_amqtt_settings(port, host=host, accounts=accounts), indent=2))
    return BrokerCommand(argv=(sys.executable, "-m", "broker.embedded", str(file)), kind="amqtt")


def find_mosquitto() -> str | None:
    """Return where mosquitto is, also outside the path of an ordinary user."""
    return shutil.which("mosquitto") or next(
        (found for place in MOSQUITTO_PLACES if (found := shutil.which("mosquitto", path=place))),
        None,
    )


def is_loopback(host: str) -> bool:
    """Return whether only this computer can reach an address.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def wait_until_up(host: str, port: int, clock: Clock, timeout_s: float) -> None:
    """Wait until a broker answers in MQTT, whether or not it lets us in.

    Raises
    ------
    BusError
        If it does not within `timeout_s`.
    """
    until_s = clock.monotonic_s() + timeout_s
    while not await _answers(host, port):
        if clock.monotonic_s() >= until_s:
            raise BusError(f"no MQTT broker answers at {host}:{port} within {timeout_s:g} s")
        await clock.sleep(_TRY_AGAIN_S)


async def _answers(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(_HELLO)
                answer = await reader.readexactly(4)
                writer.write(_GOODBYE)
                await writer.drain()
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
    return answer[0] == _CONNACK


def _check_accounts(accounts: Path) -> None:
    for name in ("passwd", "acl", "amqtt-passwd", "amqtt-acl.json"):
        file = accounts / name
        if not file.is_file() or not file.read_text().strip():
            raise InputError(f"{file} is missing or empty; run 'fieldlab setup' again")


def _mosquitto_conf(folder: Path, port: int, *, host: str, accounts: Path | None) -> str:
    lines = [
        "per_listener_settings false",
        f"listener {port} {host}",
        "persistence true",
        f"persistence_location {folder.resolve()}/",
        "persistent_client_expiration 14d",
        "autosave_interval 60",
        "max_inflight_messages 200",
        "max_queued_messages 100000",
        "max_queued_bytes 268435456",
        f"max_packet_size {MAX_PACKET_BYTES}",
        f"max_connections {MAX_CONNECTIONS}",
        "max_keepalive 120",
        "set_tcp_nodelay true",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "connection_messages false",
    ]
    user = _own_name()
    if user is not None:  # started as root it would become 'mosquitto', who cannot read our files
        lines.append(f"user {user}")
    if accounts is None:
        lines.append("allow_anonymous true")
    else:
        lines += [
            "allow_anonymous false",
            "use_username_as_clientid true",
            f"password_file {accounts.resolve() / 'passwd'}",
            f"acl_file {accounts.resolve() / 'acl'}",
        ]
    return "\n".join(lines) + "\n"


def _own_name() -> str | None:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user need not have a name
        return None


def _amqtt_settings(port: int, *, host: str, accounts: Path | None) -> dict[str, object]:
    plugins: dict[str, object] = {}
    if accounts is None:
        plugins["amqtt.plugins.authentication.AnonymousAuthPlugin"] = {"allow_anonymous": True}
    else:
        plugins["amqtt.plugins.authentication.FileAuthPlugin"] = {
            "password_file": str(accounts.resolve() / "amqtt-passwd")
        }
        plugins["amqtt.plugins.topic_checking.TopicAccessControlListPlugin"] = json.loads(
            (accounts / "amqtt-acl.json").read_text()
        )
    listener = {"type": "tcp", "bind": f"{host}:{port}", "max_connections": AMQTT_CONNECTIONS}
    return {"listeners": {"default": listener}, "plugins": plugins}
