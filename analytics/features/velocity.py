"""RMS velocity of an acceleration waveform, and its zone: information beside the own baseline.

Zones are for a machine as it stands, whatever its past; a fault shows much earlier against the
machine's own normal. Band: 10 to 1,000 Hz (ISO 20816-1:2016). Limits: ISO 20816-3:2022 on rigid
supports, groups 2 (15 to 300 kW) and 1 (above); below 15 kW class I of ISO 10816-1:1995. The limits
are from memory: check them against the standard before a contract hangs on them.
"""

from typing import Literal

import numpy as np
from scipy import fft

from analytics.features.spectra import Floats
from fieldlab.core.machine import Machine, SensorSpec
from fieldlab.core.messages import Samples
from fieldlab.core.units import to_base

Zone = Literal["A", "B", "C", "D"]  # as new, long-term, not for long, harmful
VELOCITY = "velocity_mmps"  # what it is called behind the name of its sensor
LOW_HZ, HIGH_HZ = 10.0, 1000.0
# up to a rated power in kW: the least RMS velocity in mm/s of zones B, C and D
LIMITS_MMPS: tuple[tuple[float, tuple[float, float, float]], ...] = (
    (15.0, (0.71, 1.8, 4.5)),
    (300.0, (1.4, 2.8, 4.5)),
    (float("inf"), (2.3, 4.5, 7.1)),
)


def velocity_rms_mmps(samples_mps2: Floats, rate_hz: float) -> float:
    """Return the RMS velocity between 10 Hz and 1,000 Hz, in mm/s.

    Parameters
    ----------
    samples_mps2 : (n,) float
        Acceleration, evenly spaced, n >= 2. Each line is divided by its angular frequency.

    >>> t = np.arange(8000) / 8000
    >>> wave = 2 * np.pi * 50 * 1e-3 * np.sqrt(2) * np.sin(2 * np.pi * 50 * t)
    >>> round(velocity_rms_mmps(wave, 8000.0), 6)
    1.0
    """
    count = len(samples_mps2)
    low, high = int(np.ceil(LOW_HZ * count / rate_hz)), int(HIGH_HZ * count / rate_hz)
    spectrum = fft.rfft(samples_mps2)[low : high + 1]
    frequencies_hz = np.arange(low, low + len(spectrum)) * rate_hz / count
    velocity = np.abs(spectrum) / (2 * np.pi * frequencies_hz)
    return float(1e3 * np.sqrt(2 * np.sum(velocity**2)) / count)


def velocity_of(spec: SensorSpec, samples: Samples, rate_hz: float) -> float | None:
    """Return the RMS velocity that a sensor sees in mm/s; None if it cannot tell."""
    if spec.quantity != "acceleration" or rate_hz < 2 * HIGH_HZ:
        return None
    factor = to_base(spec.quantity, spec.unit)
    return factor * velocity_rms_mmps(np.asarray(samples, np.float64), rate_hz)


def zone_of(machine: Machine, velocity_mmps: float) -> Zone | None:
    """Return the zone of a velocity; None if the machine file does not say how big the machine is.

    The largest `rated_power_kw` of its shafts counts.
    """
    powers = [shaft.rated_power_kw for shaft in machine.shafts.values() if shaft.rated_power_kw]
    if not powers:
        return None
    limits = next(limits for most_kw, limits in LIMITS_MMPS if max(powers) <= most_kw)
    zones: tuple[Zone, ...] = ("A", "B", "C", "D")
    return zones[sum(velocity_mmps >= limit for limit in limits)]
