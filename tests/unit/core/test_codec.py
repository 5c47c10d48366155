"""Bytes on the wire come back as they went, and nothing unreadable gets in."""

import contextlib
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldlab.core import codec
from fieldlab.core.errors import PayloadError
from fieldlab.core.messages import Ack, Command, Meta, NodeStatus, Reply, Stamp, Value, Wave

STAMP = Stamp(boot=3, seq=7)
NOW_S = 1_790_000_000.0


def wave(samples: list[float], *, last: bool = True) -> Wave:
    return Wave(
        sensor="acc", t_s=NOW_S, rate_hz=12_800.0, samples=np.array(samples, np.float32), last=last
    )


def test_a_block_comes_back_as_it_went() -> None:
    sent = wave([0.5, -1.25, 3.0], last=False)

    got, stamp, flags = codec.decode_wave(codec.encode_wave(sent, STAMP, flags=1), "acc")

    assert got.samples.tolist() == [0.5, -1.25, 3.0]
    assert (got.t_s, got.rate_hz, got.last) == (NOW_S, 12_800.0, False)
    assert (stamp, flags) == (STAMP, codec.REPLAYED_LATE)


def test_quantising_keeps_a_block_within_its_smallest_step() -> None:
    sent = wave([0.1, -2.0, 1.7])

    got, _, flags = codec.decode_wave(codec.encode_wave(sent, STAMP, dtype="int16"), "acc")

    assert np.abs(got.samples - sent.samples).max() <= 2.0 / 32_767
    assert flags == codec.LAST_BLOCK


def test_a_silent_block_can_be_quantised() -> None:
    got, _, _ = codec.decode_wave(codec.encode_wave(wave([0.0]), STAMP, dtype="int16"), "acc")

    assert got.samples.tolist() == [0.0]


@pytest.mark.parametrize("samples", [[], [0.0] * 17_000])
def test_a_block_of_no_or_too_many_samples_is_not_sent(samples: list[float]) -> None:
    with pytest.raises(PayloadError, match="does not fit"):
        codec.encode_wave(wave(samples), STAMP)


def test_an_infinite_sample_cannot_be_quantised() -> None:
    with pytest.raises(PayloadError, match="cannot quantise"):
        codec.encode_wave(wave([np.inf]), STAMP, dtype="int16")


def header(**changes: object) -> bytes:
    fields = {"magic": b"FLW1", "version": 1, "dtype": 1, "channels": 1, "samples": 1, "boot": 1,
              "seq": 1, "ts_us": 10**15, "rate_hz": 100.0, "scale": 1.0, "flags": 4}  # fmt: skip
    return codec.HEADER.pack(*(fields | changes).values()) + struct.pack("<f", 1.0)


def test_a_scaled_float_block_is_multiplied() -> None:
    got, _, _ = codec.decode_wave(header(scale=2.0), "acc")

    assert got.samples.tolist() == [2.0]


@pytest.mark.parametrize(
    "broken",
    [
        b"", b"FLW1", header()[:-1], header() + b"x", header(magic=b"FLW2"), header(version=2),
        header(dtype=9), header(channels=2), header(samples=0), header(samples=2**32 - 1),
        header(rate_hz=float("nan")), header(rate_hz=-1.0),
        header(ts_us=2**64 - 1), header(scale=float("inf")), header(scale=0.0),
        header()[:-4] + struct.pack("<f", float("nan")),
        header()[:-4] + struct.pack("<f", float("inf")),
    ],
)  # fmt: skip
def test_a_broken_block_is_refused(broken: bytes) -> None:
    with pytest.raises(PayloadError):
        codec.decode_wave(broken, "acc")


@given(st.binary(max_size=200))
def test_random_bytes_never_do_more_than_be_refused(payload: bytes) -> None:
    for decode in (
        lambda: codec.decode_wave(payload, "acc"),
        lambda: codec.decode_value(payload, "acc", now_s=NOW_S),
        lambda: codec.decode_ack(payload),
        lambda: codec.decode_meta(payload),
        lambda: codec.decode_status(payload),
        lambda: codec.decode_command(payload),
        lambda: codec.decode_reply(payload),
    ):
        with contextlib.suppress(PayloadError):
            decode()


def test_a_reading_comes_back_as_it_went() -> None:
    sent = Value(sensor="temp", t_s=NOW_S, value=-21.5)

    assert codec.decode_value(codec.encode_value(sent, STAMP), "temp", now_s=0.0) == (sent, STAMP)


def test_a_bare_number_gets_the_time_it_came_in() -> None:
    value, stamp = codec.decode_value(b"21.5", "temp", now_s=NOW_S)

    assert (value.value, value.t_s, stamp) == (21.5, NOW_S, None)


@pytest.mark.parametrize(
    "payload",
    [
        b"NaN", b"Infinity", b"1e308", b"true", b'"21"', b"[1]", b"null", b"\xff",
        b'{"boot":1,"seq":-1,"ts_us":1,"value":1}', b'{"boot":1,"seq":1,"ts_us":-1,"value":1}',
        b'{"boot":1,"seq":1,"ts_us":1}', b'{"boot":true,"seq":1,"ts_us":1,"value":1}',
        b"[" * 5000 + b"]" * 5000, b"1" * 300_000, b"9" * 5000,
    ],
)  # fmt: skip
def test_what_no_sensor_reads_is_refused(payload: bytes) -> None:
    with pytest.raises(PayloadError):
        codec.decode_value(payload, "temp", now_s=NOW_S)


def test_the_words_between_hub_and_node_come_back_as_they_went() -> None:
    ack = Ack(boot=2, stream={"acc": 9})
    status = NodeStatus(state="online", boot=2, t_s=NOW_S)
    script = {"seed": 7.0, "healthy_s": 900.0, "life_s": 5400.0}
    meta = Meta(
        machine={"fieldlab": 1}, sensors=("a",), simulated=True, healthy_until_s=5.0, script=script
    )
    command = Command(id="c1", expires_s=NOW_S, arguments={"component": "pinion"})
    reply = Reply(id="c1", ok=False, t_s=NOW_S, reason="no")

    assert codec.decode_ack(codec.encode_ack(ack)) == ack
    assert codec.decode_status(codec.encode_status(status)) == status
    assert codec.decode_meta(codec.encode_meta(meta)) == meta
    assert codec.decode_command(codec.encode_command(command)) == command
    assert codec.decode_reply(codec.encode_reply(reply)) == reply


def test_a_bare_machine_file_is_a_meta_too() -> None:
    meta = codec.decode_meta(json.dumps({"fieldlab": 1, "sensors": {"acc": {}}}).encode())

    assert meta.sensors == ("acc",)
    assert not meta.simulated


@pytest.mark.parametrize(
    ("decode", "payload"),
    [
        (codec.decode_ack, b"[]"),
        (codec.decode_ack, b'{"boot":1}'),
        (codec.decode_status, b'{"state":"dead","boot":1,"ts_us":1}'),
        (codec.decode_meta, b"{}"),
        (codec.decode_meta, b'{"machine":{"id":"a"},"sensors":"acc"}'),
        (codec.decode_command, b'{"id":"","expires_us":1}'),
        (codec.decode_reply, b'{"ok":true}'),
    ],
)
def test_a_word_that_is_not_whole_is_refused(decode: object, payload: bytes) -> None:
    with pytest.raises(PayloadError):
        decode(payload)  # type: ignore[operator]


def test_a_reply_without_words_is_fine() -> None:
    assert codec.decode_reply(b'{"id":"a","ok":true,"ts_us":5,"reason":7}').reason == ""
