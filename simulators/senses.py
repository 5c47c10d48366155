"""What the sensors of a simulated machine read during one window, broken ones included."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from fieldlab.core.machine import Machine
from fieldlab.core.messages import Reading, Value, Wave
from simulators.kinematics import Cycle, cycle_name
from simulators.present import Present
from simulators.scalars import Moment, reading
from simulators.sensor_faults import BITS, range_in_unit, spoil
from simulators.shift import Operation, stable_rng
from simulators.signatures import Excitation, excitation
from simulators.structure import Floats, Structure
from simulators.synthesis import Source, Synthesizer, Turning

_MOOD_RATIO = 0.05  # how far a healthy component's level wanders over minutes


class Senses:
    """The sensors of one machine; what changes is in the `Present` that they are given."""

    def __init__(self, machine: Machine, cycles: Mapping[str, Cycle], *, seed: int) -> None:
        self._machine, self._cycles = machine, cycles
        structure = Structure(machine)
        rates_hz = {spec.rate_hz for spec in machine.sensors.values() if spec.rate_hz is not None}
        self._synthesizers = {
            rate_hz: Synthesizer(
                structure, cycles, rate_hz, max(2, round(machine.window_s * rate_hz))
            )
            for rate_hz in sorted(rates_hz)
        }
        self._moods = {name: _mood(seed, name) for name in machine.components}
        self._sounds: dict[str, tuple[dict[str, float], Excitation]] = {}

    def read(
        self, present: Present, now: Operation, rng: np.random.Generator
    ) -> tuple[Reading, ...]:
        """Return one window of every sensor, which ends at the present."""
        t_s = present.t_s - self._machine.window_s
        waves = self._waves(present, now, t_s, rng)
        values = self._values(present, now, rng)
        self._swap(present, waves)
        self._swap(present, values)
        sensed: list[Reading] = []
        for name, spec in self._machine.sensors.items():
            if spec.rate_hz is None:
                sensed.append(Value(sensor=name, t_s=t_s, value=values[name]))
            else:
                samples = self._converted(name, waves[name])
                sensed.append(Wave(sensor=name, t_s=t_s, rate_hz=spec.rate_hz, samples=samples))
        sent = [self._sent(present, one, rng) for one in sensed]
        return tuple(one for one in sent if one is not None)

    def partner(self, name: str) -> str | None:
        """Return another sensor of the same quantity and rate, that it may be swapped with."""
        mine = self._machine.sensors[name]
        for other, spec in self._machine.sensors.items():
            if other != name and (spec.quantity, spec.rate_hz) == (mine.quantity, mine.rate_hz):
                return other
        return None

    def _waves(
        self, present: Present, now: Operation, t_s: float, rng: np.random.Generator
    ) -> dict[str, Floats]:
        rates_hz = present.rates_hz(self._cycles, now)
        turning = {
            name: Turning(phase_turns=phase, rate_hz=rates_hz[name])
            for name, phase in present.phases.items()
        }
        sources = self._sources(present, now, t_s)
        found: dict[str, Floats] = {}
        for rate_hz, synthesizer in self._synthesizers.items():
            sensors = {
                name: present.moved.get(name, 0)
                for name, spec in self._machine.sensors.items()
                if spec.rate_hz == rate_hz
            }
            found |= synthesizer.waves(sources, turning, sensors, rng)
        return found

    def _sources(self, present: Present, now: Operation, t_s: float) -> tuple[Source, ...]:
        sources = []
        for name, made in self._machine.components.items():
            cycle = cycle_name(name, made)
            if cycle is not None:
                sound = self._sound(name, present.parts[name].faults)
                level = _level(sound, now) * self._mood_at(name, t_s)
                sources.append(Source(name=name, cycle=cycle, excitation=sound, level=level))
        return tuple(sources)

    def _sound(self, name: str, faults: Mapping[str, float]) -> Excitation:
        """Return a component's excitation, made anew only when its faults have changed."""
        kept = self._sounds.get(name)
        if kept is None or kept[0] != faults:
            kept = (dict(faults), excitation(self._machine, name, faults))
            self._sounds[name] = kept
        return kept[1]

    def _mood_at(self, name: str, t_s: float) -> float:
        periods_s, phases = self._moods[name]
        swing = np.sin(2 * np.pi * t_s / periods_s + phases)
        return 1 + _MOOD_RATIO * float(np.sum(swing)) / 3**0.5

    def _values(
        self, present: Present, now: Operation, rng: np.random.Generator
    ) -> dict[str, float]:
        moment = Moment(
            machine=self._machine,
            faults=present.faults(),
            now=now,
            rise_k=present.heat.rise_k,
            shaft_hz=present.rates_hz(self._cycles, now),
        )
        return {
            name: reading(name, moment, rng)
            for name, spec in self._machine.sensors.items()
            if spec.rate_hz is None
        }

    def _swap(self, present: Present, found: dict[str, Any]) -> None:
        for name, broken in present.broken.items():
            partner = self.partner(name)
            if broken.fault == "swapped" and name in found and partner in found:
                found[name], found[partner] = found[partner], found[name]

    def _converted(self, name: str, samples: Floats) -> npt.NDArray[np.float32]:
        """Return samples as the converter gives them: clipped to its range, in whole steps."""
        top = range_in_unit(self._machine.sensors[name])
        step = 2 * top / 2**BITS
        whole = np.rint(np.clip(samples, -top, top) / step)
        return np.asarray(whole * step, np.float32)

    def _sent(self, present: Present, seen: Reading, rng: np.random.Generator) -> Reading | None:
        """Return what leaves the sensor; a good one remembers it, in case it gets stuck."""
        broken = present.broken.get(seen.sensor)
        if broken is not None:
            return spoil(seen, broken, self._machine.sensors[seen.sensor], rng)
        last = seen.value if isinstance(seen, Value) else float(seen.samples[-1])
        present.last[seen.sensor] = last
        return seen


def _level(sound: Excitation, now: Operation) -> float:
    by_load = 1 - sound.load_share + sound.load_share * now.load_ratio
    return float(by_load * now.speed_ratio**sound.speed_exponent)


def _mood(seed: int, name: str) -> tuple[Floats, Floats]:
    rng = stable_rng(seed, name, "mood")
    return np.array([70.0, 310.0, 900.0]) * rng.uniform(0.7, 1.4, 3), rng.uniform(0, 2 * np.pi, 3)
