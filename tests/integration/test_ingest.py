"""What the hub makes of its messages: the same result, whatever happens to them on the way."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from broker.streams import SEND_AGAIN
from fieldlab.app.ingest import Ingest
from fieldlab.app.store import Store
from fieldlab.core import codec
from fieldlab.core.clock import ManualClock
from fieldlab.core.machine import load_machine
from fieldlab.core.messages import Ack, Meta, NodeStatus, Stamp, Value, Wave

NODE = "fieldlab/v1/hall/press/pi"
FILE = {
    "fieldlab": 1,
    "id": "press",
    "name": {"en": "Press"},
    "learn_s": 60,
    "shafts": {"main": {"nominal_rpm": 600}},
    "sensors": {
        "acc": {"quantity": "acceleration", "unit": "g", "rate_hz": 1000},
        "temp": {"quantity": "temperature", "unit": "degC"},
        "load": {"quantity": "load", "unit": "%", "role": "condition"},
    },
    "components": {"fan": {"kind": "rotor", "shaft": "main", "near": ["acc"]}},
}
WINDOWS = 150
Message = tuple[str, bytes]


def message(sensor: str, number: int, *, shift_s: float = 0.0, sick: bool = False) -> Message:
    """Return the message of a sensor in one window; a sick fan shakes five times as much."""
    rng = np.random.default_rng([number, len(sensor), ord(sensor[0])])
    t_s, stamp = 1_790_000_000.0 + number + shift_s, Stamp(boot=1, seq=number + 1)
    if sensor == "acc":
        turns = 10.0 * np.arange(1000) / 1000 + rng.uniform()
        shake = (0.5 if sick else 0.1) * np.sin(2 * np.pi * turns)
        samples = (shake + 0.02 * rng.standard_normal(1000)).astype(np.float32)
        wave = Wave(sensor=sensor, t_s=t_s, rate_hz=1000.0, samples=samples)
        return f"{NODE}/wave/acc", codec.encode_wave(wave, stamp)
    value = {"temp": 40.0, "load": 50.0}[sensor] + float(rng.normal(0, 0.2))
    payload = codec.encode_value(Value(sensor=sensor, t_s=t_s, value=value), stamp)
    return f"{NODE}/value/{sensor}", payload


def messages(*, sick_from: int = WINDOWS, windows: int = WINDOWS) -> list[Message]:
    return [
        message(sensor, number, sick=number >= sick_from)
        for number in range(windows)
        for sensor in ("acc", "temp", "load")
    ]


def hub(home: Path, clock: ManualClock | None = None) -> Ingest:
    ingest = Ingest(home=home, store=Store(home), clock=clock or ManualClock(), ring_mb=4.0)
    meta = Meta(machine=FILE, sensors=tuple(load_machine(FILE).sensors))
    ingest.take(f"{NODE}/meta", codec.encode_meta(meta))
    return ingest


def told(home: Path, ingest: Ingest, taken: Iterable[Message]) -> list[tuple[object, ...]]:
    """Return what the store holds after these messages."""
    for at, (topic, payload) in enumerate(taken):
        ingest.take(topic, payload)
        if at % 40 == 0:
            ingest.commit()
    ingest.commit()
    rows = Store(home).health_since("press", 0.0, limit=10_000)
    return [(row["t_s"], row["state"], row["score_ratio"], row["component"]) for row in rows]


def clean(tmp_path: Path, **asked: int) -> list[tuple[object, ...]]:
    home = tmp_path / "clean"
    return told(home, hub(home), messages(**asked))


def test_a_fan_that_shakes_opens_one_case_for_the_fan(tmp_path: Path) -> None:
    clean(tmp_path, sick_from=90)

    cases = Store(tmp_path / "clean").cases()

    assert [case["component"] for case in cases] == ["fan"]
    assert cases[0]["opened_s"] >= 1_790_000_090.0


@pytest.mark.parametrize("seed", range(3))
def test_repeated_and_reordered_messages_give_what_the_clean_order_gives(
    seed: int, tmp_path: Path
) -> None:
    rng, sent = np.random.default_rng(seed), messages(sick_from=90)
    late = np.argsort(np.arange(len(sent)) + rng.uniform(0, 25, len(sent)), kind="stable")
    mixed = [sent[at] for at in late]
    for at in sorted(rng.integers(0, len(mixed), 60), reverse=True):
        mixed.insert(int(at), mixed[int(rng.integers(0, at + 1))])

    found = told(tmp_path / "mixed", hub(tmp_path / "mixed"), mixed)

    assert found == clean(tmp_path, sick_from=90)


@pytest.mark.parametrize("killed_at", [1, 100, 271, 400])
def test_after_a_kill_what_was_not_acknowledged_is_taken_once(
    killed_at: int, tmp_path: Path
) -> None:
    home, sent = tmp_path / "killed", messages(sick_from=90)
    first = hub(home)
    for at, (topic, payload) in enumerate(sent[:killed_at]):
        first.take(topic, payload)
        if at % 40 == 0:
            first.commit()  # what comes after the last commit dies with the process

    found = told(home, hub(home), sent)

    assert found == clean(tmp_path, sick_from=90)


def test_a_node_that_the_hub_does_not_know_is_asked_once_to_send_all_again(tmp_path: Path) -> None:
    ingest = hub(tmp_path)
    online = codec.encode_status(NodeStatus(state="online", boot=2, t_s=1_790_000_000.0))
    ack = f"{NODE}/ack"

    ingest.take(f"{NODE}/status", online)
    asked = ingest.commit().acks
    ingest.take(*message("temp", 0))
    ingest.take(f"{NODE}/status", online)
    then = ingest.commit().acks

    assert asked[ack] == (SEND_AGAIN,)
    assert SEND_AGAIN not in then[ack]
    assert ingest.reconnected().acks[ack] == (SEND_AGAIN,)


@pytest.mark.parametrize("silent", ["after-a-gap", "after-a-newer-start"])
def test_what_never_comes_again_is_not_awaited_for_ever(silent: str, tmp_path: Path) -> None:
    clock = ManualClock()
    ingest = hub(tmp_path, clock)
    ingest.reconnected()
    stamp = Stamp(boot=1, seq=5) if silent == "after-a-gap" else Stamp(boot=2, seq=1)
    value = Value(sensor="temp", t_s=1_790_000_000.0, value=40.0)

    ingest.take(f"{NODE}/value/temp", codec.encode_value(value, stamp))
    ingest.give_up_on_gaps()
    ingest.commit()
    waits = ingest.commit().acks
    clock.advance(11.0)
    ingest.give_up_on_gaps()
    ingest.take(f"{NODE}/value/temp", codec.encode_value(value, stamp))

    assert waits == {}
    assert ingest.commit().acks[f"{NODE}/ack"] == (
        Ack(boot=stamp.boot, stream={"temp": stamp.seq}),
    )


def test_what_cannot_be_read_is_counted_and_makes_no_case(tmp_path: Path) -> None:
    rng, ingest = np.random.default_rng(1), hub(tmp_path / "bad")
    deep = b"[" * 5000 + b"]" * 5000
    bad = [b"NaN", b"Infinity", b"1e308", b"-1e308", deep, b"{", b"", b"\xff\xfe", b"x" * 1_000_000,
           b'{"boot":-1,"seq":1,"ts_us":1,"value":2}', b'{"boot":1,"seq":1e99,"ts_us":1,"value":2}',
           b'{"boot":1,"seq":7,"ts_us":1790000000000000,"value":NaN}', b"null", b"true", b'"7"',
           *[rng.bytes(int(n)) for n in rng.integers(1, 300, 40)]]  # fmt: skip
    leaves = ("wave/acc", "value/temp", "value/no-such", "meta", "status", "wave/temp", "value/acc")
    topics = [f"{NODE}/{leaf}" for leaf in (*leaves, "nonsense")]
    mixed = []
    for at, good in enumerate(messages()):
        mixed += [good, (topics[at % len(topics)], bad[at % len(bad)])]

    found = told(tmp_path / "bad", ingest, mixed)

    assert found == clean(tmp_path)
    assert Store(tmp_path / "bad").cases() == []
    assert Store(tmp_path / "bad").counters()["quarantined"] >= 400
    assert len(list((tmp_path / "bad" / "quarantine").iterdir())) <= 200


def test_what_an_older_version_learnt_is_learnt_anew_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, sent = tmp_path / "old", messages()
    with monkeypatch.context() as older:
        older.setattr("analytics.monitor.STATE_VERSION", 1)
        told(home, hub(home), sent[:240])

    found = told(home, hub(home), sent[240:])

    assert "learning" in {row[1] for row in found[80:]}
    assert Store(home).counters()["learnt_anew"] == 1
    assert Store(home).cases() == []


@pytest.mark.parametrize("shift_s", [3600.0, -3600.0, 365 * 86_400.0, -365 * 86_400.0])
def test_a_clock_that_jumps_makes_no_case(shift_s: float, tmp_path: Path) -> None:
    home = tmp_path / "jump"
    sent = [
        message(sensor, number, shift_s=shift_s if 90 <= number < 110 else 0.0)
        for number in range(WINDOWS)
        for sensor in ("acc", "temp", "load")
    ]

    found = told(home, hub(home), sent)

    assert Store(home).cases() == []
    assert len(found) >= WINDOWS - 2
    assert {row[1] for row in found[-20:]} <= {"normal", "watch"}
