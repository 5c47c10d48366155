"""What `fieldlab setup --tls` makes: a broker that devices trust, and nobody else's."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from broker.address import BrokerAddress, parse_address
from broker.managed import BrokerCommand, find_mosquitto
from broker.mqtt import MqttBus
from fieldlab.app.cli.main import main
from fieldlab.app.wire_node import trusted
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import BusError
from tests.integration.test_bus import HOST, child, free_port, need_mosquitto

PASSWORD = "a password of eighteen"  # noqa: S105 - of a test
CLOCK = SystemClock()


def set_up(home: Path, port: int, *names: str) -> BrokerCommand:
    """Let `fieldlab setup` write all that mosquitto needs."""
    need_mosquitto()
    home.mkdir(exist_ok=True)
    (home / "word").write_text(PASSWORD)
    words = ["setup", "--home", str(home), "--password-file", str(home / "word")]
    words += ["--node", "press/pi", "--listen", f"{HOST}:{port}"]
    assert main([*words, *[word for name in names for word in ("--tls", name)]]) == 0
    mosquitto = find_mosquitto()
    assert mosquitto is not None
    conf = str(home / "broker" / "mosquitto.conf")
    return BrokerCommand(argv=(mosquitto, "-c", conf), kind="mosquitto")


def node(home: Path, address: BrokerAddress) -> MqttBus:
    password = json.loads((home / "secrets" / "nodes.json").read_text())["press/pi"]
    return MqttBus(*trusted(address, home), client_id="pi", username="pi", password=password)


async def connected(bus: MqttBus) -> None:
    """Connect as soon as the broker is up."""
    for _ in range(100):
        try:
            await bus.connect()
        except BusError as error:
            if "no MQTT broker" not in str(error):
                raise
            await CLOCK.sleep(0.05)
        else:
            break
    assert bus.connected
    await bus.close()


def test_a_node_with_the_authority_reaches_the_broker_under_each_of_its_names(
    tmp_path: Path,
) -> None:
    port = free_port()
    with child(set_up(tmp_path, port, "localhost", HOST)):
        for name in ("localhost", HOST):
            address = parse_address(f"mqtts://{name}:{port}")
            asyncio.run(connected(node(tmp_path, address)))


@pytest.mark.parametrize("stranger", ["another authority", "no authority", "another name"])
def test_a_broker_that_is_not_ours_gets_no_password(stranger: str, tmp_path: Path) -> None:
    port, home = free_port(), tmp_path / "home"
    names = ("fieldlab.local",) if stranger == "another name" else ("localhost",)
    with child(set_up(home, port, *names)):
        asyncio.run(_is_up(port))
        if stranger == "another authority":
            set_up(tmp_path / "elsewhere", free_port(), "localhost")
            theirs = tmp_path / "elsewhere" / "secrets" / "ca.pem"
            (home / "secrets" / "ca.pem").write_bytes(theirs.read_bytes())
        elif stranger == "no authority":
            (home / "secrets" / "ca.pem").unlink()

        with pytest.raises(BusError, match="do not trust each other"):
            asyncio.run(connected(node(home, parse_address(f"mqtts://localhost:{port}"))))


async def _is_up(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await CLOCK.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            return


def test_a_second_setup_keeps_the_authority_that_devices_hold(tmp_path: Path) -> None:
    set_up(tmp_path, 8883, "localhost")
    before = (tmp_path / "secrets" / "ca.pem").read_bytes()
    certificate = (tmp_path / "broker" / "tls" / "server.pem").read_bytes()

    set_up(tmp_path, 8883, "localhost", "fieldlab.local")

    assert (tmp_path / "secrets" / "ca.pem").read_bytes() == before
    assert (tmp_path / "broker" / "tls" / "server.pem").read_bytes() != certificate
    for name in ("ca.key", "server.key"):
        assert (tmp_path / "broker" / "tls" / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["mqtts://", "mqtts://:8883", "mqtt://a:1", "a", "a:0", "a:70000"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    argv = [sys.executable, "-m", "fieldlab", "replay", "nothing", "--broker", text]

    ended = subprocess.run(argv, check=False, capture_output=True, text=True)

    assert ended.returncode == 2
    assert "is not HOST:PORT" in ended.stderr
    assert ended.stderr.count("\n") == 1
