"""The numbers of a machine: torque and current, heat, speed, and process values.

Heat is one thermal mass per machine (Newton's law of cooling); friction falls as grease warms.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from fieldlab.core.machine import Machine, SensorSpec
from fieldlab.core.units import to_base
from simulators.shift import Operation, stable_rng

Faults = Mapping[str, Mapping[str, float]]  # component to mode to severity

_TAU_S = 1_100.0
_RISE_K = 24.0  # of the bearings at rated load
_IDLE_TORQUE = 0.25
_COLD_FRICTION = 0.10
_WARM_K = 9.0
_MAGNETISING_A, _TORQUE_A = 1.1, 2.1  # of a 0.75 kW motor: I^2 = Im^2 + (It tau)^2
_RATED_W, _RATED_NM, _RATED_LOAD_KG = 750.0, 4.8, 20.0
_NOISE_RATIO = 0.004

# extra friction (share of rated torque) and extra heat (K) at the end of life
_FRICTION: dict[tuple[str, str], float] = {
    ("plain-bearing", "wear"): 0.16, ("belt", "slip"): 0.07, ("pulley", "slip"): 0.07,
    ("gear", "wear"): 0.05, ("coupling", "misalignment"): 0.04, ("roller", "wear"): 0.04,
    ("rolling-bearing", "outer-race"): 0.04, ("rolling-bearing", "inner-race"): 0.04,
    ("rolling-bearing", "rolling-element"): 0.04,
}  # fmt: skip
_HEAT_K: dict[tuple[str, str], float] = {
    ("rolling-bearing", "outer-race"): 13.0, ("rolling-bearing", "inner-race"): 13.0,
    ("rolling-bearing", "rolling-element"): 13.0, ("coupling", "misalignment"): 4.0,
    ("plain-bearing", "wear"): 1.5,
}  # fmt: skip
_COOLING_LOSS: dict[tuple[str, str], float] = {
    ("impeller", "blade-damage"): 0.4, ("impeller", "imbalance"): 0.03,
}  # fmt: skip
BELT_SLIP_RATIO = 0.03  # of the speed behind a belt, at the end of life

_NORMAL = {  # in the quantity's base unit (fieldlab.core.units), for process sensors
    "pressure": 3e5, "flow": 0.002, "voltage": 230.0, "force": 400.0, "efficiency": 0.82,
    "concentration": 0.3, "level": 0.6, "sound": 1.0, "velocity": 0.4, "position": 0.05,
    "displacement": 0.001, "acceleration": 1.0,
}  # fmt: skip
_SYMPTOM_RATIO = 0.3  # how far a symptom goes at the end of life


@dataclass(slots=True, kw_only=True)
class Heat:
    """The one thermal state of the machine."""

    rise_k: float = 0.0

    def advance(self, machine: Machine, faults: Faults, now: Operation, step_s: float) -> None:
        """Let heat flow for a while."""
        goal_k = _steady_rise_k(machine, faults, now, self.rise_k)
        self.rise_k += (goal_k - self.rise_k) * -math.expm1(-step_s / _TAU_S)


def torque_ratio(machine: Machine, faults: Faults, now: Operation, rise_k: float) -> float:
    """Return the motor's torque against rated: load, own friction, cold grease, faults."""
    cold = _COLD_FRICTION * math.exp(-rise_k / _WARM_K)
    return (
        _IDLE_TORQUE + (1 - _IDLE_TORQUE) * now.load_ratio + cold
        + _summed(machine, faults, _FRICTION)
    )  # fmt: skip


def slip_of(faults: Faults, belts: tuple[str, ...]) -> float:
    """Return the speed that is lost over these belts, as a ratio."""
    return sum(BELT_SLIP_RATIO * faults.get(belt, {}).get("slip", 0.0) for belt in belts)


def _steady_rise_k(machine: Machine, faults: Faults, now: Operation, rise_k: float) -> float:
    torque = torque_ratio(machine, faults, now, rise_k)
    cooling = max(0.3, now.speed_ratio * (1 - _summed(machine, faults, _COOLING_LOSS)))
    heat_k = _RISE_K * (0.35 + 0.65 * torque) * now.speed_ratio
    return (heat_k + _summed(machine, faults, _HEAT_K)) / cooling


def _summed(machine: Machine, faults: Faults, table: Mapping[tuple[str, str], float]) -> float:
    return sum(
        table.get((machine.components[name].kind, mode), 0.0) * severity
        for name, modes in faults.items()
        for mode, severity in modes.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """All that the scalar sensors can see at one moment."""

    machine: Machine
    faults: Faults
    now: Operation
    rise_k: float
    shaft_hz: Mapping[str, float]

    @property
    def torque(self) -> float:
        """Torque against rated."""
        return torque_ratio(self.machine, self.faults, self.now, self.rise_k)


def reading(name: str, moment: Moment, rng: np.random.Generator) -> float:
    """Return what a scalar sensor reads, in its unit."""
    spec = moment.machine.sensors[name]
    by_quantity = _BY_QUANTITY.get(spec.quantity, _process)
    value = by_quantity(name, spec, moment)
    noise = 0.15 if spec.quantity == "temperature" else _noise_ratio(spec) * abs(value)
    return value * _symptom(name, moment) + noise * rng.standard_normal()


def _noise_ratio(spec: SensorSpec) -> float:
    return 0.0004 if spec.quantity == "rotational-speed" else _NOISE_RATIO


def _symptom(name: str, moment: Moment) -> float:
    """Return the factor that the symptom tables of failing components put on a sensor."""
    factor = 1.0
    for component, modes in moment.faults.items():
        tables = moment.machine.components[component].failure_modes
        for mode, severity in modes.items():
            way = tables[mode].symptoms.get(name) if mode in tables else None
            if way is not None:
                factor *= 1 + _SYMPTOM_RATIO * severity * (1 if way == "up" else -1)
    return factor


def _current(_: str, spec: SensorSpec, moment: Moment) -> float:
    return math.hypot(_MAGNETISING_A, _TORQUE_A * moment.torque) / to_base("current", spec.unit)


def _power(_: str, spec: SensorSpec, moment: Moment) -> float:
    watt = _RATED_W * moment.torque * moment.now.speed_ratio + 60.0
    return watt / to_base("power", spec.unit)


def _torque(_: str, spec: SensorSpec, moment: Moment) -> float:
    return _RATED_NM * moment.torque / to_base("torque", spec.unit)


def _speed(name: str, spec: SensorSpec, moment: Moment) -> float:
    named = [shaft for shaft, made in moment.machine.shafts.items() if made.speed == name]
    shaft = (named or list(moment.machine.shafts) or [""])[0]
    rate_hz = moment.shaft_hz.get(shaft, 25.0 * moment.now.speed_ratio)
    return rate_hz / to_base("rotational-speed", spec.unit)


def _load(_: str, spec: SensorSpec, moment: Moment) -> float:
    rated = {"%": 100.0, "1": 1.0, "A": 2.4, "W": _RATED_W, "kW": _RATED_W / 1000,
             "N.m": _RATED_NM}.get(spec.unit)  # fmt: skip
    if rated is None:
        rated = _RATED_LOAD_KG / to_base("load", spec.unit)
    return rated * moment.now.load_ratio


def _temperature(name: str, spec: SensorSpec, moment: Moment) -> float:
    share = 0.0 if spec.is_condition else _heat_share(name)
    return moment.now.ambient_degc + share * moment.rise_k + (273.15 if spec.unit == "K" else 0.0)


def _heat_share(name: str) -> float:
    return 1.0 if "bearing" in name else float(stable_rng(name, "heat").uniform(0.6, 1.0))


def _process(name: str, spec: SensorSpec, moment: Moment) -> float:
    """Return a process value that follows load and speed in its own way."""
    rng = stable_rng(name, "process")
    base = _NORMAL.get(spec.quantity, 1.0) / to_base(spec.quantity, spec.unit)
    by_load, by_speed = rng.uniform(-0.15, 0.25), rng.uniform(0.2, 1.0)
    return base * (
        1 + by_load * (moment.now.load_ratio - 0.8) + by_speed * (moment.now.speed_ratio - 1)
    )


_BY_QUANTITY: dict[str, Callable[[str, SensorSpec, Moment], float]] = {
    "current": _current, "power": _power, "torque": _torque, "rotational-speed": _speed,
    "load": _load, "temperature": _temperature,
}  # fmt: skip
