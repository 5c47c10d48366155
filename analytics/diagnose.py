"""The verdict from physics alone, without healthy data: bearings by their envelope.

Only bearings can be judged so: their fault frequencies are no multiple of a shaft's rate, so that
a healthy machine has nothing there. What gears and rotors do when healthy differs from machine to
machine; without healthy data they get no verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.features.spectra import Floats, envelope_spectrum
from analytics.kinematics import bearing_orders, shaft_rates_hz
from fieldlab.core.machine import Machine, RollingBearing
from fieldlab.core.messages import Diagnosis, Mark, Reason, Suspect, Window

HARMONICS = (1, 2, 3)
_SLIP_RATIO = 0.012  # how far slip takes a line from its place (Randall: 1 to 2 %)
_PLAIN_LINE, _FIRST_LINE = 8.0, 4.0  # times the amplitude around it
_LEAD = 0.25  # of log height, over another bearing or place of damage
_MAX_SEGMENT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    component: str
    mode: str
    sensor: str
    frequency_hz: float
    heights: Floats

    @property
    def score(self) -> float:
        return float(np.mean(np.log(self.heights)))

    @property
    def is_plain(self) -> bool:
        return bool((self.heights > _PLAIN_LINE).sum() >= 2 and self.heights[0] > _FIRST_LINE)


def diagnose(machine: Machine, windows: Sequence[Window]) -> Diagnosis:
    """Return suspects, likeliest first; the verdict is None when not sure."""
    t_s = windows[-1].t_s if windows else 0.0
    found = sorted(_search(machine, windows), key=lambda f: -f.score)
    best: dict[tuple[str, str], _Found] = {}
    for one in found:
        best.setdefault((one.component, one.mode), one)
    ranked = list(best.values())
    suspects = tuple(_suspect(machine, one) for one in ranked[:6])
    sure = bool(ranked) and ranked[0].is_plain
    if len(ranked) > 1:
        sure = sure and ranked[0].score > ranked[1].score + _LEAD
    return Diagnosis(
        machine_id=machine.id, t_s=t_s, suspects=suspects, verdict=suspects[0] if sure else None
    )


def _search(machine: Machine, windows: Sequence[Window]) -> list[_Found]:
    conditions = {
        name: float(np.mean([np.nanmean(w.scalars[name]) for w in windows if name in w.scalars]))
        for name in machine.conditions
        if any(name in window.scalars for window in windows)
    }
    rates = shaft_rates_hz(machine, conditions)
    spectra = {s: _mean_envelope(windows, s) for s, spec in machine.sensors.items() if spec.is_wave}
    out: list[_Found] = []
    for name, component in machine.components.items():
        orders = bearing_orders(component) if isinstance(component, RollingBearing) else None
        rate_hz = rates.get(component.shaft or "")
        if orders is None or rate_hz is None:
            continue
        for sensor in component.near or list(spectra):
            for mode, order in (
                ("outer-race", orders.outer_race),
                ("inner-race", orders.inner_race),
                ("rolling-element", orders.rolling_element),
            ):
                spectrum = spectra.get(sensor)
                if spectrum is not None:
                    heights = _heights(*spectrum, order, rate_hz)
                    out.append(
                        _Found(component=name, mode=mode, sensor=sensor,
                               frequency_hz=order * rate_hz, heights=heights)
                    )  # fmt: skip
    return out


def _mean_envelope(windows: Sequence[Window], sensor: str) -> tuple[float, Floats] | None:
    """Return the bin width in Hz and the mean envelope spectrum (amplitude) of a sensor."""
    spectra: list[Floats] = []
    width_hz = 0.0
    for window in windows:
        wave = window.waves.get(sensor)
        if wave is None or len(wave.samples) < 64:
            continue
        samples = np.asarray(wave.samples, np.float64)[: int(_MAX_SEGMENT_S * wave.rate_hz)]
        spectrum = np.sqrt(envelope_spectrum(samples - samples.mean()))
        if not spectra or len(spectrum) == len(spectra[0]):
            spectra.append(spectrum)
            width_hz = wave.rate_hz / len(samples)
    return (width_hz, np.mean(spectra, axis=0)) if spectra else None


def _heights(width_hz: float, spectrum: Floats, order: float, rate_hz: float) -> Floats:
    """Return how far the first lines of a fault stand above what lies around them."""
    at_hz = np.arange(len(spectrum)) * width_hz
    out = []
    for harmonic in HARMONICS:
        centre = order * harmonic * rate_hz
        hit = np.abs(at_hz - centre) < max(_SLIP_RATIO * centre, 3 * width_hz)
        around = np.abs(at_hz - centre) < max(0.45 * rate_hz, 8 * width_hz)
        turns = at_hz / rate_hz
        away = hit & (np.abs(turns - np.round(turns)) * rate_hz >= 1.5 * width_hz)
        chosen = away if away.any() else hit
        floor = float(np.median(spectrum[around & ~hit])) if (around & ~hit).any() else np.inf
        top = float(spectrum[chosen].max()) if chosen.any() else 0.0
        out.append(max(top, 1e-12) / max(floor, 1e-12))
    return np.array(out)


def _suspect(machine: Machine, found: _Found) -> Suspect:
    confidence = float(np.clip(1 - np.exp(-max(found.score, 0.0) / 1.2), 0.0, 0.99))
    return Suspect(
        component=found.component,
        failure_mode=found.mode,
        confidence=round(confidence, 4),
        reasons=(
            Reason(
                key="diagnosis-physics",
                numbers={
                    "frequency_hz": found.frequency_hz,
                    "component": found.component,
                    "ratio": float(found.heights[0]),
                },
            ),
        ),
        group=machine.group_of(found.component),
        sensor=found.sensor,
        marks=tuple(
            Mark(name=f"{harmonic} × {found.mode}", frequency_hz=harmonic * found.frequency_hz)
            for harmonic in HARMONICS
        ),
    )
