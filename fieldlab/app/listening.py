"""`fieldlab check --listen`: what arrives of each sensor, and how good it is."""

from collections import defaultdict
from typing import Any

from broker.address import BrokerAddress
from broker.mqtt import MqttBus
from fieldlab.app.gauging import Gauge
from fieldlab.core import codec, topics
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import PayloadError
from fieldlab.core.machine import Machine, SensorSpec

_WHY = {
    "silent": "nothing arrived; check the cable and the topic",
    "never": "nothing arrived; check the cable and the topic",
    "rate": "{rate_hz:g} Hz, the file says {wanted_hz:g} Hz",
    "stuck": "stuck at {low:g} {unit}",
    "clipped": "cut off at {low:g} or {high:g} {unit}; choose a wider range",
    "coarse": "only a few steps between {low:g} and {high:g} {unit}; choose a finer range",
    "clock": "its clock is {late_s:+.1f} s off; set it by NTP",
    "good": "{count} messages, {low:.4g} to {high:.4g} {unit}, noise {noise:.3g}",
}


async def grade_sensors(
    machine: Machine, broker: BrokerAddress, listen_s: float
) -> dict[str, dict[str, Any]]:
    """Listen for a while and return a grade and its reason for every sensor."""
    clock = SystemClock()
    heard: dict[str, Gauge] = defaultdict(Gauge)
    broken: dict[str, str] = {}

    def hear(text: str, payload: bytes) -> None:
        topic = topics.parse(text)
        try:
            if topic.kind == "wave":
                heard[topic.leaf].add(codec.decode_wave(payload, topic.leaf)[0], clock.now_s())
            else:
                value, _ = codec.decode_value(payload, topic.leaf, now_s=clock.now_s())
                heard[topic.leaf].add(value, clock.now_s())
        except PayloadError as error:
            broken[topic.leaf] = str(error)

    bus = MqttBus(*broker, client_id="fieldlab-check", clean=True)
    await bus.connect()
    for kind in ("wave", "value"):
        await bus.subscribe(topics.pattern(kind, machine=machine.id), hear)
    await clock.sleep(listen_s)
    await bus.close()
    return {
        name: {"grade": "bad", "why": broken[name]} if name in broken
        else graded(spec, heard[name], clock.now_s())
        for name, spec in machine.sensors.items()
    }  # fmt: skip


def graded(spec: SensorSpec, gauge: Gauge, now_s: float) -> dict[str, Any]:
    """Return a sensor's grade with its reason in one line."""
    found = gauge.record(spec, now_s)
    grade = "silent" if found["grade"] == "never" else found["grade"]
    numbers = {**found, "unit": spec.unit, "noise": found["noise"] or 0.0}
    return {"grade": grade, "why": _WHY[grade].format(**numbers), "checks": found["checks"]}
