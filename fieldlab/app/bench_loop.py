"""`fieldlab bench loop`: many seeds of the demo's machine, judged without a broker or a wall clock.

Counts what the judgement says against what the simulator knows: right and wrong verdicts and "I
don't know" for faults that grow and faults of three sizes; what is blamed when a sensor is sick;
and cases in healthy shifts. The peer is the truth, which the simulator alone knows.
"""

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, get_args

from scipy.stats import chi2

from analytics.framing import Framer
from analytics.judgement import Judgement
from analytics.monitor import Monitor
from fieldlab.app.cli.options import read_machine
from fieldlab.app.demo import demo_machine
from fieldlab.core.machine import Machine
from fieldlab.core.messages import SensorFault
from simulators.machine import SimulatedMachine

SEEDS = 20
SHIFTS = 200
SHIFT_WINDOWS = 960  # 8 h, one window per 30 s
INTERVAL_S = 30.0
LIFE_S = 5400.0
HEALTHY_WINDOWS = 10  # between the learning and the fault
BROKEN_WINDOWS = 60  # that a fault of one size, or a sick sensor, is looked at
SEVERITIES = (0.3, 0.6, 1.0)  # 1.0 is the end of a part's life


@dataclass(slots=True)
class Line:
    """A machine and who judges it, at one moment; a copy goes its own way from there."""

    machine: Machine
    simulated: SimulatedMachine
    framer: Framer
    monitor: Monitor

    def run(self, windows: int) -> Iterator[Judgement]:
        """Yield the judgement of each window that comes."""
        for _ in range(windows):
            for reading in self.simulated.read(INTERVAL_S):
                for window in self.framer.add(reading):
                    yield self.monitor.observe(window)


def bench_loop(seeds: int = SEEDS, shifts: int = SHIFTS) -> dict[str, Any]:
    """Return verdicts over seeds, components and severities, and cases in healthy shifts."""
    machine = read_machine(demo_machine())
    said: dict[str, Counter[str]] = {}
    sensors: Counter[str] = Counter()
    for seed in range(seeds):
        learnt = _learnt(machine, seed)
        for component, mode in _failing(machine, seed):
            for how, verdict in _verdicts(learnt, component, mode):
                said.setdefault(how, Counter())[verdict] += 1
        for fault in get_args(SensorFault):
            sensors[_blamed(learnt, fault)] += 1
    return {
        "seeds": seeds,
        **{f"{how}_{kind}": count for how, found in said.items() for kind, count in found.items()},
        **_shares(said),
        **{f"sick_sensor_{kind}": count for kind, count in sorted(sensors.items())},
        **_healthy(machine, shifts),
    }


def _learnt(machine: Machine, seed: int) -> Line:
    """Return the machine of a seed when its normal is learnt."""
    simulated = SimulatedMachine(machine, seed=seed)
    line = Line(machine, simulated, Framer(machine), Monitor(machine))
    for _ in line.run(round(machine.learn_s / INTERVAL_S) + HEALTHY_WINDOWS):
        pass
    return line


def _failing(machine: Machine, seed: int) -> list[tuple[str, str]]:
    """Return one failure mode of each component, in turns over the seeds."""
    modes = SimulatedMachine(machine, seed=seed).failure_modes()
    return [(name, found[seed % len(found)]) for name, found in modes.items() if found]


def _verdicts(learnt: Line, component: str, mode: str) -> Iterator[tuple[str, str]]:
    """Yield how a fault came, and what the first case said of it."""
    line = deepcopy(learnt)
    line.simulated.start_wear(component, mode, life_s=LIFE_S)
    yield "wear", _verdict(line, component, mode, round(1.2 * LIFE_S / INTERVAL_S))
    for severity in SEVERITIES:
        line = deepcopy(learnt)
        line.simulated.break_(component, mode, severity)
        yield f"severity_{severity:g}", _verdict(line, component, mode, BROKEN_WINDOWS)


def _verdict(line: Line, component: str, mode: str, windows: int) -> str:
    """Return what the first case says: right, wrong-mode, wrong-part, unknown, or none."""
    for judgement in line.run(windows):
        for diagnosis in judgement.opened:
            verdict = diagnosis.verdict
            if verdict is None:
                return "unknown"
            if component not in (verdict.component, *verdict.group):
                return "wrong_part"
            return "right" if verdict.failure_mode == mode else "wrong_mode"
    return "none"


def _shares(said: dict[str, Counter[str]]) -> dict[str, float]:
    """Return the shares of the cases that speak, and of all, over all faults."""
    total: Counter[str] = sum(said.values(), Counter())
    spoken = max(1, total["right"] + total["wrong_mode"] + total["wrong_part"])
    return {
        "right_part_of_spoken_ratio": round((total["right"] + total["wrong_mode"]) / spoken, 4),
        "right_of_spoken_ratio": round(total["right"] / spoken, 4),
        "wrong_part_of_all_ratio": round(total["wrong_part"] / max(1, total.total()), 4),
    }


def _blamed(learnt: Line, fault: SensorFault) -> str:
    """Return what is said while a sensor is sick: told, told otherwise, silent, or a component."""
    line = deepcopy(learnt)
    line.simulated.break_sensor("acc-gearbox", fault)
    kinds: Counter[str | None] = Counter()
    for judgement in line.run(BROKEN_WINDOWS):
        if any(diagnosis.verdict is not None for diagnosis in judgement.opened):
            return "component_blamed"
        if judgement.opened:
            return "case_of_nobody"
        if judgement.health.state == "sensor-fault":
            kinds[judgement.health.sensor_fault] += 1
    if not kinds:
        return "silent"
    return "told" if kinds.most_common(1)[0][0] == fault else "told_otherwise"


def _healthy(machine: Machine, shifts: int) -> dict[str, Any]:
    """Return the cases of healthy shifts, and the 95 % bound of their rate beside the budget."""
    cases = 0
    for seed in range(shifts):
        line = _learnt(machine, 1000 + seed)
        cases += sum(len(judgement.opened) for judgement in line.run(SHIFT_WINDOWS))
    hours = shifts * SHIFT_WINDOWS * INTERVAL_S / 3600
    bound = float(chi2.ppf(0.95, 2 * (cases + 1))) / 2  # exact Poisson: Garwood 1936
    return {
        "healthy_shifts": shifts,
        "healthy_hours": hours,
        "false_cases": cases,
        "false_cases_per_1000_h": round(1000 * cases / max(hours, 1e-9), 3),
        "false_cases_per_1000_h_bound": round(1000 * bound / max(hours, 1e-9), 3),
        "budget_per_1000_h": round(machine.policy.false_cases_per_year / 8.766, 3),
    }
