"""How what a component does reaches a sensor: distance, resonances, the sensor's own mounting."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fieldlab.core.machine import Machine, SensorSpec
from fieldlab.core.units import STANDARD_GRAVITY_MPS2, to_base
from simulators.shift import stable_rng

Floats = npt.NDArray[np.floating[Any]]
Complexes = npt.NDArray[np.complexfloating[Any, Any]]
_REACH_MM = 160.0  # a signal falls to 1/e over this distance through a bolted frame
_FAR_RATIO = 0.25  # where the file gives no positions
_NEAR_RATIO = 0.8


class Structure:
    """The paths of one machine: stable facts of its id, not of a run's seed."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def reach(self, component: str, sensor: str, *, moved: int = 0) -> float:
        """Return how much of a component's vibration arrives at a sensor, 0 to 1."""
        source, seen = self._machine.components[component], self._machine.sensors[sensor]
        near = sensor in source.near or component in seen.near
        least = _NEAR_RATIO if near else 0.0
        if source.position_mm is None or seen.position_mm is None:
            ratio = 1.0 if near else _FAR_RATIO
        else:
            ratio = max(
                least, math.exp(-math.dist(source.position_mm, seen.position_mm) / _REACH_MM)
            )
        if not moved:
            return ratio
        return ratio * float(stable_rng(component, sensor, "moved", moved).uniform(0.25, 1.6))

    def response(self, sensor: str, freq_hz: Floats, *, moved: int = 0) -> Complexes:
        """Return the sensor's output per g of force-like input at each frequency."""
        found = _resonances(self._machine.id, sensor, moved)
        total = np.ones(len(freq_hz), complex)
        for at_hz, damping, gain in found:
            ratio = freq_hz / at_hz
            total += gain * ratio**2 / (1 - ratio**2 + 2j * damping * ratio)
        return total * self.unit(sensor, freq_hz)

    def unit(self, sensor: str, freq_hz: Floats) -> Complexes:
        """Return the factor from g to the sensor's unit at each frequency."""
        return _in_unit(self._machine.sensors[sensor], freq_hz)


def _resonances(machine_id: str, sensor: str, moved: int) -> tuple[tuple[float, float, float], ...]:
    """Return frequency, damping and gain of the frame's modes and of the magnet mount."""
    rng = stable_rng(machine_id, sensor, "structure", moved)
    frame = [
        (float(rng.uniform(*span)), float(rng.uniform(0.02, 0.05)), float(rng.uniform(0.4, 0.9)))
        for span in ((640, 880), (1700, 2300), (3000, 3700))
    ]
    mount_hz = float(rng.uniform(5200, 5900)) * (
        0.7 if moved else 1.0
    )  # a loose magnet sits softer
    return (*frame, (mount_hz, 0.08, 0.8))


def _in_unit(spec: SensorSpec, freq_hz: Floats) -> Complexes:
    """Return the factor from g to the sensor's unit; velocity and displacement are integrals."""
    factor = np.full(len(freq_hz), 1 / to_base(spec.quantity, spec.unit), complex)
    if spec.quantity in ("acceleration", "velocity", "displacement"):
        factor *= STANDARD_GRAVITY_MPS2
    depth = {"velocity": 1, "displacement": 2}.get(spec.quantity, 0)
    if depth:
        omega = 2j * np.pi * np.maximum(freq_hz, 2.0)  # a real sensor's high-pass
        factor /= omega**depth
    return factor
