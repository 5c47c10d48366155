"""Read the sensors of one node and bring every reading to the hub, once and in order.

Three tasks: one reads into the outbox, one sends from it, one watches that the hub keeps up. A row
leaves the outbox on the hub's own ack, never on the broker's.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from edge.blocks import Numbering
from edge.commands import Commands
from edge.outbox import NewRow, Outbox
from fieldlab.core.clock import Clock
from fieldlab.core.codec import decode_ack, encode_meta, encode_reply, encode_status
from fieldlab.core.errors import PayloadError
from fieldlab.core.messages import Meta, NodeStatus, Reading
from fieldlab.core.ports import Bus, Sensor
from fieldlab.core.topics import NodeKind, Topic, pattern

STALLED_S = 5.0  # without an ack for so long, what is not acknowledged is sent again
MAX_STALLED_S = 60.0
PROBE = 500  # how many rows are sent again to a hub that does not answer
PATIENT_BACKLOG = 2_000  # a simulation or recording waits at so many rows
BATCH = 100
DRAIN_PER_S = 1_000.0  # after an outage; amqtt carries about 1,400 messages a second
_QUEUE_FULL_S = 0.05
_WATCH_S = 1.0


class EdgeBus(Bus, Protocol):
    """A bus that tells when it is connected, and when it is again."""

    on_connect: Callable[[], None] | None

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        ...


def last_will(
    *, site: str, machine_id: str, node: str, boot: int, clock: Clock
) -> tuple[str, bytes]:
    """Return the last will of a node's bus: topic and payload that say it is offline."""
    topic = Topic(site=site, machine=machine_id, node=node, kind="status")
    status = NodeStatus(state="offline", boot=boot, t_s=clock.now_s())
    return str(topic), encode_status(status)


class Agent:
    """One node: its sensors, its outbox and its place on the bus.

    Parameters
    ----------
    bus : EdgeBus
        Not yet connected; its last will is `last_will(...)`.
    boot : int
        Which start of this node it is: `outbox.boot()`.
    checkpoint : callable
        Gets the sensor's checkpoint after it was kept, with its readings, in the outbox.
    drain_per_s : float
        How many messages a second are sent at most while there is a backlog.
    """

    def __init__(  # noqa: PLR0913 - the wiring of one node
        self,
        bus: EdgeBus,
        outbox: Outbox,
        sensor: Sensor,
        meta: Meta,
        *,
        site: str,
        machine_id: str,
        node: str,
        clock: Clock,
        boot: int,
        checkpoint: Callable[[bytes], None] | None = None,
        drain_per_s: float = DRAIN_PER_S,
    ) -> None:
        self.unreadable_acks = 0
        self._bus, self._outbox, self._sensor, self._meta = bus, outbox, sensor, meta
        self._site, self._machine_id, self._node = site, machine_id, node
        self._clock, self._boot, self._checkpoint = clock, boot, checkpoint
        self._pause_s = BATCH / drain_per_s
        self._numbering = Numbering(site=site, machine_id=machine_id, node=node, boot=boot)
        self._commands = Commands(sensor.command, clock)
        self._patient = bool(getattr(sensor, "patient", False))
        self._cursor = 0  # the last row that was handed to the bus
        self._newest = 0
        self._unproven = 0  # rows sent since the hub last acknowledged anything
        self._allowed: int | None = None  # how many of those there may be; None: no limit
        self._stalled_s = STALLED_S
        self._progress_s = clock.monotonic_s()
        self._work = asyncio.Event()  # there may be something to send
        self._room = asyncio.Event()  # the outbox has become smaller

    @property
    def refused(self) -> int:
        """How many readings were not sent because no hub would take them (NaN, infinite)."""
        return self._numbering.refused

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`, or until a source that ends has been acknowledged to its last row.

        Raises
        ------
        BusError
            If the broker refuses the first connection.
        InputError
            If the source is broken.
        StoreError
            If the outbox cannot be written: nothing is read that cannot be kept.
        """
        await self._join()
        tasks = [
            asyncio.create_task(self._read(), name="edge-read"),
            asyncio.create_task(self._send(), name="edge-send"),
            asyncio.create_task(self._watch(), name="edge-watch"),
            asyncio.create_task(stop.wait(), name="edge-stop"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._bus.publish(self._topic("status"), self._status("offline"), retain=True)
            await self._bus.close()

    # ------------------------------------------------------------------------------ the bus

    async def _join(self) -> None:
        theirs = self._bus.on_connect
        joined = False

        def connected() -> None:
            if theirs is not None:
                theirs()
            if joined:
                self.reconnected()

        self._bus.on_connect = connected
        await self._bus.connect()
        await self._bus.subscribe(self._topic("ack"), self._acknowledged)
        await self._bus.subscribe(
            pattern("cmd", site=self._site, machine=self._machine_id), self._commanded
        )
        joined = True
        self.reconnected()

    def reconnected(self) -> None:
        """Say that we are here, and send again all that is not acknowledged."""
        self._bus.publish(self._topic("status"), self._status("online"), retain=True)
        self._bus.publish(self._topic("meta"), encode_meta(self._meta), retain=True)
        self._stalled_s, self._allowed = STALLED_S, None
        self._again()

    def _topic(self, kind: NodeKind) -> str:
        topic = Topic(site=self._site, machine=self._machine_id, node=self._node, kind=kind)
        return str(topic)

    def _status(self, state: Literal["online", "offline"]) -> bytes:
        return encode_status(NodeStatus(state=state, boot=self._boot, t_s=self._clock.now_s()))

    def _acknowledged(self, _topic: str, payload: bytes) -> None:
        try:
            ack = decode_ack(payload)
        except PayloadError:
            self.unreadable_acks += 1
            return
        if not ack.stream:
            self._allowed = None  # an ack of nothing: the hub has come back and may lack some
            self._again()
        elif self._outbox.ack(ack.boot, ack.stream):
            self._stalled_s, self._unproven, self._allowed = STALLED_S, 0, None
            self._progress_s = self._clock.monotonic_s()
            self._work.set()
            self._room.set()

    def _commanded(self, topic: str, payload: bytes) -> None:
        reply = self._commands.answer(topic, payload)
        if reply is not None:
            place = Topic(site=self._site, machine=self._machine_id, kind="reply", leaf=reply.id)
            self._bus.publish(str(place), encode_reply(reply), qos=1)

    # ------------------------------------------------------------------------------ reading

    async def _read(self) -> None:
        """Read; what is ready at once is kept together, so that one sync serves many readings."""
        rows: list[NewRow] = []
        point: bytes | None = None  # the checkpoint of exactly these rows
        while True:
            if point is not None and (len(rows) >= BATCH or self._full(len(rows))):
                rows, point = self._keep(rows, point)
            while self._full(0):
                self._room.clear()
                await self._room.wait()
            coming = asyncio.create_task(_next(self._sensor), name="edge-next")
            try:
                await self._clock.sleep(0)  # also lets the others go on
                if point is not None and not coming.done():
                    rows, point = self._keep(rows, point)
                readings = await coming
            finally:
                coming.cancel()
            if readings is None:
                break
            rows += self._numbering.rows(readings)
            point = self._sensor.checkpoint()
        if point is not None:
            self._keep(rows, point)
        while self._outbox.size:  # the source has ended; stay until the hub has it all
            self._room.clear()
            await self._room.wait()

    def _full(self, waiting: int) -> bool:
        return self._patient and self._outbox.size + waiting >= PATIENT_BACKLOG

    def _keep(self, rows: list[NewRow], point: bytes) -> tuple[list[NewRow], None]:
        """Keep rows with their checkpoint and send them; return what is then left: nothing."""
        caught_up = self._cursor == self._newest
        last = self._outbox.put_all(rows, point)
        if self._checkpoint is not None:
            self._checkpoint(point)
        if not rows:
            return [], None
        self._newest = last
        if caught_up and self._may_send(len(rows)):  # no need to read them back from the disk
            self._cursor = last - len(rows) + self._hand_over(rows)
        if self._cursor < last:
            self._work.set()
        return [], None

    # ------------------------------------------------------------------------------ sending

    async def _send(self) -> None:
        while True:
            self._work.clear()
            sent = self._send_batch()
            if sent == BATCH:
                await self._clock.sleep(self._pause_s)
            elif self._cursor < self._newest and self._may_send(1):
                await self._clock.sleep(_QUEUE_FULL_S)
            else:
                await self._work.wait()

    def _send_batch(self) -> int:
        """Send the next rows after the cursor; return how many the bus took."""
        if self._cursor >= self._newest or not self._may_send(1):
            return 0
        rows = self._outbox.pending(BATCH, self._cursor)
        if not rows:
            self._cursor = self._newest  # acknowledged or dropped in the meantime
            return 0
        sent = self._hand_over(rows)
        if sent:
            self._cursor = rows[sent - 1].rowid
        return sent

    def _may_send(self, count: int) -> bool:
        allowed = self._allowed
        return self._bus.connected and (allowed is None or self._unproven + count <= allowed)

    def _hand_over(self, rows: Sequence[NewRow]) -> int:
        if not self._unproven:
            self._progress_s = self._clock.monotonic_s()
        sent = 0
        for row in rows:
            if not self._bus.publish(row.topic, row.payload, qos=1):
                break
            sent += 1
        self._unproven += sent
        return sent

    def _again(self) -> None:
        self._cursor, self._unproven = 0, 0
        self._newest = max(self._newest, self._outbox.last_rowid())
        self._progress_s = self._clock.monotonic_s()
        self._work.set()

    async def _watch(self) -> None:
        """Send again, ever more slowly and only a part, when the hub acknowledges nothing."""
        while True:
            await self._clock.sleep(_WATCH_S)
            waited_s = self._clock.monotonic_s() - self._progress_s
            if self._unproven and self._outbox.size and waited_s >= self._stalled_s:
                self._stalled_s = min(2 * self._stalled_s, MAX_STALLED_S)
                self._allowed = PROBE
                self._again()


async def _next(sensor: Sensor) -> tuple[Reading, ...] | None:
    return await sensor.read()
