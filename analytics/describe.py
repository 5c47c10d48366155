"""A window to features: a fixed list of numbers for one machine, each about one sensor."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

from analytics.features.spectra import (
    Floats,
    band_edges,
    envelope_spectrum,
    line_power,
    moments,
    power_spectrum,
    running_sum,
)
from analytics.kinematics import shaft_rates_hz, speed_is_measured
from analytics.signatures import ENVELOPE, Line, Signature, signatures
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Window

BANDS = 12
FLOORS = 10
_FLOOR_FROM_BIN = 60  # below, the lines stand so close that no floor is seen between them
_MOMENTS = ("rms", "kurtosis", "crest")
_MIN_SAMPLES = 32
_SLOWEST_RATIO = 0.93
_WANDER_RATIO = 0.001  # how far a speed strays within a window


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What one number is about."""

    sensor: str
    kind: str  # line, envelope, band, moment, level, scatter
    line: int = -1  # which line of the table
    name: str = ""


class Describer:
    """Turns windows of one machine into rows of features; it learns nothing."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.window_s = machine.window_s
        self.signatures: tuple[Signature, ...] = signatures(machine)
        self.nominal_hz = nominal = shaft_rates_hz(machine, {})
        self._roots = tuple(
            name for name, shaft in machine.shafts.items()
            if shaft.driven_by is None and name in nominal
        )  # fmt: skip
        self.lines, self.line_of = _merged(self.signatures, nominal, machine.window_s)
        sensors = [(n, s) for n, s in machine.sensors.items() if not s.is_condition]
        self.wave_sensors = tuple(name for name, spec in sensors if spec.is_wave)
        self.scalar_sensors = tuple(name for name, spec in sensors if not spec.is_wave)
        self.features = tuple(self._features())
        self.index = {(f.sensor, f.kind, f.name): at for at, f in enumerate(self.features)}

    def _features(self) -> list[Feature]:
        out: list[Feature] = []
        for sensor in self.wave_sensors:
            out += [
                Feature(sensor=sensor, kind=line.domain, line=at,
                        name=f"{line.shaft}-x{line.order:g}")
                for at, line in enumerate(self.lines)
            ]  # fmt: skip
            out += [Feature(sensor=sensor, kind="band", name=f"{band}") for band in range(BANDS)]
            out += [
                Feature(sensor=sensor, kind="floor", name=f"{floor}") for floor in range(FLOORS)
            ]
            out += [Feature(sensor=sensor, kind="moment", name=name) for name in _MOMENTS]
        for sensor in self.scalar_sensors:
            out.append(Feature(sensor=sensor, kind="level", name="level"))
            out.append(Feature(sensor=sensor, kind="scatter", name="scatter"))
        return out

    def row(self, window: Window, conditions: Mapping[str, float]) -> Floats:
        """Return all features of a window, NaN where a sensor said nothing.

        Returns
        -------
        (len(self.features),) float
        """
        rates = shaft_rates_hz(self._machine, conditions)
        parts: list[Floats] = []
        for sensor in self.wave_sensors:
            wave = window.waves.get(sensor)
            size = len(self.lines) + BANDS + FLOORS + len(_MOMENTS)
            if wave is None or len(wave.samples) < _MIN_SAMPLES:
                parts.append(np.full(size, np.nan))
            else:
                samples = self._whole_turns(
                    np.asarray(wave.samples, np.float64), wave.rate_hz, rates
                )
                parts.append(self._wave_row(samples - samples.mean(), wave.rate_hz, rates))
        parts += [_scalar_row(window.scalars.get(sensor)) for sensor in self.scalar_sensors]
        return np.concatenate(parts) if parts else np.empty(0)

    def _whole_turns(self, samples: Floats, rate_hz: float, rates: Mapping[str, float]) -> Floats:
        """Cut to the same whole number of turns at any speed, so that lines leak alike.

        The number is what a window at 93 % of nominal speed holds. A few samples less make a length
        that an FFT likes (a prime one costs five times as much); that is 0.2 % of the turns.
        """
        for shaft in self._roots:
            wanted = int(_SLOWEST_RATIO * self._machine.window_s * self.nominal_hz[shaft])
            count = fft.prev_fast_len(round(wanted / rates.get(shaft, np.inf) * rate_hz) or 1)
            if wanted >= 3 and _SLOWEST_RATIO**2 * len(samples) < count <= len(samples):
                return samples[:count]
        return samples

    def _wave_row(self, samples: Floats, rate_hz: float, rates: Mapping[str, float]) -> Floats:
        power = power_spectrum(samples)
        total = running_sum(power)
        duration_s = len(samples) / rate_hz
        at_hz = self.line_frequencies_hz(rates)
        at_bins = np.nan_to_num(at_hz * duration_s, nan=0.0)
        is_envelope = np.array([line.domain == ENVELOPE for line in self.lines], bool)
        width = 1.0 + _WANDER_RATIO * at_bins
        levels = np.log(line_power(total, at_bins, half_width=width))
        if is_envelope.any():
            reach = int(np.max((at_bins + width)[is_envelope])) + 2
            heard = running_sum(envelope_spectrum(samples, min(reach, len(power))))
            levels = np.where(
                is_envelope,
                np.log(line_power(heard, at_bins, half_width=width)),
                levels,
            )
        levels[np.isnan(at_hz) | (at_bins < 1) | (at_bins > len(power) - 2)] = np.nan
        edges = band_edges(BANDS, len(power) - 1)
        bands = np.full(BANDS, np.nan)
        found = np.log((total[edges[1:]] - total[edges[:-1]]) / np.diff(edges) + 1e-20)
        bands[: len(found)] = found
        return np.concatenate([levels, bands, _floors(power), moments(samples)])

    def line_frequencies_hz(self, rates: Mapping[str, float]) -> Floats:
        """Return where each line is now, NaN where its shaft's speed is not known."""
        return np.array(
            [line.order * rates.get(line.shaft, np.nan) for line in self.lines], np.float64
        )

    def floor_of(self, nominal_hz: Mapping[str, float]) -> npt.NDArray[np.int64]:
        """Return which floor lies under each line, at nominal speed."""
        out = np.zeros(len(self.lines), np.int64)
        for sensor in self.wave_sensors[:1]:
            rate_hz = self._machine.sensors[sensor].rate_hz or 1.0
            count = int(rate_hz * self._machine.window_s) // 2
            edges = _floor_edges(count)
            at = self.line_frequencies_hz(nominal_hz) * self._machine.window_s
            out = np.clip(
                np.searchsorted(edges, np.nan_to_num(at), side="right") - 1, 0, FLOORS - 1
            )
        return out

    def speed_known(self, shaft: str) -> bool:
        """Whether a shaft's speed is measured rather than nominal."""
        return speed_is_measured(self._machine, shaft)


def _floor_edges(bins: int) -> npt.NDArray[np.int64]:
    low = min(_FLOOR_FROM_BIN, bins // 4)
    return np.asarray(np.round(np.geomspace(max(low, 1), bins, FLOORS + 1)), np.int64)


def _floors(power: Floats) -> Floats:
    """Return the log of what lies between the lines: a low quantile of each stretch."""
    edges = _floor_edges(len(power) - 1)
    out = np.full(FLOORS, np.nan)
    for at in range(FLOORS):
        part = power[edges[at] : edges[at + 1]]
        if len(part) >= 4:
            rank = len(part) // 4
            out[at] = np.log(np.partition(part, rank)[rank])
    return out


def _scalar_row(values: Floats | None) -> Floats:
    if values is None or not np.isfinite(values).any():
        return np.array([np.nan, np.nan])
    good = values[np.isfinite(values)]
    scatter = float(np.log(np.std(good) + 1e-9)) if len(good) >= 5 else np.nan
    return np.array([float(np.mean(good)), scatter])


def _merged(
    found: tuple[Signature, ...], nominal: Mapping[str, float], window_s: float
) -> tuple[tuple[Line, ...], dict[Line, int]]:
    """Return the lines that a window can tell apart, and which of them each line is."""
    lines = sorted(
        {line for signature in found for line in signature.lines if line.shaft in nominal},
        key=lambda line: (line.domain, line.order * nominal[line.shaft], line.shaft),
    )
    kept: list[Line] = []
    place: dict[Line, int] = {}
    for line in lines:
        last = kept[-1] if kept else None
        near = last is not None and last.domain == line.domain and (
            line.order * nominal[line.shaft] - last.order * nominal[last.shaft] < 0.7 / window_s
        )  # fmt: skip
        if not near:
            kept.append(line)
        place[line] = len(kept) - 1
    return tuple(kept), place
