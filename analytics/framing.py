"""Readings to windows: what all sensors of one machine said during one judgement."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fieldlab.core.machine import Machine
from fieldlab.core.messages import Reading, Samples, Value, Wave, Window

_TOLERANCE = 0.02  # of a window, until the interval of a sensor is known


class Framer:
    """Joins readings, in order of time for each sensor, to windows.

    A snapshot is one window of its own length; a stream of blocks is cut at `window_s`. Scalars are
    put in buckets of `window_s` counted from the first reading, tolerant of jitter.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._window_s = machine.window_s
        self._origin_s: float | None = None
        self._bucket: int | None = None
        self._done: int | None = None
        self._values: dict[str, list[tuple[float, float]]] = {}
        self._waves: dict[str, Wave] = {}
        self._blocks: dict[str, list[Wave]] = {}
        self._before: dict[str, int] = {}
        self._interval_s: dict[str, float] = {}
        self._last_s: dict[str, float] = {}

    def add(self, reading: Reading) -> tuple[Window, ...]:
        """Take a reading; return the windows that it completes."""
        if reading.sensor not in self._machine.sensors:
            return ()
        if isinstance(reading, Value):
            return self._take_value(reading)
        out: list[Window] = []
        for wave in self._whole(reading):
            out += self._take_wave(wave)
        return tuple(out)

    def flush(self) -> tuple[Window, ...]:
        """Return what is left, at the end of a recording."""
        out: list[Window] = []
        for name in [name for name, blocks in self._blocks.items() if blocks]:
            out += self._take_wave(_joined(self._blocks.pop(name)))
        return (*out, *self._emit())

    def state(self) -> dict[str, Any]:
        """Return all that is open as plain data."""
        return {
            "origin_s": self._origin_s, "bucket": self._bucket, "done": self._done,
            "values": self._values, "before": self._before,
            "interval_s": self._interval_s, "last_s": self._last_s,
            "waves": [_plain(wave) for wave in self._waves.values()],
            "blocks": [_plain(wave) for blocks in self._blocks.values() for wave in blocks],
        }  # fmt: skip

    @classmethod
    def resume(cls, machine: Machine, state: Mapping[str, Any]) -> "Framer":
        """Return a framer that goes on where `state` was taken."""
        framer = cls(machine)
        framer._origin_s, framer._bucket = state["origin_s"], state["bucket"]
        framer._done = state["done"]
        framer._values = {
            name: [(float(t_s), float(value)) for t_s, value in rows]
            for name, rows in state["values"].items()
        }
        framer._before, framer._interval_s = dict(state["before"]), dict(state["interval_s"])
        framer._last_s = dict(state["last_s"])
        for plain in state["waves"]:
            framer._waves[plain["sensor"]] = _of_plain(plain)
        for plain in state["blocks"]:
            framer._blocks.setdefault(plain["sensor"], []).append(_of_plain(plain))
        return framer

    # --------------------------------------------------------------------------------- scalars

    def _take_value(self, value: Value) -> tuple[Window, ...]:
        self._tick(value.sensor, value.t_s)
        out = self._turn_to(self._bucket_of(value.t_s, self._interval_s.get(value.sensor)))
        if out is None:
            return ()
        self._values.setdefault(value.sensor, []).append((value.t_s, value.value))
        return (*out, *self._emit_if_whole())

    def _tick(self, sensor: str, t_s: float) -> None:
        last_s = self._last_s.get(sensor)
        if last_s is not None and t_s > last_s:
            self._interval_s[sensor] = t_s - last_s
        self._last_s[sensor] = t_s

    def _bucket_of(self, t_s: float, interval_s: float | None = None) -> int:
        if self._origin_s is None:
            self._origin_s = t_s
        slack = _TOLERANCE
        if interval_s is not None:
            slack = min(0.25, max(_TOLERANCE, 0.25 * interval_s / self._window_s))
        return int(np.floor((t_s - self._origin_s) / self._window_s + slack))

    def _turn_to(self, bucket: int) -> tuple[Window, ...] | None:
        """Open a bucket; return the window that it closes, or None if it is closed already."""
        if self._done is not None and bucket <= self._done:
            return None
        if self._bucket is None or bucket == self._bucket:
            self._bucket = bucket
            return ()
        if bucket < self._bucket:  # a straggler of another sensor
            return ()
        out = self._emit()
        self._bucket = bucket
        return out

    # ----------------------------------------------------------------------------------- waves

    def _whole(self, block: Wave) -> list[Wave]:
        """Return the snapshots that a block completes."""
        blocks = self._blocks.setdefault(block.sensor, [])
        out: list[Wave] = []
        if blocks and abs(_end_s(blocks[-1]) - block.t_s) > 1.5 / block.rate_hz + 1e-5:
            blocks.clear()  # a block went missing: the rest of that snapshot is of no use
        blocks.append(block)
        if block.last:
            out.append(_joined(blocks))
            blocks.clear()
            return out
        wanted = max(1, round(self._window_s * block.rate_hz))
        while sum(len(wave.samples) for wave in blocks) >= wanted:
            joined = _joined(blocks)
            out.append(_cut(joined, 0, wanted))
            blocks[:] = [_cut(joined, wanted, None)] if len(joined.samples) > wanted else []
        return out

    def _take_wave(self, wave: Wave) -> tuple[Window, ...]:
        if not len(wave.samples):
            return ()
        bucket = self._bucket_of(wave.t_s)
        if wave.sensor in self._waves and self._bucket is not None:
            bucket = max(bucket, self._bucket + 1)
        out = self._turn_to(bucket)
        if out is None:
            return ()
        self._waves[wave.sensor] = wave
        return (*out, *self._emit_if_whole())

    # -------------------------------------------------------------------------------- emitting

    def _emit_if_whole(self) -> tuple[Window, ...]:
        if not self._before or not all(self._delivered(name) for name in self._before):
            return ()
        return self._emit()

    def _delivered(self, sensor: str) -> bool:
        if sensor in self._waves:
            return True
        rows = self._values.get(sensor, ())
        if not rows or self._origin_s is None or self._bucket is None:
            return False
        interval_s = self._interval_s.get(sensor)
        if interval_s is None:
            return False
        end_s = self._origin_s + (self._bucket + 1) * self._window_s
        return rows[-1][0] + 0.7 * interval_s >= end_s

    def _emit(self) -> tuple[Window, ...]:
        if not self._values and not self._waves:
            return ()
        starts = [rows[0][0] for rows in self._values.values()]
        starts += [wave.t_s for wave in self._waves.values()]
        start_s = min(starts)
        ends = [_end_s(wave) for wave in self._waves.values()] or [start_s + self._window_s]
        window = Window(
            machine_id=self._machine.id,
            t_s=start_s,
            end_s=max(ends),
            waves=dict(self._waves),
            scalars={
                name: np.array([value for _, value in rows], np.float64)
                for name, rows in self._values.items()
            },
        )
        self._before = {name: len(rows) for name, rows in self._values.items()}
        self._before |= dict.fromkeys(self._waves, 1)
        self._values, self._waves = {}, {}
        self._done, self._bucket = self._bucket, None
        return (window,)


def _end_s(wave: Wave) -> float:
    return wave.t_s + len(wave.samples) / wave.rate_hz


def _joined(blocks: list[Wave]) -> Wave:
    first = blocks[0]
    if len(blocks) == 1:
        return first
    samples: Samples = np.concatenate([block.samples for block in blocks])
    return Wave(sensor=first.sensor, t_s=first.t_s, rate_hz=first.rate_hz, samples=samples)


def _cut(wave: Wave, start: int, stop: int | None) -> Wave:
    return Wave(
        sensor=wave.sensor,
        t_s=wave.t_s + start / wave.rate_hz,
        rate_hz=wave.rate_hz,
        samples=wave.samples[start:stop],
    )


def _plain(wave: Wave) -> dict[str, Any]:
    return {
        "sensor": wave.sensor, "t_s": wave.t_s, "rate_hz": wave.rate_hz,
        "samples": [float(x) for x in wave.samples], "last": wave.last,
    }  # fmt: skip


def _of_plain(plain: Mapping[str, Any]) -> Wave:
    return Wave(**{**plain, "samples": np.array(plain["samples"], np.float32)})
