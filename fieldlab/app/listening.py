"""`fieldlab check --listen`: what arrives of each sensor, and how good it is."""

from collections import defaultdict
from typing import Any

import numpy as np

from broker.mqtt import MqttBus
from fieldlab.core import codec, topics
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import PayloadError
from fieldlab.core.machine import Machine, SensorSpec
from fieldlab.core.messages import Reading, Wave

RATE_TOLERANCE = 0.05
FEW = 2


async def grade_sensors(
    machine: Machine, broker: tuple[str, int], listen_s: float
) -> dict[str, dict[str, Any]]:
    """Listen for a while and return a grade and its reason for every sensor."""
    clock = SystemClock()
    heard: dict[str, list[Reading]] = defaultdict(list)
    broken: dict[str, str] = {}

    def hear(text: str, payload: bytes) -> None:
        topic = topics.parse(text)
        try:
            if topic.kind == "wave":
                heard[topic.leaf].append(codec.decode_wave(payload, topic.leaf)[0])
            else:
                value, _ = codec.decode_value(payload, topic.leaf, now_s=clock.now_s())
                heard[topic.leaf].append(value)
        except PayloadError as error:
            broken[topic.leaf] = str(error)

    bus = MqttBus(*broker, client_id="fieldlab-check", clean=True)
    await bus.connect()
    for kind in ("wave", "value"):
        await bus.subscribe(topics.pattern(kind, machine=machine.id), hear)
    await clock.sleep(listen_s)
    await bus.close()
    return {
        name: {"grade": "bad", "why": broken[name]} if name in broken else _grade(spec, heard[name])
        for name, spec in machine.sensors.items()
    }


def _grade(spec: SensorSpec, readings: list[Reading]) -> dict[str, Any]:
    if not readings:
        return {"grade": "silent", "why": "nothing arrived; check the cable and the topic"}
    first = readings[0]
    if isinstance(first, Wave):
        wanted_hz = spec.rate_hz or first.rate_hz
        if abs(first.rate_hz / wanted_hz - 1) > RATE_TOLERANCE:
            return {"grade": "bad", "why": f"{first.rate_hz:g} Hz, the file says {wanted_hz:g} Hz"}
        values = np.concatenate([r.samples for r in readings if isinstance(r, Wave)])
    else:
        values = np.array([r.value for r in readings if not isinstance(r, Wave)])
    spread = float(np.std(values))
    if len(values) > FEW and spread == 0.0:
        return {"grade": "bad", "why": f"stuck at {values[0]:g} {spec.unit}"}
    low, high = float(values.min()), float(values.max())
    why = f"{len(readings)} messages, {low:.4g} to {high:.4g} {spec.unit}"
    return {"grade": "good", "why": why}
