"""Sensors of others are read as they speak."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.memory import MemoryBroker, MemoryBus
from edge.drivers.mqtt_topic import MqttTopicSensor, number_in
from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import PayloadError
from fieldlab.core.machine import parse_machine
from fieldlab.core.messages import Command, Value

MACHINE = parse_machine("""
fieldlab: 1
id: press
sensors:
  plug: {quantity: power, unit: W, source: {mqtt: tele/plug/SENSOR, path: ENERGY.Power}}
  oil: {quantity: temperature, unit: degC, source: {mqtt: esp/sensor/oil/state}}
  own: {quantity: current, unit: A}
""")

TASMOTA = b'{"Time":"2026-01-01T00:00:00","ENERGY":{"Total":1.2,"Power":34,"Factor":[0.9,0.8]}}'
SHELLY = (
    b'{"src":"shellyplus","method":"NotifyStatus","params":{"ts":1.5,"switch:0":'
    b'{"id":0,"apower":8.9,"output":true}}}'
)


@pytest.mark.parametrize(
    ("payload", "path", "number"),
    [
        (b"21.5", None, 21.5),
        (b" 21 \n", None, 21.0),
        (b"ON", None, 1.0),
        (TASMOTA, "ENERGY.Power", 34.0),
        (TASMOTA, "ENERGY.Factor.1", 0.8),
        (SHELLY, "switch:0.apower", 8.9),
        (SHELLY, "params.switch:0.apower", 8.9),
        (SHELLY, "switch:0.output", 1.0),
        (SHELLY, "switch:1.apower", None),
        (b'{"temperature":"21.25","state":"OFF"}', "temperature", 21.25),
        (b'{"temperature":21.25,"state":"OFF"}', "state", 0.0),
        (b'{"a.b": 3}', "a.b", 3.0),
    ],
)
def test_a_foreign_message_gives_its_number(
    payload: bytes, path: str | None, number: float | None
) -> None:
    assert number_in(payload, path) == number


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        (b"", None),
        (b"nan", None),
        (b"warm", None),
        (b"1e400", None),
        (TASMOTA, "ENERGY"),
        (TASMOTA, "ENERGY.Gone"),
        (TASMOTA, None),
        (b'{"a": null}', "a"),
        (b'{"a": "x"}', "a"),
        (b'{"a": "-"}', "a"),
        (b"[" * 5000, "a"),
    ],
)
def test_a_message_without_a_number_is_refused(payload: bytes, path: str | None) -> None:
    with pytest.raises(PayloadError):
        number_in(payload, path)


@given(st.binary(max_size=100), st.sampled_from([None, "a", "a.b.0"]))
def test_random_bytes_never_crash(payload: bytes, path: str | None) -> None:
    with contextlib.suppress(PayloadError):
        assert isinstance(number_in(payload, path), float | None)


def test_readings_get_the_time_they_came_in_and_bad_ones_are_counted() -> None:
    async def story() -> None:
        broker, clock = MemoryBroker(), ManualClock()
        bus = MemoryBus(broker)
        await bus.connect()
        sensor = MqttTopicSensor(bus, MACHINE, clock)
        await sensor.listen()

        bus.publish("tele/plug/SENSOR", TASMOTA)
        bus.publish("tele/plug/SENSOR", b"\xff")
        bus.publish("esp/sensor/oil/state", b"40.5")
        await clock.sleep(0)

        assert await sensor.read() == (
            Value(sensor="plug", t_s=clock.now_s(), value=34.0),
            Value(sensor="oil", t_s=clock.now_s(), value=40.5),
        )
        assert sensor.unreadable == 1
        assert not sensor.command("fit", Command(id="1", expires_s=0.0)).ok
        assert sensor.checkpoint() == b""

    asyncio.run(story())
