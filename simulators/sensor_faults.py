"""How sensors fail: what a broken sensor sends in place of what it sees."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fieldlab.core.machine import SensorSpec
from fieldlab.core.messages import Reading, SensorFault, Value, Wave
from fieldlab.core.units import STANDARD_GRAVITY_MPS2, to_base

Floats = npt.NDArray[np.float64]
CLOCK_JUMP_S = 3_600.0
_OVERDRIVE = 12.0  # an amplifier on the wrong range
_SPIKES_PER_S = 3.0
_HUM_HZ = 50.0
RANGE_G = 16.0
BITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A sensor's fault, and the value that it holds on to if it is stuck."""

    fault: SensorFault
    held: float


def range_in_unit(spec: SensorSpec) -> float:
    """Return the largest amplitude that a wave sensor can read, in its unit."""
    base = RANGE_G * (STANDARD_GRAVITY_MPS2 if spec.quantity == "acceleration" else 1.0)
    return base / to_base(spec.quantity, spec.unit)


def spoil(
    reading: Reading, broken: Broken, spec: SensorSpec, rng: np.random.Generator
) -> Reading | None:
    """Return what the broken sensor sends; None if it sends nothing.

    `moved` and `swapped` are not handled here: they change what reaches the sensor.
    """
    if broken.fault == "dropped-out":
        return None
    if broken.fault == "clock-jump":
        return replace(reading, t_s=reading.t_s - CLOCK_JUMP_S)
    if isinstance(reading, Wave):
        return replace(reading, samples=_wave(reading, broken, spec, rng).astype(np.float32))
    return replace(reading, value=_value(reading, broken, rng))


def _wave(wave: Wave, broken: Broken, spec: SensorSpec, rng: np.random.Generator) -> Floats:
    samples, top = np.asarray(wave.samples, float), range_in_unit(spec)
    match broken.fault:
        case "stuck":
            return np.full(len(samples), broken.held)
        case "saturated":
            limit = 2.5 * float(np.std(samples))
            return np.asarray(np.clip(samples * _OVERDRIVE, -limit, limit))
        case "unplugged":  # an open input: hum and the converter's own noise
            hum = np.sin(2 * np.pi * _HUM_HZ * np.arange(len(samples)) / wave.rate_hz)
            return np.asarray(top * (2e-5 * hum + 1e-5 * rng.standard_normal(len(samples))))
        case "spikes":
            count = 1 + rng.poisson(_SPIKES_PER_S * len(samples) / wave.rate_hz)
            at = rng.integers(0, len(samples), count)
            samples[at] += top * rng.uniform(0.3, 0.9, count) * rng.choice((-1, 1), count)
    return samples


def _value(value: Value, broken: Broken, rng: np.random.Generator) -> float:
    match broken.fault:
        case "stuck":
            return broken.held
        case "saturated":
            return 2.0 * abs(broken.held) + 1.0
        case "unplugged":
            return 0.0
        case "spikes":
            jump = 3.0 * (abs(broken.held) + 1.0) * rng.choice((-1, 1))
            return value.value + (jump if rng.uniform() < 0.25 else 0.0)
    return value.value
