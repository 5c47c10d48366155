"""Every bus keeps the same promises."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from broker.accounts import write_accounts
from broker.managed import (
    BrokerCommand,
    amqtt_command,
    broker_command,
    find_mosquitto,
    wait_until_up,
)
from broker.memory import MemoryBroker, MemoryBus
from broker.mqtt import MqttBus
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import BusError, InputError

HOST = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - to see it refused
WAIT_S = 10.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@contextmanager
def child(command: BrokerCommand) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command.argv)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(WAIT_S)


class World:
    """A broker and how to make a bus on it."""

    def __init__(
        self, make: Callable[..., MqttBus | MemoryBus], vanish: Callable[..., None]
    ) -> None:
        self.bus = make
        self.vanish = vanish


def memory_world() -> World:
    broker = MemoryBroker()
    return World(lambda _name, **options: MemoryBus(broker, **options), lambda bus: bus.vanish())


def mqtt_world(port: int) -> World:
    def vanish(bus: MqttBus) -> None:
        bus._client.socket().shutdown(socket.SHUT_RDWR)
        bus._client._thread_terminate = True

    return World(lambda name, **options: MqttBus(HOST, port, client_id=name, **options), vanish)


KINDS = [
    "memory",
    "amqtt",
    pytest.param("mosquitto", marks=pytest.mark.broker),
]


def need_mosquitto() -> None:
    if find_mosquitto() is None:
        if "mosquitto" in os.environ.get("FIELDLAB_REQUIRE", ""):  # noqa: TID251
            pytest.fail("mosquitto is required")
        pytest.skip("mosquitto is not installed")


@asynccontextmanager
async def serving(kind: str, folder: Path) -> AsyncIterator[World]:
    if kind == "memory":
        yield memory_world()
        return
    port = free_port()
    if kind == "mosquitto":
        need_mosquitto()
    command = (amqtt_command if kind == "amqtt" else broker_command)(folder, port)
    with child(command):
        await wait_until_up(HOST, port, SystemClock(), WAIT_S)
        yield mqtt_world(port)


class Heard:
    """What a subscriber was told."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self._more = asyncio.Event()

    def __call__(self, topic: str, payload: bytes) -> None:
        self.messages.append((topic, payload))
        self._more.set()

    async def until(self, count: int) -> list[tuple[str, bytes]]:
        async with asyncio.timeout(WAIT_S):
            while len(self.messages) < count:
                self._more.clear()
                await self._more.wait()
        return self.messages


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_reaches_who_asked_in_order_and_nobody_else(kind: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with serving(kind, tmp_path) as world:
            sender, receiver = world.bus("sender"), world.bus("receiver")
            asked, other = Heard(), Heard()
            await receiver.subscribe("a/+/c", asked)  # before the connection counts too
            await sender.connect()
            await receiver.connect()
            await receiver.subscribe("z/#", other)

            for number in range(300):
                assert sender.publish("a/b/c", b"%d" % number)
            sender.publish("a/b", b"not asked for")

            heard = await asked.until(300)
            assert heard == [("a/b/c", b"%d" % number) for number in range(300)]
            assert other.messages == []
            await sender.close()
            await receiver.close()

    asyncio.run(story())


@pytest.mark.parametrize("kind", KINDS)
def test_a_retained_message_waits_for_who_comes_later(kind: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with serving(kind, tmp_path) as world:
            sender, receiver, heard = world.bus("sender"), world.bus("receiver"), Heard()
            await sender.connect()
            sender.publish("m/health", b"well", retain=True)
            sender.publish("m/other", b"fleeting")
            await sender.close()

            await receiver.connect()
            await receiver.subscribe("m/health", heard)

            assert await heard.until(1) == [("m/health", b"well")]
            await receiver.close()

    asyncio.run(story())


@pytest.mark.parametrize("kind", KINDS)
def test_who_vanishes_leaves_a_last_will_and_who_says_goodbye_does_not(
    kind: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with serving(kind, tmp_path) as world:
            watcher, heard = world.bus("watcher"), Heard()
            polite = world.bus("polite", will=("gone/polite", b"gone"))
            lost = world.bus("lost", will=("gone/lost", b"gone"))
            for bus in (watcher, polite, lost):
                await bus.connect()
            await watcher.subscribe("gone/+", heard)

            await polite.close()
            world.vanish(lost)

            assert await heard.until(1) == [("gone/lost", b"gone")]
            await watcher.close()
            await lost.close()

    asyncio.run(story())


@pytest.mark.parametrize("kind", KINDS)
def test_binary_and_large_payloads_arrive_as_they_were(kind: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with serving(kind, tmp_path) as world:
            bus, heard = world.bus("both"), Heard()
            payloads = [b"", bytes(range(256)) * 256, b"\xff" * 200_000]
            await bus.connect()
            await bus.subscribe("bytes", heard)

            for payload in payloads:
                bus.publish("bytes", payload)

            assert [payload for _, payload in await heard.until(3)] == payloads
            await bus.close()

    asyncio.run(story())


def test_no_broker_is_said_in_one_line() -> None:
    bus = MqttBus(HOST, free_port(), client_id="alone")

    with pytest.raises(BusError, match=r"no MQTT broker at 127\.0\.0\.1"):
        asyncio.run(bus.connect())


def test_waiting_for_a_broker_ends() -> None:
    with pytest.raises(BusError, match="within 0"):
        asyncio.run(wait_until_up(HOST, free_port(), SystemClock(), 0.0))


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_bus_comes_back_after_the_broker_was_killed(kind: str, tmp_path: Path) -> None:
    async def story() -> None:
        port = free_port()
        if kind == "mosquitto":
            need_mosquitto()
        command = (amqtt_command if kind == "amqtt" else broker_command)(tmp_path, port)
        connected = asyncio.Semaphore(0)
        bus = MqttBus(HOST, port, client_id="quick", on_connect=connected.release)
        heard = Heard()
        with child(command) as process:
            await wait_until_up(HOST, port, SystemClock(), WAIT_S)
            await bus.connect()
            await connected.acquire()
            await bus.subscribe("x", heard)
            process.kill()
            process.wait()
        with child(command):
            async with asyncio.timeout(WAIT_S):
                await connected.acquire()
            bus.publish("x", b"again")
            assert (await heard.until(1))[0] == ("x", b"again")
            await bus.close()

    asyncio.run(story())


@pytest.mark.parametrize("kind", KINDS[1:])
def test_an_account_reaches_its_own_subtree_and_no_other(kind: str, tmp_path: Path) -> None:
    async def story() -> None:
        nodes = {"pi-1": "correct horse 1", "pi-2": "correct horse 2"}
        accounts = write_accounts(tmp_path / "accounts", nodes, site="hall")
        port = free_port()
        if kind == "mosquitto":
            need_mosquitto()
        make = amqtt_command if kind == "amqtt" else broker_command
        with child(make(tmp_path, port, accounts=accounts.folder)):
            await wait_until_up(HOST, port, SystemClock(), WAIT_S)
            hub = MqttBus(
                HOST, port, client_id="hub", username="hub", password=accounts.hub_password
            )
            node = MqttBus(HOST, port, client_id="pi-1", username="pi-1", password=nodes["pi-1"])
            heard = Heard()
            await hub.connect()
            await node.connect()
            await hub.subscribe("fieldlab/v1/#", heard)

            node.publish("fieldlab/v1/hall/press/pi-2/value/oil", b"forged")
            node.publish("fieldlab/v1/hall/press/pi-1/value/oil", b"own")

            assert await heard.until(1) == [("fieldlab/v1/hall/press/pi-1/value/oil", b"own")]
            with pytest.raises(BusError, match="refuses"):
                await MqttBus(
                    HOST, port, client_id="pi-2", username="pi-2", password=nodes["pi-1"]
                ).connect()
            with pytest.raises(BusError, match="refuses"):
                await MqttBus(HOST, port, client_id="anyone").connect()
            await node.close()
            await hub.close()

    asyncio.run(story())


def test_an_open_broker_stays_on_loopback(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs accounts"):
        broker_command(tmp_path, 1883, host=EVERYWHERE)


def test_a_broker_with_an_empty_acl_is_not_started(tmp_path: Path) -> None:
    accounts = write_accounts(tmp_path, {"pi-1": "correct horse 1"}, site="hall")
    (accounts.folder / "acl").write_text("")

    with pytest.raises(InputError, match="acl is missing or empty"):
        broker_command(tmp_path, 1883, host=EVERYWHERE, accounts=accounts.folder)


def test_mosquitto_is_used_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "mosquitto"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("mosquitto")

    command = broker_command(tmp_path / "home", 1999)

    settings = (tmp_path / "home" / "mosquitto.conf").read_text()
    assert command.kind == "mosquitto"
    assert command.argv[0] == str(program)
    assert "listener 1999 127.0.0.1" in settings
    assert "max_queued_messages 100000" in settings
