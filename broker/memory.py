"""Bus inside one process, for tests: the same contract as MQTT, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from broker.mqtt import matching
from fieldlab.core import topics
from fieldlab.core.errors import BusError
from fieldlab.core.ports import OnMessage


class MemoryBroker:
    """What the buses of one test share; `up = False` refuses and cuts them off."""

    def __init__(self) -> None:
        self.retained: dict[str, bytes] = {}
        self.buses: list[MemoryBus] = []
        self._up = True

    @property
    def up(self) -> bool:
        """Whether the broker runs."""
        return self._up

    def stop(self) -> None:
        """Cut off every bus; their last wills are published to nobody but retained."""
        self._up = False
        for bus in self.buses:
            bus.cut_off()

    def start(self) -> None:
        """Come back; every bus that has not been closed reconnects."""
        self._up = True
        for bus in self.buses:
            bus.reconnect()

    def deliver(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Hand a message to every bus; an empty retained one clears what was kept."""
        if retain and payload:
            self.retained[topic] = payload
        elif retain:
            self.retained.pop(topic, None)
        for bus in self.buses:
            bus.receive(topic, payload)


class MemoryBus:
    """Publish and subscribe through a shared `MemoryBroker`."""

    def __init__(
        self,
        broker: MemoryBroker,
        *,
        will: tuple[str, bytes] | None = None,
        on_connect: Callable[[], None] | None = None,
        max_queued: int = 1_000,
    ) -> None:
        self.on_connect = on_connect
        self._broker = broker
        self._will = will
        self._max_queued = max_queued
        self._queue: list[tuple[str, bytes, bool]] = []
        self._subscriptions: dict[str, list[OnMessage]] = {}
        self._connected = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and has not gone since."""
        return self._connected

    async def connect(self) -> None:
        """Connect and keep reconnecting; raises BusError if there is no broker."""
        if not self._broker.up:
            raise BusError("the memory broker is stopped; start it first")
        self._loop = asyncio.get_running_loop()
        if self not in self._broker.buses:
            self._broker.buses.append(self)
        self.reconnect()

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        """Hand over a message; False if it was not taken."""
        if not self._connected:
            if qos == 0 or len(self._queue) >= self._max_queued:
                return False
            self._queue.append((topic, payload, retain))
            return True
        self._broker.deliver(topic, payload, retain=retain)
        return True

    async def subscribe(self, subscription: str, on_message: OnMessage) -> None:
        """Call `on_message(topic, payload)` on the event loop for each message that matches."""
        self._subscriptions.setdefault(subscription, []).append(on_message)
        if self._connected and self._loop is not None:
            for topic, payload in self._broker.retained.items():
                if topics.matches(subscription, topic):
                    self._loop.call_soon(on_message, topic, payload)

    async def close(self) -> None:
        """Say goodbye and disconnect; never raises."""
        self._connected = False
        if self in self._broker.buses:
            self._broker.buses.remove(self)

    def vanish(self) -> None:
        """Go without a goodbye: the last will is published."""
        self._connected = False
        if self in self._broker.buses:
            self._broker.buses.remove(self)
        if self._will is not None:
            self._broker.deliver(*self._will, retain=True)

    def receive(self, topic: str, payload: bytes) -> None:
        """Take a message from the broker."""
        if self._connected and self._loop is not None:
            for on_message in matching(self._subscriptions, topic):
                self._loop.call_soon(on_message, topic, payload)

    def cut_off(self) -> None:
        """Lose the broker."""
        self._connected = False
        if self._will is not None:
            self._broker.retained[self._will[0]] = self._will[1]

    def reconnect(self) -> None:
        """Find the broker again: subscriptions count, retained messages come, the queue goes."""
        if self._connected or self._loop is None:
            return
        self._connected = True
        for topic, payload in tuple(self._broker.retained.items()):
            self.receive(topic, payload)
        if self.on_connect is not None:
            self._loop.call_soon(self.on_connect)
        queue, self._queue = self._queue, []
        for topic, payload, retain in queue:
            self._broker.deliver(topic, payload, retain=retain)
