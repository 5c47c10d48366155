"""Process machines made of numbers: a pump loop that drifts, a press with a work cycle."""

import numpy as np

from fieldlab.core.machine import Machine, parse_machine
from fieldlab.core.messages import Window

LOOP = """
fieldlab: 1
id: loop
name: {en: Loop}
window_s: 1.0
sensors:
  flow: {quantity: flow, unit: l/min}
  pressure: {quantity: pressure, unit: bar}
  shake: {quantity: acceleration, unit: g}
  speed: {quantity: rotational-speed, unit: rpm, role: condition}
components:
  pump:
    kind: pump
    failure_modes: {leak: {symptoms: {flow: down, pressure: down}}}
  rotor:
    kind: other
    failure_modes: {imbalance: {symptoms: {shake: up}}}
"""

PRESS = """
fieldlab: 1
id: press
name: {en: Press}
window_s: 60.0
sensors:
  flow: {quantity: flow, unit: l/min}
  efficiency: {quantity: efficiency, unit: "%"}
  shake: {quantity: velocity, unit: mm/s}
  oil-temp: {quantity: temperature, unit: degC}
components:
  valve:
    kind: valve
    failure_modes: {sticking: {symptoms: {efficiency: down}}}
  pump:
    kind: pump
    failure_modes: {leakage: {symptoms: {flow: down, efficiency: down}}}
  accumulator:
    kind: other
    failure_modes: {gas-loss: {symptoms: {shake: up, efficiency: down}}}
"""


def loop_machine() -> Machine:
    return parse_machine(LOOP)


def press_machine() -> Machine:
    return parse_machine(PRESS)


class Loop:
    """A pump loop, a window a second: flow follows speed; all of it wanders slowly."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.second = 0
        self.flow_off = self.pressure_off = self.shake_off = 0.0
        self.drift_per_s = 0.0
        self.dead: set[str] = set()

    def window(self) -> Window:
        noise = self._rng.normal(size=4)
        speed = 1450.0 + 20.0 * noise[0]
        drift = self.drift_per_s * self.second
        values = {
            "flow": 32.0 + 0.02 * (speed - 1450.0) + 0.4 * noise[1] + self.flow_off + drift,
            "pressure": 4.0 + 0.05 * noise[2] + self.pressure_off,
            "shake": 0.2 + 0.01 * noise[3] + self.shake_off,
            "speed": speed,
        }
        values |= dict.fromkeys(self.dead, 0.0)
        self.second += 1
        return Window(
            machine_id="loop", t_s=1000.0 + self.second, end_s=1001.0 + self.second,
            scalars={name: np.array([value]) for name, value in values.items()},
        )  # fmt: skip


class Press:
    """A press with a cycle of a minute: flow and efficiency follow it, warmth moves them."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.cycle = 0
        self.warm = 45.0
        self.all_along = 0.0  # of the flow, lost
        self.at_switch = 0.0  # l/min when the valve opens
        self.at_loads = 0.0  # l/min at every change of load

    def window(self) -> Window:
        second = np.arange(60)
        work = (second >= 10).astype(float)
        flow = 8.0 * work - 2.0 * (second == 30) + 1.5 * (second == 40)
        flow = flow * (1 - self.all_along - 0.004 * (self.warm - 45.0))
        flow += self.at_switch * (second == 10)
        for place, sign in ((20, 1), (30, 1), (40, -1), (50, -1)):
            flow += sign * self.at_loads * (second == place)
        noise = self._rng.normal(size=(4, 60))
        scalars = {
            "flow": flow + 0.03 * noise[0],
            "efficiency": 9.0 * flow + 0.3 * noise[1],
            "shake": 0.6 + 0.01 * noise[2],
            "oil-temp": self.warm + 0.02 * noise[3],
        }
        self.cycle += 1
        t_s = 60.0 * self.cycle
        return Window(machine_id="press", t_s=t_s, end_s=t_s + 60.0, scalars=scalars)
