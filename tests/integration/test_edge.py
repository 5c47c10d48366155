"""Every reading reaches the hub once and in order, whatever breaks in between."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from broker.memory import MemoryBroker, MemoryBus
from broker.streams import SEND_AGAIN, Streams
from edge.agent import PATIENT_BACKLOG, Agent, last_will
from edge.outbox import Outbox
from fieldlab.core import codec, topics
from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import BusError, InputError
from fieldlab.core.messages import Command, Meta, Reading, Reply, Value, Wave
from fieldlab.core.topics import Topic

WAIT_S = 10.0
META = Meta(machine={"fieldlab": 1, "id": "press"}, sensors=("oil",))


def topic(kind: topics.NodeKind | topics.MachineKind, leaf: str = "") -> str:
    return str(Topic(site="hall", machine="press", node="pi", kind=kind, leaf=leaf))


class FakeSensor:
    """Gives numbered readings; waits when told to."""

    def __init__(self, readings: list[tuple[Reading, ...]], done: int = 0) -> None:
        self.patient = True
        self.done = done
        self.commands: list[str] = []
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._readings = readings

    async def read(self) -> tuple[Reading, ...] | None:
        await self.flowing.wait()
        if self.done == len(self._readings):
            return None
        self.done += 1
        return self._readings[self.done - 1]

    def command(self, name: str, command: Command) -> Reply:
        if name == "broken":
            raise InputError("it jams")
        self.commands.append(name)
        return Reply(id=command.id, ok=True, t_s=1.0)

    def checkpoint(self) -> bytes:
        return str(self.done).encode()


class Hub:
    """Takes what comes, in order; acknowledges when told to."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.bus = MemoryBus(broker)
        self.streams: Streams[Value | Wave] = Streams()
        self.readings: list[Value | Wave] = []
        self.replies: list[Reply] = []
        self.answering = True
        self._more = asyncio.Event()

    async def join(self) -> None:
        await self.bus.connect()
        for kind in ("wave", "value"):
            await self.bus.subscribe(topics.pattern(kind), self._take)
        await self.bus.subscribe(topics.pattern("reply"), self._replied)

    def _take(self, where: str, payload: bytes) -> None:
        place = topics.parse(where)
        if place.kind == "wave":
            wave, stamp, _ = codec.decode_wave(payload, place.leaf)
            self.readings += self.streams.accept(place.node, place.leaf, stamp, wave)
        else:
            value, found = codec.decode_value(payload, place.leaf, now_s=0.0)
            assert found is not None
            self.readings += self.streams.accept(place.node, place.leaf, found, value)
        self._more.set()
        if self.answering:
            self.acknowledge()

    def acknowledge(self) -> None:
        self.streams.commit()
        for ack in self.streams.acks("pi"):
            self.bus.publish(topic("ack"), codec.encode_ack(ack))

    def _replied(self, _where: str, payload: bytes) -> None:
        self.replies.append(codec.decode_reply(payload))
        self._more.set()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not done():
                self._more.clear()
                await self._more.wait()


def values(count: int) -> list[tuple[Reading, ...]]:
    return [(Value(sensor="oil", t_s=100.0 + at, value=float(at)),) for at in range(count)]


class World:
    """One broker, one hub, one node whose outbox outlives it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = MemoryBroker()
        self.hub = Hub(self.broker)
        self.clock = ManualClock()
        self.stop = asyncio.Event()

    def start(self, sensor: FakeSensor) -> "asyncio.Task[None]":
        self.outbox = Outbox(self.folder / "o.db", max_bytes=10**8, clock=self.clock)
        place = {"site": "hall", "machine_id": "press", "node": "pi"}
        will = last_will(**place, boot=self.outbox.boot(), clock=self.clock)
        self.bus = MemoryBus(self.broker, will=will)
        self.agent = Agent(
            self.bus,
            self.outbox,
            sensor,
            META,
            **place,
            clock=self.clock,
            boot=self.outbox.boot(),
        )
        return asyncio.create_task(self.agent.run(self.stop))

    def status(self) -> str:
        return codec.decode_status(self.broker.retained[topic("status")]).state

    def numbers(self) -> list[float]:
        return [value.value for value in self.hub.readings if isinstance(value, Value)]


def run(story: Callable[[World], object], folder: Path) -> None:
    async def all_of_it() -> None:
        async with asyncio.timeout(3 * WAIT_S):
            await story(World(folder))  # type: ignore[misc]

    asyncio.run(all_of_it())


def test_a_node_is_born_sends_everything_and_says_goodbye(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.hub.join()
        sensor = FakeSensor(values(300))
        sensor.flowing.clear()
        task = world.start(sensor)
        await world.clock.sleep(0)
        await world.clock.sleep(0)
        assert world.status() == "online"
        assert codec.decode_meta(world.broker.retained[topic("meta")]) == META

        sensor.flowing.set()
        await task

        assert world.numbers() == [float(at) for at in range(300)]
        assert world.outbox.size == 0
        assert world.outbox.checkpoint() == b"300"
        assert world.status() == "offline"

    run(story, tmp_path)


def test_what_is_read_while_the_broker_is_away_comes_in_order_afterwards(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.hub.join()
        sensor = FakeSensor(values(1500))
        task = world.start(sensor)
        await world.hub.until(lambda: len(world.hub.readings) > 50)

        world.broker.stop()
        while sensor.done < 1200:
            await world.clock.sleep(0)
        world.broker.start()
        await task

        assert world.numbers() == [float(at) for at in range(1500)]
        assert world.hub.streams.missing == 0

    run(story, tmp_path)


def test_a_hub_that_lost_messages_gets_them_again(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        task = world.start(FakeSensor(values(200)))
        while world.outbox.size < 200:  # nobody is listening: all of it is lost on the bus
            await world.clock.sleep(0)

        await world.hub.join()
        world.hub.bus.publish(topic("ack"), codec.encode_ack(SEND_AGAIN))
        await task

        assert world.numbers() == [float(at) for at in range(200)]

    run(story, tmp_path)


def test_without_an_ack_everything_is_sent_again_after_a_while(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.hub.join()
        world.hub.answering = False
        task = world.start(FakeSensor(values(20)))
        await world.hub.until(lambda: world.hub.streams.duplicates >= 20 <= len(world.numbers()))
        assert world.numbers() == [float(at) for at in range(20)]
        assert world.outbox.size == 20

        world.hub.answering = True
        await task

        assert len(world.numbers()) == 20

    run(story, tmp_path)


def test_a_restart_goes_on_with_the_next_reading_under_a_new_boot(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        sensor = FakeSensor(values(100))
        task = world.start(sensor)  # no hub yet
        while world.outbox.size < 60:
            await world.clock.sleep(0)
        task.cancel()  # as a kill would: nothing is said, the outbox stays
        await asyncio.wait([task])
        done = int(world.outbox.checkpoint() or b"0")
        kept = world.outbox.size
        world.outbox.close()

        await world.hub.join()
        await world.start(FakeSensor(values(100), done=done))

        assert done == kept
        assert world.numbers() == [float(at) for at in range(100)]
        assert world.outbox.boot() == 2

    run(story, tmp_path)


def test_a_patient_source_waits_while_the_outbox_is_full(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        sensor = FakeSensor(values(PATIENT_BACKLOG + 500))
        task = world.start(sensor)
        while sensor.done < PATIENT_BACKLOG:
            await world.clock.sleep(0)
        for _ in range(50):
            await world.clock.sleep(0)
        assert sensor.done == PATIENT_BACKLOG

        await world.hub.join()
        world.hub.bus.publish(topic("ack"), codec.encode_ack(SEND_AGAIN))
        await task

        assert len(world.numbers()) == PATIENT_BACKLOG + 500

    run(story, tmp_path)


def test_a_long_wave_is_split_into_contiguous_blocks(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.hub.join()
        samples = np.arange(40_000, dtype=np.float32)
        wave = Wave(sensor="acc", t_s=100.0, rate_hz=20_000.0, samples=samples)

        await world.start(FakeSensor([(wave,)]))

        blocks = [block for block in world.hub.readings if isinstance(block, Wave)]
        assert [block.last for block in blocks] == [False, False, True]
        np.testing.assert_array_equal(np.concatenate([block.samples for block in blocks]), samples)
        for before, after in pairwise(blocks):
            end_s = before.t_s + len(before.samples) / before.rate_hz
            assert after.t_s == pytest.approx(end_s, abs=1e-6)

    run(story, tmp_path)


def test_a_reading_that_is_no_number_is_counted_and_never_sent(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.hub.join()
        bad = (
            Value(sensor="oil", t_s=100.0, value=float("nan")),
            Value(sensor="oil", t_s=100.0, value=1e308),
            Value(sensor="oil", t_s=-5.0, value=1.0),
            Wave(sensor="acc", t_s=100.0, rate_hz=1e3, samples=np.array([1.0, np.inf])),
            Wave(sensor="acc", t_s=100.0, rate_hz=1e3, samples=np.empty(0)),
        )

        await world.start(FakeSensor([bad, *values(2)]))

        assert world.numbers() == [0.0, 1.0]
        assert world.agent.refused == 5
        assert world.hub.streams.missing == 0

    run(story, tmp_path)


def test_a_command_is_done_once_answered_and_refused_when_late(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.hub.join()
        sensor = FakeSensor(values(1))
        sensor.flowing.clear()
        task = world.start(sensor)
        await world.clock.sleep(0)
        soon_s = world.clock.now_s() + 3600.0

        def send(name: str, command_id: str, expires_s: float) -> None:
            command = Command(id=command_id, expires_s=expires_s, arguments={"component": "roller"})
            world.hub.bus.publish(topic("cmd", name), codec.encode_command(command))

        send("fit", "c1", soon_s)
        send("fit", "c1", soon_s)
        send("fit", "c2", 1.0)
        send("broken", "c3", soon_s)
        send("fit", "a/b", soon_s)
        world.hub.bus.publish(topic("cmd", "fit"), b"\xff rubbish")
        world.hub.bus.publish(topic("ack"), b"\xff rubbish")
        await world.hub.until(lambda: len(world.hub.replies) >= 4)

        assert sensor.commands == ["fit"]
        assert [(reply.id, reply.ok) for reply in world.hub.replies] == [
            ("c1", True),
            ("c1", True),
            ("c2", False),
            ("c3", False),
        ]
        assert "too late" in world.hub.replies[2].reason
        assert world.hub.replies[3].reason == "it jams"
        sensor.flowing.set()
        await task

    run(story, tmp_path)


def test_a_node_without_a_broker_says_so(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.broker.stop()
        with pytest.raises(BusError):
            await world.start(FakeSensor([]))

    run(story, tmp_path)


def test_a_broken_source_ends_the_node_with_its_reason(tmp_path: Path) -> None:
    class Broken(FakeSensor):
        async def read(self) -> tuple[Reading, ...] | None:
            raise InputError("the cable is cut")

    async def story(world: World) -> None:
        with pytest.raises(InputError, match="cable"):
            await world.start(Broken([]))
        assert world.status() == "offline"

    run(story, tmp_path)


def test_stop_ends_a_node_that_waits(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        sensor = FakeSensor(values(5))
        sensor.flowing.clear()
        task = world.start(sensor)
        await world.clock.sleep(0)

        world.stop.set()
        await task

        assert world.status() == "offline"

    run(story, tmp_path)
