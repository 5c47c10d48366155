"""A simulated machine: what its sensors would read while its components turn, warm up and wear."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from fieldlab.core.errors import InputError
from fieldlab.core.machine import AnyComponent, Machine
from fieldlab.core.messages import Reading, SensorFault, Value, Wave
from simulators.kinematics import cycle_name, cycles_of
from simulators.scalars import Heat, Moment, reading, slip_of, torque_ratio
from simulators.sensor_faults import BITS, Broken, range_in_unit, spoil
from simulators.shift import Operation, Shift, stable_rng
from simulators.signatures import Excitation, excitation
from simulators.structure import Floats, Structure
from simulators.synthesis import TURNS, Source, Synthesizer, Turning
from simulators.wear import FittedPart, Wear, grow, modes_of, new_part, original_part

_STEP_S = 30.0  # heat and wear move in steps of at most this
_MAX_STEPS = 200
_MOOD_RATIO = 0.05  # how far a healthy component's level wanders over minutes
STATE_VERSION = 1


@dataclass(slots=True, kw_only=True)
class _Now:
    """All that changes: what a saved state holds besides the random generator."""

    seed: int
    t_s: float
    phases: dict[str, float]
    parts: dict[str, FittedPart]
    heat: Heat = field(default_factory=Heat)
    broken: dict[str, Broken] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)


class SimulatedMachine:
    """A machine in software, with the sensors and components of its machine file.

    Parameters
    ----------
    machine : Machine
        What the machine file says.
    seed : int
        Two machines with equal seeds that are treated alike read alike.
    start_s : float
        Event time at the start.
    """

    def __init__(self, machine: Machine, *, seed: int, start_s: float = 1_790_000_000.0) -> None:
        self._machine = machine
        self._rng = np.random.default_rng(seed)
        self._cycles = cycles_of(machine)
        self._now = _Now(
            seed=seed,
            t_s=start_s,
            phases={name: float(self._rng.uniform(0, TURNS)) for name in self._cycles},
            parts={name: original_part(made) for name, made in machine.components.items()},
        )
        self.notes: dict[str, Any] = {}  # plain data of a script that drives this machine
        self._build()

    def _build(self) -> None:
        machine = self._machine
        self._shift = Shift(seed=self._now.seed)
        self._structure = Structure(machine)
        self._synthesizers: dict[float, Synthesizer] = {}
        for spec in machine.sensors.values():
            if spec.rate_hz is not None and spec.rate_hz not in self._synthesizers:
                count = max(2, round(machine.window_s * spec.rate_hz))
                self._synthesizers[spec.rate_hz] = Synthesizer(
                    self._structure, self._cycles, spec.rate_hz, count
                )
        self._moods = {name: _mood(self._now.seed, name) for name in machine.components}
        self._sounds: dict[str, tuple[dict[str, float], Excitation]] = {}

    @property
    def now_s(self) -> float:
        """Event time in seconds since 1970."""
        return self._now.t_s

    @property
    def machine(self) -> Machine:
        """The machine file."""
        return self._machine

    # ------------------------------------------------------------------------- sensing

    def read(self, interval_s: float) -> tuple[Reading, ...]:
        """Let `interval_s` pass, then return one window of every sensor.

        The window is the last `machine.window_s` of event time; all readings carry its start.

        Raises
        ------
        InputError
            If the interval is not a positive number.
        """
        if not 0 < interval_s < 1e9:
            raise InputError(f"interval_s is {interval_s}; give a number of seconds above 0")
        self._advance(interval_s)
        t_s = self._now.t_s - self._machine.window_s
        readings: tuple[Reading, ...] = (*self._waves(t_s), *self._values(t_s))
        return tuple(sent for sent in map(self._sent, readings) if sent is not None)

    def _advance(self, interval_s: float) -> None:
        """Let heat, wear and the shift go on; turn all cycles up to the window's start."""
        steps = int(np.clip(np.ceil(interval_s / _STEP_S), 1, _MAX_STEPS))
        step_s = interval_s / steps
        for _ in range(steps):
            self._now.t_s += step_s
            now = self._operation(self._now.t_s)
            faults = self._faults()
            torque = torque_ratio(self._machine, faults, now, self._now.heat.rise_k)
            self._now.heat.advance(self._machine, faults, now, step_s)
            for name, part in self._now.parts.items():
                if part.wears:
                    made = self._machine.components[name]
                    grow(made, part, work_s=step_s * now.speed_ratio, load_ratio=torque)
        self._turn(interval_s - self._machine.window_s)

    def _turn(self, duration_s: float) -> None:
        rates = self._rates_hz(self._operation(self._now.t_s))
        for name, phase in self._now.phases.items():
            self._now.phases[name] = (phase + rates[name] * duration_s) % TURNS

    def _operation(self, t_s: float) -> Operation:
        return self._shift.at(t_s)

    def _rates_hz(self, now: Operation) -> dict[str, float]:
        faults = self._faults()
        return {
            name: cycle.nominal_hz
            * (now.speed_ratio * (1 - slip_of(faults, cycle.behind_belts))
               if cycle.follows_speed else 1.0)
            for name, cycle in self._cycles.items()
        }  # fmt: skip

    def _faults(self) -> dict[str, dict[str, float]]:
        return {name: part.faults for name, part in self._now.parts.items() if part.faults}

    def _waves(self, t_s: float) -> list[Wave]:
        now = self._operation(t_s)
        rates = self._rates_hz(now)
        turning = {
            name: Turning(phase_turns=phase, rate_hz=rates[name])
            for name, phase in self._now.phases.items()
        }
        sources = self._sources(t_s, now)
        found: dict[str, Floats] = {}
        for rate_hz, synthesizer in self._synthesizers.items():
            sensors = {
                name: self._now.moved.get(name, 0)
                for name, spec in self._machine.sensors.items()
                if spec.rate_hz == rate_hz
            }
            found |= synthesizer.waves(sources, turning, sensors, self._rng)
        self._turn(self._machine.window_s)
        self._swap(found)
        return [
            Wave(sensor=name, t_s=t_s, rate_hz=spec.rate_hz, samples=self._converted(name, found))
            for name, spec in self._machine.sensors.items()
            if spec.rate_hz is not None
        ]

    def _converted(self, name: str, found: Mapping[str, Floats]) -> npt.NDArray[np.float32]:
        """Return samples as the converter gives them: clipped to its range, in whole steps."""
        top = range_in_unit(self._machine.sensors[name])
        step = 2 * top / 2**BITS
        whole = np.rint(np.clip(found[name], -top, top) / step)
        return np.asarray(whole * step, np.float32)

    def _swap(self, found: dict[str, Floats]) -> None:
        for name, broken in self._now.broken.items():
            partner = self._partner(name)
            if broken.fault == "swapped" and name in found and partner in found:
                found[name], found[partner] = found[partner], found[name]

    def _partner(self, name: str) -> str | None:
        """Return another sensor of the same quantity and rate, to be swapped with."""
        mine = self._machine.sensors[name]
        for other, spec in self._machine.sensors.items():
            if other != name and (spec.quantity, spec.rate_hz) == (mine.quantity, mine.rate_hz):
                return other
        return None

    def _sources(self, t_s: float, now: Operation) -> tuple[Source, ...]:
        sources = []
        for name, made in self._machine.components.items():
            cycle = cycle_name(name, made)
            if cycle is not None:
                sound = self._sound(name)
                level = _level(sound, now) * self._mood_at(name, t_s)
                sources.append(Source(name=name, cycle=cycle, excitation=sound, level=level))
        return tuple(sources)

    def _sound(self, name: str) -> Excitation:
        """Return a component's excitation, made anew only when its faults have changed."""
        faults = self._now.parts[name].faults
        kept = self._sounds.get(name)
        if kept is None or kept[0] != faults:
            kept = (dict(faults), excitation(self._machine, name, faults))
            self._sounds[name] = kept
        return kept[1]

    def _mood_at(self, name: str, t_s: float) -> float:
        periods_s, phases = self._moods[name]
        swing = np.sin(2 * np.pi * t_s / periods_s + phases)
        return 1 + _MOOD_RATIO * float(np.sum(swing)) / 3**0.5

    def _values(self, t_s: float) -> list[Value]:
        now = self._operation(t_s)
        moment = Moment(
            machine=self._machine,
            faults=self._faults(),
            now=now,
            rise_k=self._now.heat.rise_k,
            shaft_hz=self._rates_hz(now),
        )
        found = {
            name: reading(name, moment, self._rng)
            for name, spec in self._machine.sensors.items()
            if spec.rate_hz is None
        }
        for name, broken in self._now.broken.items():
            partner = self._partner(name)
            if broken.fault == "swapped" and name in found and partner in found:
                found[name], found[partner] = found[partner], found[name]
        return [Value(sensor=name, t_s=t_s, value=value) for name, value in found.items()]

    def _sent(self, reading_: Reading) -> Reading | None:
        broken = self._now.broken.get(reading_.sensor)
        if broken is not None:
            spec = self._machine.sensors[reading_.sensor]
            return spoil(reading_, broken, spec, self._rng)
        last = reading_.value if isinstance(reading_, Value) else float(reading_.samples[-1])
        self._now.last[reading_.sensor] = last
        return reading_

    # ---------------------------------------------------------------------- components

    def failure_modes(self) -> dict[str, tuple[str, ...]]:
        """Return the modes that each component can fail by here."""
        return {name: modes_of(made) for name, made in self._machine.components.items()}

    def severities(self) -> dict[str, tuple[str, float]]:
        """Return the worst mode of each component that fails or wears, and how far it has gone."""
        worst: dict[str, tuple[str, float]] = {}
        for name, part in self._now.parts.items():
            now = {wear.mode: 0.0 for wear in part.wears} | part.faults
            if now:
                worst[name] = max(now.items(), key=lambda item: item[1])
        return worst

    def break_(self, component: str, failure_mode: str, severity: float) -> None:
        """Damage a component at once; 0 is as new, 1 is the end of life.

        Raises
        ------
        InputError
            If there is no such component or mode, or the severity is not between 0 and 1.
        """
        self._known(component, failure_mode)
        if not 0 <= severity <= 1:
            raise InputError(f"severity is {severity}; give a number from 0 to 1")
        faults = self._now.parts[component].faults
        faults.pop(failure_mode, None)
        if severity > 0:
            faults[failure_mode] = float(severity)

    def start_wear(self, component: str, failure_mode: str, *, life_s: float) -> None:
        """Let a mode grow from now on, to the end of life after about `life_s` at rated load.

        The life is the original part's; another design or material lasts longer or shorter.

        Raises
        ------
        InputError
            If there is no such component or mode, or the life is not above 0.
        """
        self._known(component, failure_mode)
        if not 0 < life_s < 1e12:
            raise InputError(f"life_s is {life_s}; give a number of seconds above 0")
        part = self._now.parts[component]
        part.wears = [wear for wear in part.wears if wear.mode != failure_mode]
        part.wears.append(Wear(mode=failure_mode, life_s=float(life_s)))

    def fit(self, component: str, *, material: str, sizes: Mapping[str, float]) -> None:
        """Put in a new part: that component is as new, and wears as its design and material say.

        Raises
        ------
        InputError
            If there is no such component or material, or a size is no size.
        """
        made = self._component(component)
        self._now.parts[component] = new_part(made, material, sizes)

    def _component(self, component: str) -> AnyComponent:
        found = self._machine.components.get(component)
        if found is None:
            known = ", ".join(self._machine.components) or "none"
            raise InputError(f"there is no component '{component}'; there is {known}")
        return found

    def _known(self, component: str, failure_mode: str) -> None:
        modes = modes_of(self._component(component))
        if failure_mode not in modes:
            raise InputError(
                f"component '{component}' cannot show '{failure_mode}';"
                f" it can show {', '.join(modes) or 'nothing'}"
            )

    # ------------------------------------------------------------------------- sensors

    def break_sensor(self, sensor: str, fault: SensorFault) -> None:
        """Let a sensor fail; it stays so until it is mended.

        Raises
        ------
        InputError
            If there is no such sensor or fault, or nothing to swap it with.
        """
        self._known_sensor(sensor)
        if fault not in get_args(SensorFault):
            known = ", ".join(get_args(SensorFault))
            raise InputError(f"a sensor cannot be '{fault}'; it can be {known}")
        if fault == "swapped" and self._partner(sensor) is None:
            raise InputError(f"sensor '{sensor}' has no other like it to be swapped with")
        if fault == "moved":
            self._now.moved[sensor] = 1 + self._now.moved.get(sensor, 0)
        self._now.broken[sensor] = Broken(fault=fault, held=self._now.last.get(sensor, 0.0))

    def mend_sensor(self, sensor: str) -> None:
        """Make a sensor good again, back at its own place; raises InputError if unknown."""
        self._known_sensor(sensor)
        self._now.broken.pop(sensor, None)
        self._now.moved.pop(sensor, None)

    def _known_sensor(self, sensor: str) -> None:
        if sensor not in self._machine.sensors:
            known = ", ".join(self._machine.sensors)
            raise InputError(f"there is no sensor '{sensor}'; there is {known}")

    # --------------------------------------------------------------------------- state

    def state(self) -> bytes:
        """Return all that is needed to go on exactly from here, as JSON."""
        now = self._now
        record = {
            "version": STATE_VERSION,
            "machine": self._machine.id,
            "seed": now.seed,
            "t_s": now.t_s,
            "rise_k": now.heat.rise_k,
            "phases": now.phases,
            "parts": {name: part.plain() for name, part in now.parts.items()},
            "broken": {name: asdict(broken) for name, broken in now.broken.items()},
            "moved": now.moved,
            "last": now.last,
            "notes": self.notes,
            "rng": self._rng.bit_generator.state,
        }
        return json.dumps(record, sort_keys=True).encode()

    @classmethod
    def resume(cls, machine: Machine, state: bytes) -> "SimulatedMachine":
        """Return the machine that `state` saved; it reads on as if it had never stopped.

        Raises
        ------
        InputError
            If the state is broken or belongs to another machine file.
        """
        try:
            record = json.loads(state)
            resumed = cls(machine, seed=record["seed"], start_s=record["t_s"])
            resumed._restore(record)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"the simulator's saved state cannot be read ({error!r})") from error
        return resumed

    def _restore(self, record: Mapping[str, Any]) -> None:
        parts = {name: FittedPart.of_plain(plain) for name, plain in record["parts"].items()}
        if set(parts) != set(self._now.parts) or set(record["phases"]) != set(self._cycles):
            raise ValueError("it was saved with another machine file; delete it to start anew")
        self._now = _Now(
            seed=record["seed"],
            t_s=record["t_s"],
            phases={name: record["phases"][name] for name in self._cycles},
            parts={name: parts[name] for name in self._machine.components},
            heat=Heat(rise_k=record["rise_k"]),
            broken={name: Broken(**plain) for name, plain in record["broken"].items()},
            moved=dict(record["moved"]),
            last=dict(record["last"]),
        )
        self.notes = dict(record["notes"])
        self._rng.bit_generator.state = record["rng"]


def _level(sound: Excitation, now: Operation) -> float:
    by_load = 1 - sound.load_share + sound.load_share * now.load_ratio
    return float(by_load * now.speed_ratio**sound.speed_exponent)


def _mood(seed: int, name: str) -> tuple[Floats, Floats]:
    rng = stable_rng(seed, name, "mood")
    return np.array([70.0, 310.0, 900.0]) * rng.uniform(0.7, 1.4, 3), rng.uniform(0, 2 * np.pi, 3)
