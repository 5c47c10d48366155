"""A simulated machine: what its sensors would read while its components turn, warm up and wear."""

import json
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np

from fieldlab.core.errors import InputError
from fieldlab.core.machine import AnyComponent, Machine
from fieldlab.core.messages import Reading, SensorFault
from simulators.kinematics import cycles_of
from simulators.present import Present
from simulators.scalars import torque_ratio
from simulators.senses import Senses
from simulators.sensor_faults import Broken
from simulators.shift import Operation, Shift, stable_rng
from simulators.synthesis import TURNS
from simulators.wear import Wear, grow, modes_of, new_part, original_part

_STEP_S = 30.0  # heat and wear move in steps of at most this
_MAX_STEPS = 200
STATE_VERSION = 1


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
        self._now = Present(
            seed=seed,
            t_s=start_s,
            phases={name: float(self._rng.uniform(0, TURNS)) for name in self._cycles},
            parts={name: original_part(made) for name, made in machine.components.items()},
        )
        self._shift = Shift(seed=seed)
        self._senses = Senses(machine, self._cycles, seed=seed)
        self.notes: dict[str, Any] = {}  # plain data of a script that drives this machine

    @property
    def now_s(self) -> float:
        """Event time in seconds since 1970."""
        return self._now.t_s

    @property
    def machine(self) -> Machine:
        """The machine file."""
        return self._machine

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
        window_s = self._machine.window_s
        self._advance(interval_s)
        now = self._shift.at(self._now.t_s - window_s)
        self._turn(interval_s - window_s, now)
        readings = self._senses.read(self._now, now, self._rng)
        self._turn(window_s, now)
        return readings

    def wear_on(self, duration_s: float) -> None:
        """Let time pass without reading the sensors: the shift, heat and wear go on.

        Raises
        ------
        InputError
            If the duration is not a positive number.
        """
        if not 0 < duration_s < 1e9:
            raise InputError(f"duration_s is {duration_s}; give a number of seconds above 0")
        self._advance(duration_s)

    def _advance(self, interval_s: float) -> None:
        """Let the shift, heat and wear go on."""
        steps = int(np.clip(np.ceil(interval_s / _STEP_S), 1, _MAX_STEPS))
        step_s = interval_s / steps
        for _ in range(steps):
            self._now.t_s += step_s
            now, faults = self._shift.at(self._now.t_s), self._now.faults()
            torque = torque_ratio(self._machine, faults, now, self._now.heat.rise_k)
            self._now.heat.advance(self._machine, faults, now, step_s)
            for name, part in self._now.parts.items():
                if part.wears:
                    made = self._machine.components[name]
                    grow(made, part, work_s=step_s * now.speed_ratio, load_ratio=torque)

    def _turn(self, duration_s: float, now: Operation) -> None:
        rates_hz = self._now.rates_hz(self._cycles, now)
        for name, phase in self._now.phases.items():
            self._now.phases[name] = (phase + rates_hz[name] * duration_s) % TURNS

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
        made, seed = self._component(component), self._now.seed
        drawing = json.dumps([material, sorted(sizes.items())])
        luck = stable_rng(seed, "print", component, drawing, round(self.now_s)).standard_normal()
        batch = stable_rng(seed, "batch of", material).standard_normal()
        self._now.parts[component] = new_part(
            made, material, sizes, luck=float(luck), batch=float(batch)
        )

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
        if fault == "swapped" and self._senses.partner(sensor) is None:
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
        record = {
            "version": STATE_VERSION,
            "machine": self._machine.id,
            "present": self._now.plain(),
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
            resumed = cls(machine, seed=record["present"]["seed"])
            resumed._now = Present.of_plain(record["present"], like=resumed._now)
            resumed.notes = dict(record["notes"])
            resumed._rng.bit_generator.state = record["rng"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"the simulator's saved state cannot be read ({error!r})") from error
        return resumed
