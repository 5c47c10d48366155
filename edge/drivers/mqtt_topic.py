"""Sensors that already speak MQTT in their own way, read as they are.

`source: {mqtt: TOPIC, path: A.B}` in the machine file. Understood: a bare number (ESPHome
`.../sensor/ID/state`), JSON walked by a path (Tasmota `tele/.../SENSOR`, zigbee2mqtt), and
Shelly Gen2 `.../events/rpc`, whose path starts after `params`. A list is walked by index.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from fieldlab.core.clock import Clock
from fieldlab.core.codec import MAX_VALUE, read_json
from fieldlab.core.errors import PayloadError
from fieldlab.core.machine import Machine, Source
from fieldlab.core.messages import Command, Reading, Reply, Value
from fieldlab.core.ports import Bus, OnMessage

MAX_WAITING = 10_000
_WORDS = {"on": 1.0, "true": 1.0, "off": 0.0, "false": 0.0}


class MqttTopicSensor:
    """Read every sensor of a machine file that has a `source`.

    The bus may be the one of the agent or another broker's; the owner connects it.
    """

    def __init__(self, bus: Bus, machine: Machine, clock: Clock) -> None:
        self.unreadable = 0  # messages without a number where the path points
        self.overflowed = 0  # readings dropped because nobody read them in time
        self.sensors = {
            name: spec.source for name, spec in machine.sensors.items() if spec.source is not None
        }
        self._bus, self._clock = bus, clock
        self._waiting: asyncio.Queue[Value] = asyncio.Queue(MAX_WAITING)
        self._listening = False

    async def listen(self) -> None:
        """Subscribe to all sources; `read` does so by itself."""
        self._listening = True
        for name, source in self.sensors.items():
            await self._bus.subscribe(source.mqtt, self._listener(name, source))

    async def read(self) -> tuple[Reading, ...] | None:
        """Return what has come in, waiting for at least one reading."""
        if not self._listening:
            await self.listen()
        readings = [await self._waiting.get()]
        while not self._waiting.empty():
            readings.append(self._waiting.get_nowait())
        return tuple(readings)

    def command(self, name: str, command: Command) -> Reply:
        """Refuse: these sensors are only listened to."""
        now_s = self._clock.now_s()
        return Reply(
            id=command.id, ok=False, t_s=now_s, reason=f"these sensors know no command '{name}'"
        )

    def checkpoint(self) -> bytes:
        """Return nothing: what was said while nobody listened is gone."""
        return b""

    def _listener(self, sensor: str, source: Source) -> OnMessage:
        def heard(_topic: str, payload: bytes) -> None:
            try:
                value = number_in(payload, source.path)
            except PayloadError:
                self.unreadable += 1
                return
            if value is None:
                return
            try:
                self._waiting.put_nowait(Value(sensor=sensor, t_s=self._clock.now_s(), value=value))
            except asyncio.QueueFull:
                self.overflowed += 1

        return heard


def number_in(payload: bytes, path: str | None) -> float | None:
    """Return the number that a message holds; None if it speaks of something else.

    A Shelly sends only what changed, so a path that leads nowhere in its `params` is no error.

    Raises
    ------
    PayloadError
        If there is no finite number where the path points.

    >>> number_in(b"21.5", None), number_in(b'{"ENERGY": {"Power": 34}}', "ENERGY.Power")
    (21.5, 34.0)
    """
    found = _plain(payload) if path is None else read_json(payload, what="sensor message")
    if path is not None:
        event = _shelly_event(found)
        if event is not None and not _leads(found, path):
            if not _leads(event, path):
                return None
            found = event
        found = _walk(found, path)
    return _number(found, path)


def _plain(payload: bytes) -> Any:
    text = payload.decode("utf-8", "replace").strip().lower()
    if text in _WORDS:
        return _WORDS[text]
    return read_json(payload.strip(), what="sensor message")


def _shelly_event(found: Any) -> Mapping[str, Any] | None:
    if isinstance(found, dict) and str(found.get("method", "")).startswith("Notify"):
        params = found.get("params")
        return params if isinstance(params, dict) else None
    return None


def _leads(found: Any, path: str) -> bool:
    try:
        _walk(found, path)
    except PayloadError:
        return False
    return True


def _walk(found: Any, path: str) -> Any:
    """Walk into JSON; a key may itself hold dots (`switch:0` and `a.b` both work)."""
    if isinstance(found, dict) and path in found:
        return found[path]
    head, dot, rest = path.partition(".")
    inner: Any = None
    if isinstance(found, dict) and head in found:
        inner = found[head]
    elif isinstance(found, list) and head.isdecimal() and int(head) < len(found):
        inner = found[int(head)]
    else:
        raise PayloadError(f"path '{path}' leads nowhere in the message")
    return _walk(inner, rest) if dot else inner


def _number(found: Any, path: str | None) -> float:
    if isinstance(found, bool):
        return float(found)
    if isinstance(found, str):
        try:
            found = _WORDS.get(found.strip().lower()) if not found.strip()[:1].isdigit() else found
            found = float(found) if found is not None else None
        except ValueError:
            found = None
    if not isinstance(found, int | float) or not abs(found) <= MAX_VALUE:
        where = f" at '{path}'" if path else ""
        raise PayloadError(f"found {found!r:.60}{where}; wanted a number")
    return float(found)
