"""From excitations to samples: a table per turning cycle, impacts and hiss through the structure.

All that repeats with a cycle is one table over two turns (so half orders fit), made by an inverse
FFT of its order spectrum times the structure's response at the present speed, then read at the
cycle's phase. Impacts with slip and hiss are added in the frequency domain.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulators.kinematics import Cycle
from simulators.shift import stable_rng
from simulators.signatures import Excitation, Hits
from simulators.structure import Complexes, Floats, Structure

TURNS = 2  # a table holds this many turns
_MAX_LINES = 4096
_GRID_HZ = 0.5
_LINE_SPREAD = 0.05  # a healthy line varies this much from window to window
_BACKGROUND_G = 0.003  # the hall's own rumble, rms
_HISS_SPREAD = 0.08  # friction and rumble breathe from window to window
_THUMP_CHANCE = 1 / 300  # per window: somebody drops a crate or drives past
_SENSOR_NOISE_G = 0.006  # rms, of a MEMS accelerometer over its band
_WANDER_RATIO = 0.0008  # of the speed, within a window
_RING_DAMPING = 0.035


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One component's excitation, on its cycle, with its level under the present operation."""

    name: str
    cycle: str
    excitation: Excitation
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """How a cycle turns during one window: its phase at the start, and its rate."""

    phase_turns: float
    rate_hz: float


class Synthesizer:
    """Makes the samples of the wave sensors that share one rate and length."""

    def __init__(self, structure: Structure, cycles: Mapping[str, Cycle], rate_hz: float, n: int):
        self._structure, self._cycles = structure, cycles
        self._rate_hz, self._n = rate_hz, n
        self._t_s = np.arange(n) / rate_hz
        self._freq_hz = np.fft.rfftfreq(n, 1 / rate_hz)
        self._grid_hz = np.arange(0, rate_hz / 2 + _GRID_HZ, _GRID_HZ)
        self._responses: dict[tuple[str, int], tuple[Complexes, Complexes]] = {}
        self._phasors: dict[str, Complexes] = {}
        self._rings: dict[str, Complexes] = {}

    def waves(
        self,
        sources: tuple[Source, ...],
        turning: Mapping[str, Turning],
        sensors: Mapping[str, int],
        rng: np.random.Generator,
    ) -> dict[str, Floats]:
        """Return each sensor's samples; `sensors` says how often each was moved."""
        total = {
            sensor: self._random_part(sources, (sensor, moved), turning, rng)
            for sensor, moved in sensors.items()
        }
        if rng.uniform() < _THUMP_CHANCE:
            self._thump(total, rng)
        wander_s = self._wander_s(rng)
        for cycle, turn in turning.items():
            mine = tuple(source for source in sources if source.cycle == cycle)
            if any(source.excitation.lines or source.excitation.knock_g for source in mine):
                spectra = self._spectra(mine, sensors, turn, rng)
                turns = turn.phase_turns + turn.rate_hz * self._clock_s(cycle, wander_s)
                self._add_tables(total, spectra, turns)
        return total

    def _thump(self, total: dict[str, Floats], rng: np.random.Generator) -> None:
        """Add one knock from the hall, through the floor, to all sensors."""
        rate_hz, peak_g = rng.uniform(25, 90), rng.uniform(0.1, 0.5)
        since_s = self._t_s - rng.uniform(0, self._t_s[-1])
        omega = 2 * np.pi * min(rate_hz, self._rate_hz / 5)
        ring = np.where(since_s > 0, np.exp(-0.06 * omega * since_s.clip(0)), 0.0)
        ring *= peak_g * np.sin(omega * since_s)
        for sensor in total:
            unit = abs(self._structure.unit(sensor, np.array([omega / 2 / np.pi]))[0])
            total[sensor] += ring * unit * rng.uniform(0.6, 1.0)

    def _clock_s(self, cycle: str, wander_s: Floats) -> Floats:
        return self._t_s + wander_s if self._cycles[cycle].follows_speed else self._t_s

    def _wander_s(self, rng: np.random.Generator) -> Floats:
        """Return how far the turning runs ahead of its mean, in seconds of turning."""
        rate, phase = rng.uniform(0.4, 2.5), rng.uniform(0, 2 * np.pi)
        omega = 2 * np.pi * rate
        drift = rng.normal(0, _WANDER_RATIO / 2)
        swing = np.cos(omega * self._t_s + phase) - np.cos(phase)
        return np.asarray(_WANDER_RATIO / omega * swing + drift * self._t_s)

    # ------------------------------------------------------------------ what repeats

    def _spectra(
        self,
        sources: tuple[Source, ...],
        sensors: Mapping[str, int],
        turn: Turning,
        rng: np.random.Generator,
    ) -> dict[str, Complexes]:
        """Return one cycle's order spectrum at each sensor; index = order * TURNS."""
        step_hz = turn.rate_hz / TURNS
        count = min(_highest_line(sources), int(self._rate_hz / 2 / step_hz))
        jitter = 1 + rng.standard_normal(2 * count).view(complex) * (_LINE_SPREAD / 2**0.5)
        at = np.rint(np.arange(count) * (step_hz / _GRID_HZ)).astype(np.int64)
        at = np.minimum(at, len(self._grid_hz) - 1)
        sent = [self._spectrum(source, count, step_hz) for source in sources]
        found: dict[str, Complexes] = {}
        for sensor, moved in sensors.items():
            lines = np.zeros(count, complex)
            for source, spectrum in zip(sources, sent, strict=True):
                lines += spectrum * self._structure.reach(source.name, sensor, moved=moved)
            found[sensor] = lines * jitter * self._response(sensor, moved)[0][at]
        return found

    def _add_tables(
        self, total: dict[str, Floats], spectra: Mapping[str, Complexes], turns: Floats
    ) -> None:
        """Read each sensor's table of one cycle at the cycle's phase, and add it."""
        count = len(next(iter(spectra.values())))
        size = 1 << int(np.ceil(np.log2(8 * max(count, 1))))
        place = turns * (size / TURNS)
        floor = np.floor(place)
        rest = place - floor
        index = floor.astype(np.int64) & (size - 1)
        for sensor, lines in spectra.items():
            table = np.fft.irfft(lines, size) * size
            table = np.append(table, table[0])
            low = table[index]
            total[sensor] += low + rest * (table[index + 1] - low)

    def _spectrum(self, source: Source, count: int, step_hz: float) -> Complexes:
        """Return the one-sided order spectrum of a source; index = order * TURNS."""
        spectrum: Complexes = np.zeros(count, complex)
        phasors = self._phasors_of(source.name)
        for order, level_g in source.excitation.lines.items():
            index = round(order * TURNS)
            if index < count:
                spectrum[index] += level_g / 2 * phasors[index]
        if source.excitation.knock_g:
            freq_hz = np.arange(0, count, TURNS) * step_hz
            ring = self._ring(source.name, freq_hz) * (step_hz * TURNS)
            spectrum[::TURNS] += source.excitation.knock_g * ring
        return spectrum * source.level

    def _phasors_of(self, name: str) -> Complexes:
        """Return a fixed phase for each line of a component: sidebands are AM and PM mixed."""
        if name not in self._phasors:
            phase = stable_rng(name, "phase").uniform(0, 2 * np.pi, _MAX_LINES)
            self._phasors[name] = np.exp(1j * phase)
        return self._phasors[name]

    def _ring(self, name: str, freq_hz: Floats) -> Complexes:
        """Return the spectrum (in seconds) of a unit impact ringing at the component's own mode."""
        at_hz = min(float(stable_rng(name, "ring").uniform(2400, 4400)), 0.35 * self._rate_hz)
        omega = 2 * np.pi * at_hz
        decay = _RING_DAMPING * omega + 2j * np.pi * freq_hz
        return np.asarray(omega / (decay**2 + omega**2))

    # -------------------------------------------------------------- what does not repeat

    def _random_part(
        self,
        sources: tuple[Source, ...],
        at: tuple[str, int],
        turning: Mapping[str, Turning],
        rng: np.random.Generator,
    ) -> Floats:
        """Return hiss, impacts with slip and the sensor's own noise."""
        sensor, moved = at
        response = self._response(sensor, moved)[1]
        hiss_g2 = (_BACKGROUND_G * rng.lognormal(0, _HISS_SPREAD)) ** 2
        breath = rng.lognormal(0, _HISS_SPREAD)
        spectrum = np.zeros(len(self._freq_hz), complex)
        for source in sources:
            reach = self._structure.reach(source.name, sensor, moved=moved) * source.level
            hiss_g2 += (source.excitation.hiss_g * reach * breath) ** 2
            if source.excitation.hits:
                force = self._impacts(source, turning[source.cycle])
                spectrum += np.fft.rfft(force) * (self._ring_here(source.name) * reach)
        spectrum *= response
        size = abs(response)
        noise = rng.standard_normal(2 * len(self._freq_hz)).view(complex)
        floor = _SENSOR_NOISE_G * abs(self._structure.unit(sensor, self._freq_hz))
        spectrum += noise * np.sqrt((size**2 * hiss_g2 + floor**2) * (self._n / 2))
        return np.fft.irfft(spectrum, self._n)

    def _impacts(self, source: Source, turn: Turning) -> Floats:
        force = np.zeros(self._n + 2)
        for number, hits in enumerate(source.excitation.hits):
            salt = stable_rng(source.name, number, repr(turn.phase_turns))  # sensors hear the same
            at_s = self._hit_times_s(hits, turn, salt)
            zone = 1 + hits.zone_depth * np.cos(
                2 * np.pi * hits.zone_order * (turn.phase_turns + turn.rate_hz * at_s)
            )
            peak_g = hits.peak_g * zone / (1 + hits.zone_depth) * salt.normal(1, 0.12, len(at_s))
            place = at_s * self._rate_hz
            index = place.astype(np.int64)
            np.add.at(force, index, peak_g * (1 - (place - index)))
            np.add.at(force, index + 1, peak_g * (place - index))
        return force[: self._n]

    def _hit_times_s(self, hits: Hits, turn: Turning, rng: np.random.Generator) -> Floats:
        """Return when the elements strike: random first, then intervals that slip."""
        gap_s = 1 / (hits.order * turn.rate_hz)
        count = int(self._t_s[-1] / gap_s * 1.1) + 2
        gaps_s = gap_s * (1 + hits.slip_ratio * rng.standard_normal(count))
        at_s = np.cumsum(gaps_s) - gaps_s[0] * rng.uniform()
        return np.asarray(at_s[(at_s >= 0) & (at_s < self._n / self._rate_hz)])

    def _ring_here(self, name: str) -> Complexes:
        if name not in self._rings:
            self._rings[name] = self._ring(name, self._freq_hz) * self._rate_hz
        return self._rings[name]

    def _response(self, sensor: str, moved: int) -> tuple[Complexes, Complexes]:
        key = (sensor, moved)
        if key not in self._responses:
            self._responses[key] = (
                self._structure.response(sensor, self._grid_hz, moved=moved),
                self._structure.response(sensor, self._freq_hz, moved=moved),
            )
        return self._responses[key]


def _highest_line(sources: tuple[Source, ...]) -> int:
    """Return how many lines a table needs: all for a knock, else up to the highest order."""
    if any(source.excitation.knock_g for source in sources):
        return _MAX_LINES
    highest = max(max(source.excitation.lines, default=0.0) for source in sources)
    return min(_MAX_LINES, round(highest * TURNS) + 1)
