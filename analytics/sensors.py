"""Is it the sensor? Stuck, saturated, unplugged, silent, spikes, its clock: never a component."""

from collections.abc import Mapping

import numpy as np

from analytics.features.spectra import Floats
from fieldlab.core.machine import SensorSpec
from fieldlab.core.messages import SensorFault, Wave, Window
from fieldlab.core.units import STANDARD_GRAVITY_MPS2, to_base

_FLAT_RATIO = 1e-3  # of the learnt rms
_QUIET_RATIO = 0.12
_STILL_RATIO = 0.45  # of the least rms in learning
_STILL_SHARE = 0.6  # of the sensors that must be that quiet; the others may hum
_AT_PEAK = 0.02  # share of samples that touch the same extreme
_SPIKE_CREST = 20.0
_SPIKES_PER_S = 10.0  # what a machine does it does more often
_TILT_G = 0.025  # of gravity that a sensor feels: about a degree and a half
_TILT_SPREADS = 8.0
_LEAST_FELT_G = 0.5  # in learning, by all accelerometers together
STUCK_WINDOWS = 8
SILENT_WINDOWS = 2


def wave_fault(wave: Wave, usual_rms: float | None, usual_crest: float) -> SensorFault | None:
    """Return what is wrong with the samples of a wave sensor, if anything.

    `usual_rms` is the least rms in learning, None while learning; `usual_crest` the greatest crest
    factor in learning.
    """
    samples = np.asarray(wave.samples, np.float64)
    if not np.isfinite(samples).all():
        return "dropped-out"
    rest = samples - samples.mean()
    rms = float(np.sqrt(np.mean(rest**2)))
    if rms == 0.0 or (usual_rms is not None and rms < _FLAT_RATIO * usual_rms):
        return "stuck"
    if _touches(samples):
        return "saturated"
    if usual_rms is not None and rms < _QUIET_RATIO * usual_rms:
        return "unplugged"
    return _spiky(rest, len(rest) / wave.rate_hz, usual_crest)


def _touches(samples: Floats) -> bool:
    size = np.abs(samples)
    top = float(np.max(size))
    at_peak = top - size <= 1e-4 * top
    return bool(at_peak.mean() > _AT_PEAK and len(samples) > 200)


def _spiky(rest: Floats, duration_s: float, usual_crest: float) -> SensorFault | None:
    """Return spikes: a few lone samples far out that no structure rings after."""
    size = np.abs(rest)
    crest = max(_SPIKE_CREST, 2.5 * usual_crest)
    if 2 * np.count_nonzero(size < 0.6745 / crest * size.max()) < len(size):
        return None  # the median, which takes long to find, is too large for any to be far out
    middle = float(np.median(size)) / 0.6745
    far = np.flatnonzero(size > crest * max(middle, 1e-12))
    if not 0 < len(far) < _SPIKES_PER_S * duration_s + 3:
        return None
    inside = far[(far > 0) & (far < len(rest) - 1)]
    beside = np.maximum(size[inside - 1], size[inside + 1])
    lone = np.mean(beside < 0.35 * size[inside]) if len(inside) else 0.0
    return "spikes" if lone > 0.7 else None


class SensorWatch:
    """Remembers what each sensor of a machine usually says."""

    def __init__(self, sensors: Mapping[str, SensorSpec]) -> None:
        self._sensors = sensors
        self.least_rms: dict[str, float] = {}
        self.greatest_crest: dict[str, float] = {}
        self.last: dict[str, float] = {}
        self.same: dict[str, int] = {}
        self.longest: dict[str, int] = {}
        self.silent: dict[str, int] = {}
        self.heard: dict[str, int] = {}
        self.gravity: dict[str, float] = {}  # mean in learning, of an accelerometer
        self.gravity_spread: dict[str, float] = {}  # greatest change from window to window

    def look(self, window: Window, *, learning: bool) -> dict[str, SensorFault]:
        """Return the faults of this window's sensors; learns what is usual while `learning`."""
        found: dict[str, SensorFault] = {}
        for name, wave in window.waves.items():
            fault = wave_fault(
                wave,
                None if learning else self.least_rms.get(name),
                self.greatest_crest.get(name, 0.0),
            )
            if fault is None and not learning and self._is_tilted(name, wave):
                fault = "moved"
            if fault is not None:
                found[name] = fault
            elif learning:
                self._learn_wave(name, wave)
        if len(window.waves) > 1 and all(found.get(n) == "unplugged" for n in window.waves):
            found = {}  # all at once: the machine stands still
        for name, values in window.scalars.items():
            fault = self._scalar_fault(name, values, learning=learning)
            if fault is not None:
                found[name] = fault
        found |= dict.fromkeys(self._silent(window), "dropped-out")
        found |= dict.fromkeys(sorted(window.put_back - found.keys()), "clock-jump")
        return found

    def repeating(self) -> set[str]:
        """Return the sensors that say the same longer than twice what they ever did in learning.

        That is too short for a fault, and enough not to believe what they say of the machine.
        """
        return {name for name, same in self.same.items() if same > 2 * self.longest.get(name, 0)}

    def coarse(self) -> set[str]:
        """Return the sensors that repeat themselves when they are well: their steps are wide."""
        return {name for name, longest in self.longest.items() if longest > 0}

    def stands_still(self, window: Window) -> bool:
        """Whether most wave sensors are far quieter than they ever were in learning."""
        ratios = [
            float(np.std(wave.samples)) / max(self.least_rms[name], 1e-12)
            for name, wave in window.waves.items()
            if name in self.least_rms
        ]
        quiet = sum(ratio < _STILL_RATIO for ratio in ratios)
        return len(ratios) > 1 and quiet >= np.ceil(_STILL_SHARE * len(ratios))

    def _learn_wave(self, name: str, wave: Wave) -> None:
        rms = float(np.std(wave.samples))
        crest = float(np.max(np.abs(wave.samples - np.mean(wave.samples)))) / max(rms, 1e-12)
        self.least_rms[name] = min(rms, self.least_rms.get(name, rms))
        self.greatest_crest[name] = max(crest, self.greatest_crest.get(name, 0.0))
        mean, count = float(np.mean(wave.samples)), self.heard.get(name, 0)
        before = self.gravity.get(name, mean)
        self.gravity[name] = before + (mean - before) / (count + 1)
        self.gravity_spread[name] = max(abs(mean - before), self.gravity_spread.get(name, 0.0))

    def _is_tilted(self, name: str, wave: Wave) -> bool:
        """Whether an accelerometer that feels gravity no longer stands as it stood.

        No fault of a machine turns a sensor against gravity; a hand does. What does not feel
        gravity at all has an offset that may wander: it tells nothing.
        """
        if name not in self.gravity or self._felt_g() < _LEAST_FELT_G:
            return False
        change = abs(float(np.mean(wave.samples)) - self.gravity[name])
        return (
            change * self._in_g(name) > _TILT_G
            and change > _TILT_SPREADS * self.gravity_spread[name]
        )

    def _felt_g(self) -> float:
        """Return how much of gravity the accelerometers felt together in learning."""
        return float(np.sqrt(sum((g * self._in_g(name)) ** 2 for name, g in self.gravity.items())))

    def _in_g(self, name: str) -> float:
        """Return the factor from a sensor's unit to g; 0 for what is no accelerometer."""
        spec = self._sensors[name]
        if spec.quantity != "acceleration":
            return 0.0
        return to_base(spec.quantity, spec.unit) / STANDARD_GRAVITY_MPS2

    def _scalar_fault(self, name: str, values: Floats, *, learning: bool) -> SensorFault | None:
        good = values[np.isfinite(values)]
        if not len(good):
            return "dropped-out"
        same = bool(np.all(good == self.last.get(name, np.nan)))
        self.same[name] = self.same.get(name, 0) + 1 if same else 0
        self.last[name] = float(good[-1])
        if learning:
            self.longest[name] = max(self.same[name], self.longest.get(name, 0))
            return None
        allowed = max(STUCK_WINDOWS, 4 * self.longest.get(name, 0) + 4)
        return "stuck" if self.same[name] > allowed else None

    def _silent(self, window: Window) -> list[str]:
        out = []
        for name in self._sensors:
            here = name in window.waves or name in window.scalars
            if here:
                self.heard[name] = self.heard.get(name, 0) + 1
                self.silent[name] = 0
            elif self.heard.get(name, 0) > 2 and self.heard[name] > 3 * self.silent.get(name, 0):
                self.silent[name] = self.silent.get(name, 0) + 1
                if self.silent[name] > SILENT_WINDOWS:
                    out.append(name)
        return out

    def state(self) -> Mapping[str, Mapping[str, float]]:
        """Return what was learnt as plain data."""
        return {
            "least_rms": self.least_rms, "greatest_crest": self.greatest_crest,
            "last": self.last, "same": self.same, "longest": self.longest,
            "silent": self.silent, "heard": self.heard,
            "gravity": self.gravity, "gravity_spread": self.gravity_spread,
        }  # fmt: skip

    def restore(self, state: Mapping[str, Mapping[str, float]]) -> None:
        """Go on from a saved state."""
        for name, values in state.items():
            setattr(self, name, dict(values))
