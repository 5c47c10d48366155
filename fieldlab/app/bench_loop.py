"""`fieldlab bench loop`: many seeds of the demo's machine, judged without a broker or a wall clock.

Counts what the judgement says against what the simulator knows: true and wrong verdicts, "I don't
know", and cases in healthy shifts. The peer is the truth, which the simulator alone knows.
"""

from collections import Counter
from typing import Any

from analytics.framing import Framer
from analytics.judgement import Judgement
from analytics.monitor import Monitor
from fieldlab.app.cli.options import read_machine
from fieldlab.app.demo import demo_machine
from fieldlab.core.machine import Machine
from simulators.machine import SimulatedMachine

SEEDS = 20
SHIFTS = 30
SHIFT_WINDOWS = 960  # 8 h, one window per 30 s
INTERVAL_S = 30.0
LIFE_S = 5400.0


def bench_loop(seeds: int = SEEDS, shifts: int = SHIFTS) -> dict[str, Any]:
    """Return verdicts over seeds and components, and cases in healthy shifts."""
    machine = read_machine(demo_machine())
    said: Counter[str] = Counter()
    for seed in range(seeds):
        for component, mode in _wearing(machine, seed):
            said[_verdict(machine, seed, component, mode)] += 1
    cases = sum(_healthy_cases(machine, seed) for seed in range(shifts))
    return {
        "seeds": seeds,
        **{f"verdicts_{kind}": said[kind] for kind in ("true", "wrong", "unknown", "none")},
        "healthy_shifts": shifts,
        "healthy_hours": shifts * SHIFT_WINDOWS * INTERVAL_S / 3600,
        "false_cases": cases,
    }


def _wearing(machine: Machine, seed: int) -> list[tuple[str, str]]:
    """Return one component of each kind of fault, in turns over the seeds."""
    modes = SimulatedMachine(machine, seed=seed).failure_modes()
    return [(name, found[seed % len(found)]) for name, found in modes.items() if found]


def _judgements(machine: Machine, simulated: SimulatedMachine, windows: int) -> list[Judgement]:
    framer, monitor = Framer(machine), Monitor(machine)
    return [
        monitor.observe(window)
        for _ in range(windows)
        for reading in simulated.read(INTERVAL_S)
        for window in framer.add(reading)
    ]


def _healthy_cases(machine: Machine, seed: int) -> int:
    learning = round(machine.learn_s / INTERVAL_S)
    simulated = SimulatedMachine(machine, seed=1000 + seed)
    judged = _judgements(machine, simulated, learning + SHIFT_WINDOWS)
    return sum(len(judgement.opened) for judgement in judged)


def _verdict(machine: Machine, seed: int, component: str, mode: str) -> str:
    """Return what the first case says: true, wrong, unknown, or none if there was no case."""
    framer, monitor = Framer(machine), Monitor(machine)
    simulated = SimulatedMachine(machine, seed=seed)
    learning = round(machine.learn_s / INTERVAL_S)
    for number in range(learning + round(1.2 * LIFE_S / INTERVAL_S)):
        if number == learning + 10:
            simulated.start_wear(component, mode, life_s=LIFE_S)
        for reading in simulated.read(INTERVAL_S):
            for window in framer.add(reading):
                for diagnosis in monitor.observe(window).opened:
                    verdict = diagnosis.verdict
                    if verdict is None:
                        return "unknown"
                    same = component in machine.group_of(verdict.component)
                    return "true" if same and verdict.failure_mode == mode else "wrong"
    return "none"
