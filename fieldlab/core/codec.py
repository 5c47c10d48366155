"""Messages to bytes and back; the only place that knows how they look on the wire.

A wave block is a 48-byte little-endian header and raw samples (ARCHITECTURE, MQTT). Everything else
is JSON. Whatever cannot be read raises a PayloadError that says what was wrong; nothing is guessed.
"""

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from fieldlab.core.errors import PayloadError
from fieldlab.core.messages import (
    Ack,
    Command,
    Meta,
    NodeStatus,
    Reply,
    Samples,
    Stamp,
    Value,
    Wave,
)

SCRIPT = ("seed", "healthy_s", "life_s")  # what drives a simulation
MAGIC = b"FLW1"
VERSION = 1
FLOAT32, INT16 = 1, 2
REPLAYED_LATE, CLOCK_NOT_SYNCHRONISED, LAST_BLOCK = 1, 2, 4
MAX_PAYLOAD_BYTES = 65_536
HEADER = struct.Struct("<4sBBHIIQQdfI")
MAX_SAMPLES = (MAX_PAYLOAD_BYTES - HEADER.size) // 4  # of one float32 block
MAX_JSON_BYTES = 262_144
MAX_JSON_DEPTH = 24
MAX_RATE_HZ = 1e7
MAX_VALUE = 1e30  # beyond this no sensor of this world reads
_MAX_TS_US = 4_102_444_800_000_000  # the year 2100
_KNOWN_FLAGS = REPLAYED_LATE | CLOCK_NOT_SYNCHRONISED | LAST_BLOCK
_I16_MAX = 32_767


# --------------------------------------------------------------------------------------- waves


def encode_wave(
    wave: Wave, stamp: Stamp, *, dtype: Literal["float32", "int16"] = "float32", flags: int = 0
) -> bytes:
    """Return one block as bytes; `int16` quantises to the block's own peak.

    Raises
    ------
    PayloadError
        If the block is empty, holds a NaN (int16) or is larger than 64 KiB.
    """
    samples = np.asarray(wave.samples, np.float32)
    scale = 1.0
    if dtype == "int16":
        peak = max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0)))
        scale = peak / _I16_MAX or 1.0
        if not math.isfinite(scale):
            raise PayloadError(f"sensor '{wave.sensor}': cannot quantise a NaN or infinity")
        scaled = samples * np.float32(1.0 / scale)  # four cheap passes, 12 µs less for 64 KiB
        body: bytes = np.rint(scaled, out=scaled).astype("<i2").tobytes()
    else:
        body = samples.astype("<f4", copy=False).tobytes()
    if not body or HEADER.size + len(body) > MAX_PAYLOAD_BYTES:
        raise PayloadError(
            f"sensor '{wave.sensor}': a block of {len(samples)} samples does not fit;"
            f" send 1 to {MAX_SAMPLES} at a time"
        )
    if wave.last:
        flags |= LAST_BLOCK
    header = HEADER.pack(
        MAGIC, VERSION, INT16 if dtype == "int16" else FLOAT32, 1, len(samples),
        stamp.boot, stamp.seq, round(wave.t_s * 1e6), wave.rate_hz, scale, flags,
    )  # fmt: skip
    return header + body


def decode_wave(payload: bytes, sensor: str) -> tuple[Wave, Stamp, int]:
    """Return the block, its place in the stream and its flags; `samples` is float32.

    Raises
    ------
    PayloadError
        If the header or the length is wrong, or a sample is not a finite number.
    """
    if len(payload) < HEADER.size:
        raise PayloadError(f"sensor '{sensor}': {len(payload)} bytes, a header takes {HEADER.size}")
    (magic, version, dtype, channels, count, boot, seq, ts_us, rate_hz, scale, flags) = (
        HEADER.unpack_from(payload)
    )
    _check_header(sensor, magic, version, dtype, channels)
    _check_numbers(sensor, count, ts_us, rate_hz, scale)
    width = 4 if dtype == FLOAT32 else 2
    if len(payload) != HEADER.size + count * width or len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadError(
            f"sensor '{sensor}': header says {count} samples of {width} bytes,"
            f" the message has {len(payload) - HEADER.size} bytes"
        )
    samples = _samples(payload, dtype=dtype, scale=scale)
    if not np.isfinite(np.dot(samples, samples)):
        raise PayloadError(f"sensor '{sensor}': a sample is NaN, infinite or beyond any sensor")
    wave = Wave(
        sensor=sensor,
        t_s=ts_us / 1e6,
        rate_hz=rate_hz,
        samples=samples,
        last=bool(flags & LAST_BLOCK),
    )
    return wave, Stamp(boot=boot, seq=seq), flags & _KNOWN_FLAGS


def _samples(payload: bytes, *, dtype: int, scale: float) -> Samples:
    if dtype == FLOAT32 and scale == 1.0:
        return np.frombuffer(payload, "<f4", offset=HEADER.size)
    raw = np.frombuffer(payload, "<f4" if dtype == FLOAT32 else "<i2", offset=HEADER.size)
    return raw.astype(np.float32) * np.float32(scale)


def _check_header(sensor: str, magic: bytes, version: int, dtype: int, channels: int) -> None:
    if magic != MAGIC or version != VERSION:
        raise PayloadError(f"sensor '{sensor}': not a FLW1 block of version {VERSION}")
    if dtype not in (FLOAT32, INT16):
        raise PayloadError(f"sensor '{sensor}': dtype {dtype}; 1 is float32, 2 is int16")
    if channels != 1:
        raise PayloadError(f"sensor '{sensor}': {channels} channels; one sensor is one channel")


def _check_numbers(sensor: str, count: int, ts_us: int, rate_hz: float, scale: float) -> None:
    if count == 0:
        raise PayloadError(f"sensor '{sensor}': an empty block")
    if not 0 < rate_hz <= MAX_RATE_HZ:  # also refuses NaN
        raise PayloadError(f"sensor '{sensor}': rate {rate_hz} Hz; between 0 and {MAX_RATE_HZ:g}")
    if not 0 <= ts_us < _MAX_TS_US:
        raise PayloadError(f"sensor '{sensor}': time stamp {ts_us} µs is outside 1970 to 2100")
    if not 0 < abs(scale) < MAX_VALUE:
        raise PayloadError(f"sensor '{sensor}': scale {scale} is not a usable number")


# ---------------------------------------------------------------------------------------- JSON


def read_json(payload: bytes | str, *, what: str = "message") -> Any:
    """Return JSON with a cap on size and depth, without NaN or infinity.

    Raises
    ------
    PayloadError
        If it is too large, too deep, not UTF-8 or not JSON.
    """
    if len(payload) > MAX_JSON_BYTES:
        raise PayloadError(f"{what}: {len(payload)} bytes of JSON; at most {MAX_JSON_BYTES}")
    try:
        text = payload.decode() if isinstance(payload, bytes) else payload
        if text.count("[") + text.count("{") > MAX_JSON_DEPTH and _depth(text) > MAX_JSON_DEPTH:
            raise PayloadError(f"{what}: JSON nested deeper than {MAX_JSON_DEPTH}")
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"{what}: not JSON ({error})") from error


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:  # brackets in strings only make this stricter
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _refuse_constant(name: str) -> float:
    raise PayloadError(f"{name} is not a number that a sensor can read")


def write_json(record: Mapping[str, Any]) -> bytes:
    """Return compact JSON with sorted keys: equal records give equal bytes."""
    return json.dumps(
        record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _record(payload: bytes, what: str) -> dict[str, Any]:
    found = read_json(payload, what=what)
    if not isinstance(found, dict):
        raise PayloadError(f"{what}: found {type(found).__name__}, wanted an object")
    return found


def _number(record: Mapping[str, Any], key: str, what: str) -> float:
    found = record.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise PayloadError(f"{what}: '{key}' is {found!r:.60}, wanted a number")
    if not abs(found) <= MAX_VALUE:
        raise PayloadError(f"{what}: '{key}' is {found!r:.60}, beyond any sensor")
    return float(found)


def _count(record: Mapping[str, Any], key: str, what: str) -> int:
    found = record.get(key)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**63:
        raise PayloadError(f"{what}: '{key}' is {found!r:.60}, wanted a whole number from 0")
    return found


def _text(record: Mapping[str, Any], key: str, what: str) -> str:
    found = record.get(key)
    if not isinstance(found, str) or not 0 < len(found) <= 200:
        raise PayloadError(f"{what}: '{key}' is {found!r:.60}, wanted a short text")
    return found


def _time_s(record: Mapping[str, Any], what: str) -> float:
    ts_us = _count(record, "ts_us", what)
    if not 0 <= ts_us < _MAX_TS_US:
        raise PayloadError(f"{what}: 'ts_us' {ts_us} is outside 1970 to 2100")
    return ts_us / 1e6


def encode_value(value: Value, stamp: Stamp) -> bytes:
    """Return one reading as JSON."""
    return write_json(
        {
            "boot": stamp.boot,
            "seq": stamp.seq,
            "ts_us": round(value.t_s * 1e6),
            "value": value.value,
        }
    )


def decode_value(payload: bytes, sensor: str, *, now_s: float) -> tuple[Value, Stamp | None]:
    """Return one reading; a bare number has no stamp and gets the time it came in.

    Raises
    ------
    PayloadError
        If it is neither a number nor a reading, or the number is not finite.
    """
    what = f"sensor '{sensor}'"
    found = read_json(payload, what=what)
    if isinstance(found, dict):
        stamp = Stamp(boot=_count(found, "boot", what), seq=_count(found, "seq", what))
        value = _number(found, "value", what)
        return Value(sensor=sensor, t_s=_time_s(found, what), value=value), stamp
    return Value(sensor=sensor, t_s=now_s, value=_number({"value": found}, "value", what)), None


def encode_ack(ack: Ack) -> bytes:
    """Return what the hub has committed, as JSON."""
    return write_json({"boot": ack.boot, "stream": dict(ack.stream)})


def decode_ack(payload: bytes) -> Ack:
    """Return what the hub has committed; raises PayloadError."""
    record = _record(payload, "ack")
    stream = record.get("stream")
    if not isinstance(stream, dict):
        raise PayloadError("ack: 'stream' is missing; wanted {sensor: last committed seq}")
    return Ack(
        boot=_count(record, "boot", "ack"),
        stream={sensor: _count(stream, sensor, "ack") for sensor in stream},
    )


def encode_status(status: NodeStatus) -> bytes:
    """Return a birth or last will as JSON."""
    return write_json(
        {"state": status.state, "boot": status.boot, "ts_us": round(status.t_s * 1e6)}
    )


def decode_status(payload: bytes) -> NodeStatus:
    """Return a birth or last will; raises PayloadError."""
    record = _record(payload, "status")
    state = record.get("state")
    if state not in ("online", "offline"):
        raise PayloadError(f"status: 'state' is {state!r:.60}, wanted online or offline")
    boot = _count(record, "boot", "status")
    return NodeStatus(state=state, boot=boot, t_s=_time_s(record, "status"))


def encode_meta(meta: Meta) -> bytes:
    """Return what a node serves, as JSON: the machine file's keys, and beside them our own."""
    extra: dict[str, Any] = {"sensors": list(meta.sensors), "simulated": meta.simulated}
    if meta.healthy_until_s is not None:
        extra["healthy_until_s"] = meta.healthy_until_s
    if meta.script is not None:
        extra["script"] = dict(meta.script)
    return write_json({"machine": dict(meta.machine), **extra})


def decode_meta(payload: bytes) -> Meta:
    """Return what a node serves; the machine file may also stand at the top level.

    Raises
    ------
    PayloadError
        If there is no machine file in it.
    """
    record = _record(payload, "meta")
    machine = record.get("machine", record if "fieldlab" in record else None)
    if not isinstance(machine, dict):
        raise PayloadError("meta: 'machine' is missing; wanted the machine file as JSON")
    serves = record.get("sensors") if machine is not record else None
    if serves is None:
        serves = list(machine.get("sensors") or ())
    if not isinstance(serves, list) or not all(isinstance(sensor, str) for sensor in serves):
        raise PayloadError("meta: 'sensors' must be a list of sensor ids")
    until, script = record.get("healthy_until_s"), record.get("script")
    return Meta(
        machine=machine,
        sensors=tuple(serves),
        simulated=record.get("simulated") is True,
        healthy_until_s=None if until is None else _number(record, "healthy_until_s", "meta"),
        script=None if script is None else _script(script),
    )


def _script(said: object) -> dict[str, float]:
    """Return what drives a simulation: a whole seed from 0, and two lengths of time above 0."""
    if not isinstance(said, dict):
        raise PayloadError(f"meta: 'script' is {said!r:.60}, wanted an object of numbers")
    found = {key: _number(said, key, "meta: script") for key in SCRIPT}
    if not (0 <= found["seed"] < 2**63 and found["healthy_s"] >= 0 and found["life_s"] >= 1):
        raise PayloadError(f"meta: 'script' is {said!r:.90}, wanted a seed and lives from 0")
    return found


def encode_command(command: Command) -> bytes:
    """Return a command as JSON."""
    return write_json(
        {
            **command.arguments,
            "id": command.id,
            "expires_us": round(command.expires_s * 1e6),
        }
    )


def decode_command(payload: bytes) -> Command:
    """Return a command; raises PayloadError."""
    record = _record(payload, "command")
    arguments = {key: record[key] for key in record if key not in ("id", "expires_us")}
    return Command(
        id=_text(record, "id", "command"),
        expires_s=_count(record, "expires_us", "command") / 1e6,
        arguments=arguments,
    )


def encode_reply(reply: Reply) -> bytes:
    """Return a reply as JSON."""
    return write_json(
        {
            "id": reply.id,
            "ok": reply.ok,
            "ts_us": round(reply.t_s * 1e6),
            "reason": reply.reason,
        }
    )


def decode_reply(payload: bytes) -> Reply:
    """Return a reply; raises PayloadError."""
    record = _record(payload, "reply")
    reason = record.get("reason", "")
    return Reply(
        id=_text(record, "id", "reply"),
        ok=record.get("ok") is True,
        t_s=_time_s(record, "reply"),
        reason=reason if isinstance(reason, str) else "",
    )
