"""A broker that is killed costs nothing: real processes, a real kill."""

import asyncio
import socket
import subprocess
from pathlib import Path

import pytest

from broker.managed import (
    BrokerCommand,
    amqtt_command,
    broker_command,
    find_mosquitto,
    wait_until_up,
)
from broker.mqtt import MqttBus
from broker.streams import SEND_AGAIN, Streams
from edge.agent import Agent
from edge.outbox import Outbox
from fieldlab.core import codec, topics
from fieldlab.core.clock import SystemClock
from fieldlab.core.messages import Command, Meta, Reading, Reply, Value

HOST, WAIT_S, COUNT = "127.0.0.1", 25.0, 600
ACK = "fieldlab/v1/hall/press/pi/ack"


class Counting:
    """Counts up; halfway it waits until told to go on."""

    def __init__(self) -> None:
        self.done = 0
        self.halfway, self.go_on = asyncio.Event(), asyncio.Event()

    async def read(self) -> tuple[Reading, ...] | None:
        if self.done == COUNT // 2:
            self.halfway.set()
            await self.go_on.wait()
        if self.done == COUNT:
            return None
        self.done += 1
        return (Value(sensor="oil", t_s=100.0, value=float(self.done)),)

    def command(self, name: str, command: Command) -> Reply:
        return Reply(id=command.id, ok=False, t_s=1.0, reason=name)

    def checkpoint(self) -> bytes:
        return str(self.done).encode()


class Hub:
    """Takes values in order, acknowledges now and then, asks again when it has reconnected."""

    def __init__(self, bus: MqttBus) -> None:
        self.numbers: list[float] = []
        self.streams: Streams[float] = Streams()
        self._bus = bus
        bus.on_connect = self.ask_again

    def ask_again(self) -> None:
        self.streams.expect_again()
        self._bus.publish(ACK, codec.encode_ack(SEND_AGAIN))

    def take(self, _topic: str, payload: bytes) -> None:
        value, stamp = codec.decode_value(payload, "oil", now_s=0.0)
        assert stamp is not None
        self.numbers += self.streams.accept("pi", "oil", stamp, value.value)
        if self.streams.received % 20 == 0 or value.value >= COUNT:
            self.streams.commit()
            for ack in self.streams.acks("pi"):
                self._bus.publish(ACK, codec.encode_ack(ack))


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def make_agent(bus: MqttBus, outbox: Outbox, sensor: Counting) -> Agent:
    return Agent(
        bus,
        outbox,
        sensor,
        Meta(machine={"id": "press"}, sensors=("oil",)),
        site="hall",
        machine_id="press",
        node="pi",
        clock=SystemClock(),
        boot=outbox.boot(),
    )


def start(command: BrokerCommand) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command.argv)


def command_of(kind: str, folder: Path, port: int) -> BrokerCommand:
    if kind == "amqtt":
        return amqtt_command(folder, port)
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    return broker_command(folder, port)


@pytest.mark.parametrize("kind", ["amqtt", pytest.param("mosquitto", marks=pytest.mark.broker)])
def test_a_killed_broker_loses_nothing_and_nothing_counts_twice(kind: str, tmp_path: Path) -> None:
    port = free_port()
    command = command_of(kind, tmp_path, port)
    outbox = Outbox(tmp_path / "o.db", max_bytes=10**8, clock=SystemClock())

    async def story() -> Hub:
        broker = start(command)
        try:
            await wait_until_up(HOST, port, SystemClock(), WAIT_S)
            bus = MqttBus(HOST, port, client_id="hub")
            hub, sensor = Hub(bus), Counting()
            await bus.connect()
            await bus.subscribe(topics.pattern("value"), hub.take)
            agent = make_agent(MqttBus(HOST, port, client_id="pi"), outbox, sensor)
            task = asyncio.create_task(agent.run(asyncio.Event()))
            async with asyncio.timeout(WAIT_S):
                await sensor.halfway.wait()
                broker.kill()
                broker.wait()
                sensor.go_on.set()
                broker = start(command)
                await task
            await bus.close()
            return hub
        finally:
            broker.terminate()
            broker.wait()

    hub = asyncio.run(story())

    assert hub.numbers == [float(number) for number in range(1, COUNT + 1)]
    assert (hub.streams.missing, outbox.size, outbox.dropped) == (0, 0, 0)
    outbox.close()
