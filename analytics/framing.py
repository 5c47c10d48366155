"""Readings to windows: what all sensors of one machine said during one judgement."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fieldlab.core.errors import StateError
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Reading, Samples, Value, Wave, Window

STATE_VERSION = 4
_LEAP_WINDOWS, _LEAP_INTERVALS = 60, 20  # the least that is no gap but a leap
_LATELY = 3  # windows
_INTERVALS = 8  # of each sensor that are remembered
PATIENCE = 8  # windows that stay open for a sensor that is late; then it is not awaited any more
PATIENT = 256  # the same while something that got lost is being sent again
_TOLERANCE = 0.02  # of a window, until the interval of a sensor is known


@dataclass(slots=True, kw_only=True)
class _Bucket:
    """A window that is still open."""

    values: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    waves: dict[str, Wave] = field(default_factory=dict)
    since: int = 0  # the reading that opened it


class Framer:
    """Joins readings, in order for each sensor, to windows.

    A snapshot is one window of its own length; a stream of blocks is cut at `window_s`. Scalars are
    put in buckets of `window_s` counted from the first reading, tolerant of jitter. A window is
    done when every sensor that is awaited has delivered; one that stays silent is not awaited
    until it speaks again. A sensor's clock that is put back goes on where it was, and is told; one
    that alone leaps ahead is not followed.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._window_s = machine.window_s
        self._origin_s: float | None = None
        self._done: int | None = None  # the newest window that was handed out
        self._open: dict[int, _Bucket] = {}
        self._blocks: dict[str, list[Wave]] = {}
        self._awaited = set(machine.sensors)
        self._reached: dict[str, int] = {}  # the newest window that each sensor spoke in
        self._intervals_s: dict[str, list[float]] = {}  # the latest
        self._last_s: dict[str, float] = {}
        self._shift_s: dict[str, float] = {}
        self._readings = 0
        self._newest: dict[str, tuple[int, int]] = {}  # which reading it was, and its window
        self._put_back: set[str] = set()  # since the last window of each sensor

    def add(self, reading: Reading, *, patient: bool = False) -> tuple[Window, ...]:
        """Take a reading; return the windows that it completes.

        `patient` waits for a late sensor much longer: it is known that something comes again.
        """
        if reading.sensor not in self._machine.sensors:
            return ()
        if isinstance(reading, Value):
            self._take_value(reading)
        else:
            for wave in self._whole(reading):
                self._take_wave(wave)
        return self._ready(PATIENT if patient else PATIENCE)

    def flush(self) -> tuple[Window, ...]:
        """Return what is left, at the end of a recording."""
        for blocks in self._blocks.values():
            if blocks:
                self._take_wave(_joined(blocks))
                blocks.clear()
        return self._ready(0)

    def state(self) -> dict[str, Any]:
        """Return all that is open as plain data."""
        return {
            "version": STATE_VERSION, "origin_s": self._origin_s, "done": self._done,
            "awaited": sorted(self._awaited),
            "reached": self._reached, "intervals_s": self._intervals_s, "last_s": self._last_s,
            "shift_s": self._shift_s, "put_back": sorted(self._put_back),
            "open": [
                [at, bucket.values, [_plain(wave) for wave in bucket.waves.values()]]
                for at, bucket in self._open.items()
            ],
            "blocks": [_plain(wave) for blocks in self._blocks.values() for wave in blocks],
        }  # fmt: skip

    @classmethod
    def resume(cls, machine: Machine, state: Mapping[str, Any]) -> "Framer":
        """Return a framer that goes on where `state` was taken; raises StateError (version)."""
        if state.get("version") != STATE_VERSION:
            raise StateError(f"saved by version {state.get('version')}, this is {STATE_VERSION}")
        framer = cls(machine)
        framer._origin_s, framer._done = state["origin_s"], state["done"]
        framer._awaited = set(state["awaited"])
        framer._reached, framer._shift_s = dict(state["reached"]), dict(state["shift_s"])
        framer._put_back = set(state["put_back"])
        framer._intervals_s = {name: list(found) for name, found in state["intervals_s"].items()}
        framer._last_s = dict(state["last_s"])
        for at, values, waves in state["open"]:
            framer._open[at] = _Bucket(
                values={
                    name: [(float(t_s), float(value)) for t_s, value in rows]
                    for name, rows in values.items()
                },
                waves={plain["sensor"]: _of_plain(plain) for plain in waves},
            )
        for plain in state["blocks"]:
            framer._blocks.setdefault(plain["sensor"], []).append(_of_plain(plain))
        return framer

    # ----------------------------------------------------------------------------------- time

    def _steady(self, sensor: str, t_s: float) -> float:
        """Return a sensor's time on a clock that never runs back.

        Readings come in order of their sequence, so an earlier time is a clock that was put back.
        """
        t_s += self._shift_s.get(sensor, 0.0)
        last_s = self._last_s.get(sensor)
        if last_s is not None and t_s < last_s - self._window_s:
            if self._leaps(self._newest.get(sensor, (0, 0))[1]):
                return self._come_back(sensor, t_s)
            step_s = self._interval_s(sensor) or self._window_s
            self._shift_s[sensor] = self._shift_s.get(sensor, 0.0) + last_s + step_s - t_s
            t_s = last_s + step_s
            self._put_back.add(sensor)
        if last_s is not None and t_s > last_s:
            usual_s = self._interval_s(sensor) or t_s - last_s
            if t_s - last_s <= _LEAP_INTERVALS * usual_s:  # a pause is not how often it speaks
                before = self._intervals_s.get(sensor, [])
                self._intervals_s[sensor] = [*before, t_s - last_s][-_INTERVALS:]
        self._last_s[sensor] = t_s if last_s is None else max(t_s, last_s)
        return t_s

    def _interval_s(self, sensor: str) -> float | None:
        """Return how soon a sensor speaks again, None until it spoke twice.

        The least of the latest: a snapshot that comes sooner than the one before is not missed.
        """
        return min(self._intervals_s.get(sensor, ()), default=None)

    def _come_back(self, sensor: str, t_s: float) -> float:
        """Take a sensor back from where its clock had leapt to: the others never went there."""
        self._put_back.add(sensor)
        self._last_s[sensor] = t_s
        self._reached[sensor] = self._bucket_of(t_s)
        for at in [at for at in self._open if at > self._reached[sensor] and self._leaps(at)]:
            del self._open[at]
        return t_s

    def _bucket_of(self, t_s: float, interval_s: float | None = None) -> int:
        if self._origin_s is None:
            self._origin_s = t_s
        slack = _TOLERANCE
        if interval_s is not None:
            slack = min(0.25, max(_TOLERANCE, 0.25 * interval_s / self._window_s))
        return int(np.floor((t_s - self._origin_s) / self._window_s + slack))

    # --------------------------------------------------------------------------------- taking

    def _take_value(self, value: Value) -> None:
        t_s = self._steady(value.sensor, value.t_s)
        bucket = self._opened(value.sensor, self._bucket_of(t_s, self._interval_s(value.sensor)))
        if bucket is not None:
            bucket.values.setdefault(value.sensor, []).append((t_s, value.value))

    def _take_wave(self, wave: Wave) -> None:
        if not len(wave.samples):
            return
        t_s = self._steady(wave.sensor, wave.t_s)
        at = self._bucket_of(t_s, self._interval_s(wave.sensor))
        if at in self._open and wave.sensor in self._open[at].waves:
            at += 1
        bucket = self._opened(wave.sensor, at)
        if bucket is not None:
            bucket.waves[wave.sensor] = replace(wave, t_s=t_s)

    def _opened(self, sensor: str, at: int) -> _Bucket | None:
        """Return an open window, or None if it was handed out already; expect this sensor."""
        self._awaited.add(sensor)
        self._readings += 1
        self._newest[sensor] = self._readings, at
        self._reached[sensor] = max(at, self._reached.get(sensor, at))
        if self._done is not None and at <= self._done:
            return None
        return self._open.setdefault(at, _Bucket(since=self._readings))

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

    # -------------------------------------------------------------------------------- emitting

    def _ready(self, patience: int) -> tuple[Window, ...]:
        out: list[Window] = []
        leap = self._leap()
        while self._open:
            first = min(self._open)
            if patience and self._leaps(first):
                for at in sorted(self._open)[:-PATIENCE]:
                    del self._open[at]
                break
            late = {name for name in self._awaited if not self._delivered(name, first)}
            if late and sum(at - first < leap for at in self._open) <= patience:
                break
            self._awaited -= late
            out.append(self._emit(first))
        return tuple(out)

    def _leaps(self, first: int) -> bool:
        """Whether a window lies far ahead of what another sensor still speaks of.

        Then one clock was put forward: nothing is handed out there, or the others would be late
        for as long as the leap. After a real pause nobody speaks of the time before it any more.
        """
        leap = self._leap()
        if self._done is None or first - self._done <= leap:
            return False
        lately = self._open[sorted(self._open)[-_LATELY:][0]].since if self._open else 0
        return any(when > lately and at < first - leap for when, at in self._newest.values())

    def _leap(self) -> float:
        """Return how many windows no sensor of this machine skips while it works."""
        step_s = max(map(min, self._intervals_s.values()), default=self._window_s)
        return max(_LEAP_WINDOWS, _LEAP_INTERVALS * step_s / self._window_s)

    def _delivered(self, sensor: str, at: int) -> bool:
        """Whether nothing more of a sensor is due in a window."""
        reached = self._reached.get(sensor)
        if reached is None:
            return False
        if reached > at or sensor in self._open[at].waves:
            return True
        interval_s = self._interval_s(sensor)
        if interval_s is None or self._origin_s is None:
            return False
        due_s = self._last_s[sensor] + interval_s - 0.3 * min(interval_s, self._window_s)
        return due_s >= self._origin_s + (at + 1) * self._window_s

    def _emit(self, at: int) -> Window:
        bucket = self._open.pop(at)
        self._done = at
        starts = [rows[0][0] for rows in bucket.values.values()]
        starts += [wave.t_s for wave in bucket.waves.values()]
        start_s = min(starts)
        put_back = self._put_back & (bucket.values.keys() | bucket.waves.keys())
        self._put_back -= put_back
        ends = [_end_s(wave) for wave in bucket.waves.values()] or [start_s + self._window_s]
        return Window(
            machine_id=self._machine.id,
            t_s=start_s,
            end_s=max(ends),
            waves=bucket.waves,
            scalars={
                name: np.array([value for _, value in rows], np.float64)
                for name, rows in bucket.values.items()
            },
            put_back=frozenset(put_back),
        )


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
    samples = np.asarray(wave.samples, "<f4").tobytes()
    return {
        "sensor": wave.sensor, "t_s": wave.t_s, "rate_hz": wave.rate_hz,
        "samples": base64.b64encode(samples).decode(), "last": wave.last,
    }  # fmt: skip


def _of_plain(plain: Mapping[str, Any]) -> Wave:
    samples = np.frombuffer(base64.b64decode(plain["samples"]), "<f4")
    return Wave(**{**plain, "samples": samples})
