"""Readings to messages: numbered by sensor, long waves split into blocks."""

import math
from collections.abc import Iterator

import numpy as np

from edge.outbox import NewRow
from fieldlab.core.codec import MAX_SAMPLES, MAX_VALUE, encode_value, encode_wave
from fieldlab.core.messages import Reading, Stamp, Value, Wave
from fieldlab.core.topics import Topic

_MAX_T_S = 4_102_444_800.0  # the year 2100


class Numbering:
    """Give every reading of a node its place in the stream: (boot, seq), seq from 1."""

    def __init__(self, *, site: str, machine_id: str, node: str, boot: int) -> None:
        self.refused = 0  # readings that no hub would take: NaN, infinite, outside time
        self._site, self._machine_id, self._node, self._boot = site, machine_id, node, boot
        self._seq: dict[str, int] = {}
        self._topics: dict[tuple[str, bool], str] = {}

    def rows(self, readings: tuple[Reading, ...]) -> list[NewRow]:
        """Return the messages of these readings, in order."""
        return [row for reading in readings for row in self._rows(reading)]

    def _rows(self, reading: Reading) -> Iterator[NewRow]:
        if not readable(reading):
            self.refused += 1
        elif isinstance(reading, Value):
            stamp = self._next(reading.sensor)
            yield self._row(reading.sensor, encode_value(reading, stamp), stamp, is_wave=False)
        else:
            for block in blocks(reading):
                stamp = self._next(reading.sensor)
                yield self._row(reading.sensor, encode_wave(block, stamp), stamp, is_wave=True)

    def _next(self, sensor: str) -> Stamp:
        seq = self._seq.get(sensor, 0) + 1
        self._seq[sensor] = seq
        return Stamp(boot=self._boot, seq=seq)

    def _row(self, sensor: str, payload: bytes, stamp: Stamp, *, is_wave: bool) -> NewRow:
        topic = self._topics.get((sensor, is_wave))
        if topic is None:
            topic = self._topics[sensor, is_wave] = str(
                Topic(
                    site=self._site,
                    machine=self._machine_id,
                    node=self._node,
                    kind="wave" if is_wave else "value",
                    leaf=sensor,
                )
            )
        return NewRow(
            topic=topic,
            payload=payload,
            sensor=sensor,
            boot=stamp.boot,
            seq=stamp.seq,
            is_wave=is_wave,
        )


def readable(reading: Reading) -> bool:
    """Return whether a hub can take a reading: finite numbers, a time from 1970 to 2100.

    >>> readable(Value(sensor="oil", t_s=1.0, value=float("nan")))
    False
    """
    if not 0 <= reading.t_s < _MAX_T_S:
        return False
    if isinstance(reading, Value):
        return abs(reading.value) <= MAX_VALUE
    samples = np.asarray(reading.samples)
    return (
        samples.ndim == 1
        and samples.size > 0
        and 0 < reading.rate_hz < math.inf
        and math.isfinite(float(np.dot(samples, samples)))
    )


def blocks(wave: Wave) -> Iterator[Wave]:
    """Yield a wave in blocks that fit a message, with contiguous times; only the last is `last`."""
    count = len(wave.samples)
    if count <= MAX_SAMPLES:
        yield wave
        return
    for start in range(0, count, MAX_SAMPLES):
        yield Wave(
            sensor=wave.sensor,
            t_s=wave.t_s + start / wave.rate_hz,
            rate_hz=wave.rate_hz,
            samples=wave.samples[start : start + MAX_SAMPLES],
            last=wave.last and start + MAX_SAMPLES >= count,
        )
