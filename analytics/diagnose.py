"""The verdict from physics alone, without healthy data: bearings by their envelope.

Only bearings can be judged so: their fault frequencies are no multiple of a shaft's rate, so that
a healthy machine has nothing there. What gears and rotors do when healthy differs from machine to
machine; without healthy data they get no verdict.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.combs import COMBS, Heard, listen, order_of
from analytics.features.modulation import band_envelopes, heights_log
from analytics.features.spectra import Floats
from analytics.kinematics import BearingOrders, bearing_orders, shaft_rates_hz, speed_is_measured
from analytics.speed import MEASURED_SPAN, NOMINAL_SPAN, speed_scale
from fieldlab.core.machine import Machine, RollingBearing
from fieldlab.core.messages import Diagnosis, Mark, Reason, Suspect, Window

# How plain a rhythm must be for a verdict. A spall on a race strikes at the same place each turn
# and leaves sharp lines; a rolling element turns about itself, and its lines are blurred.
PLAIN = {"outer-race": 1.3, "inner-race": 1.3, "rolling-element": 0.8}
_FAINT_RACE = 0.9  # below this, a race fault is less likely than a rolling element's
_SHARPNESS = 6.0  # of the confidence, around what a verdict needs
_MAX_SUSPECTS = 6
_MAX_BLOCK_S = 20.0
_MIN_SAMPLES = 64
_HARMONICS = (1, 2, 3)

Block = tuple[Floats, float]  # samples, and their rate in Hz


@dataclass(frozen=True, slots=True, kw_only=True)
class BearingCase:
    """One failure mode of one bearing, with all that was heard of it."""

    component: str
    mode: str
    heard: tuple[Heard, ...]  # by sensor, plainest first
    rate_hz: float  # of the fault
    louder: float  # log power of its own sensors over that of all

    @property
    def plainness(self) -> float:
        """The mean of the two sensors that hear it best: a fault is heard through the frame."""
        return float(np.mean([one.plainness for one in self.heard[:2]]))

    @property
    def ratio(self) -> float:
        """Plainness against what a verdict needs."""
        return self.plainness / PLAIN[self.mode]

    @property
    def rank(self) -> tuple[int, float]:
        """Its place among the suspects, larger first.

        Where nothing is plain, a rolling element is likelier than a race: what strikes a race is
        nearly always heard (Smith and Randall 2015, MSSP 64, 100), and the louder end is likelier.
        """
        if self.ratio >= 1.0:
            return 3, self.plainness
        if self.mode == "rolling-element":
            return 1, self.plainness + self.louder
        return (2 if self.plainness >= _FAINT_RACE else 0), self.plainness


def diagnose(machine: Machine, windows: Sequence[Window]) -> Diagnosis:
    """Return suspects, likeliest first; the verdict is None when not sure."""
    ranked = sorted(bearing_cases(machine, windows), key=lambda case: case.rank, reverse=True)
    suspects = tuple(bearing_suspect(machine, case) for case in ranked[:_MAX_SUSPECTS])
    sure = bool(ranked) and ranked[0].ratio >= 1.0
    return Diagnosis(
        machine_id=machine.id,
        t_s=windows[-1].t_s if windows else 0.0,
        suspects=suspects,
        verdict=suspects[0] if sure else None,
    )


def bearing_cases(machine: Machine, windows: Sequence[Window]) -> list[BearingCase]:
    """Return how plain each failure mode of each bearing is."""
    blocks = {
        name: _blocks(windows, name)
        for name, spec in machine.sensors.items()
        if spec.is_wave and not spec.is_condition
    }
    blocks = {name: found for name, found in blocks.items() if found}
    rates = shaft_rates_hz(machine, _mean_conditions(machine, windows))
    out: list[BearingCase] = []
    for shaft, bearings in _bearings_by_shaft(machine, rates).items():
        span = MEASURED_SPAN if speed_is_measured(machine, shaft) else NOMINAL_SPAN
        all_blocks = [(block, rate) for found in blocks.values() for block, rate in found]
        rate_hz = rates[shaft] * speed_scale(all_blocks, rates[shaft], span)
        out += _heard_on(machine, blocks, rate_hz, bearings)
    return out


def _heard_on(
    machine: Machine,
    blocks: Mapping[str, list[Block]],
    rate_hz: float,
    bearings: Mapping[str, BearingOrders],
) -> list[BearingCase]:
    """Return a case for each failure mode of the bearings on one shaft."""
    heard = [
        one
        for sensor, found in blocks.items()
        for one in _listened(sensor, found, rate_hz, bearings)
    ]
    power = {sensor: _log_power(found) for sensor, found in blocks.items()}
    out = []
    for name, orders in bearings.items():
        near = [power[s] for s in machine.components[name].near if s in power]
        louder = float(np.mean(near) - np.mean(list(power.values()))) if near else 0.0
        for mode in COMBS:
            mine = [one for one in heard if (one.component, one.mode) == (name, mode)]
            mine.sort(key=lambda one: -one.plainness)
            if mine:
                out.append(
                    BearingCase(component=name, mode=mode, heard=tuple(mine), louder=louder,
                          rate_hz=rate_hz * order_of(orders, mode))
                )  # fmt: skip
    return out


def _listened(
    sensor: str, blocks: list[Block], rate_hz: float, bearings: Mapping[str, BearingOrders]
) -> list[Heard]:
    """Return what one sensor hears of the bearings on a shaft."""
    samples, sampling_hz = blocks[0]
    turns = rate_hz * len(samples) / sampling_hz
    highest = max(order_of(orders, mode) for orders in bearings.values() for mode in COMBS)
    keep = int((max(_HARMONICS) * highest * 1.02 + 1) * turns)
    powers = np.mean([band_envelopes(block, keep) for block, _ in blocks], axis=0)
    return listen(sensor, heights_log(powers, round(turns)), turns, bearings) if len(powers) else []


def _blocks(windows: Sequence[Window], sensor: str) -> list[Block]:
    """Return the sensor's samples, windows that follow each other joined, all of one length."""
    waves = [w.waves[sensor] for w in windows if sensor in w.waves]
    waves = [wave for wave in waves if len(wave.samples) >= _MIN_SAMPLES]
    runs: list[list[Floats]] = []
    end_s = -np.inf
    for wave in waves:
        follows = abs(wave.t_s - end_s) < 1.5 / wave.rate_hz + 1e-5
        if not follows or sum(map(len, runs[-1])) > _MAX_BLOCK_S * wave.rate_hz:
            runs.append([])
        runs[-1].append(np.asarray(wave.samples, np.float64))
        end_s = wave.t_s + len(wave.samples) / wave.rate_hz
    joined = [np.concatenate(run) for run in runs]
    longest = max(map(len, joined), default=0)
    whole = [block for block in joined if len(block) >= 0.9 * longest]
    least = min(map(len, whole), default=0)
    return [(block[:least] - block[:least].mean(), waves[0].rate_hz) for block in whole]


def _log_power(blocks: Iterable[Block]) -> float:
    return float(np.log(np.mean([np.mean(block**2) for block, _ in blocks]) + 1e-20))


def _mean_conditions(machine: Machine, windows: Sequence[Window]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in machine.conditions:
        values = [v for window in windows for v in window.scalars.get(name, ()) if np.isfinite(v)]
        if values:
            found[name] = float(np.mean(values))
    return found


def _bearings_by_shaft(
    machine: Machine, rates: Mapping[str, float]
) -> dict[str, dict[str, BearingOrders]]:
    found: dict[str, dict[str, BearingOrders]] = {}
    for name, component in machine.components.items():
        orders = bearing_orders(component) if isinstance(component, RollingBearing) else None
        if orders is not None and component.shaft in rates:
            found.setdefault(component.shaft or "", {})[name] = orders
    return found


def bearing_suspect(machine: Machine, case: BearingCase) -> Suspect:
    """Return a case as a suspect, with what speaks for it."""
    best = case.heard[0]
    confidence = 1 / (1 + np.exp(-_SHARPNESS * (case.ratio - 1.0)))
    return Suspect(
        component=case.component,
        failure_mode=case.mode,
        confidence=round(float(np.clip(confidence, 0.01, 0.99)), 4),
        reasons=(
            Reason(
                key="diagnosis-physics",
                numbers={
                    "frequency_hz": case.rate_hz,
                    "component": case.component,
                    "ratio": best.height,
                },
            ),
        ),
        group=machine.group_of(case.component),
        sensor=best.sensor,
        marks=tuple(
            Mark(name=f"{harmonic} × {case.mode}", frequency_hz=harmonic * case.rate_hz)
            for harmonic in _HARMONICS
        ),
    )
