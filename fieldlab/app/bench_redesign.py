"""`fieldlab bench redesign`: the same machine, seed and load, with the old part and with the new.

A part wears in a simulated machine until the monitor opens its case; the redesign of that case
(the one that a hub would make, of what was measured until then) is fitted in the same machine at
the same moment as the old part was, and wears under the same shift. The simulator alone decides
how worn a part is, by its own laws, materials and luck. Compared are the lives to the end, and how
often the predicted 90 % band holds the simulated life: to the end, or, where nobody knew the end,
to the wear that the old part had when its case was opened.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.framing import Framer
from analytics.judgement import Judgement
from analytics.monitor import Monitor
from fieldlab.app.cli.options import read_machine
from fieldlab.app.demo import demo_machine
from fieldlab.app.history import loads_of, seen_of
from fieldlab.core.machine import Machine, PrintedPart
from fieldlab.core.messages import Diagnosis, Forecast, PartOrder, Window
from partgen.families import FAMILIES
from partgen.options import lever_of
from partgen.proposal import Fitted, Redesign, Span
from partgen.redesign import redesign
from simulators.machine import SimulatedMachine

SEEDS = 20
FIRST_SEED = 5000
LIFE_S = 40 * 3600.0
STEP_S = 900.0
LEARN_STEP_S = 30.0
ROOM = 2.5  # times the old size of what may grow: the space that the claim is about
FAULTS = (
    ("pinion", "wear"), ("wheel", "tooth-damage"), ("bushing-left", "wear"), ("coupling", "wear"),
    ("impeller", "blade-damage"), ("drive-pulley", "wear"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One part and its successor: hours that both lasted, and what was promised."""

    component: str
    found: Redesign
    old_h: float
    new_h: float
    kept_h: float  # what the promise is about: to the end, or to the wear at the old one's alarm
    promised: Span | None

    @property
    def holds(self) -> bool:
        """Whether the new life lies in the band."""
        return self.promised is not None and (
            self.promised.low_h <= self.kept_h <= self.promised.high_h
        )


def bench_redesign(seeds: int = SEEDS) -> dict[str, Any]:
    """Return how much longer redesigned parts lasted, and how often the band held."""
    machine = with_room(read_machine(demo_machine()))
    trials: list[Trial] = []
    missed = 0
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        for trial in _trials(machine, seed):
            if trial is None:
                missed += 1
            else:
                trials.append(trial)
    return {"seeds": seeds, "parts": len(trials), "not_diagnosed": missed, **_figures(trials)}


def _figures(trials: list[Trial]) -> dict[str, Any]:
    by_part: dict[str, list[float]] = defaultdict(list)
    for trial in trials:
        by_part[trial.component].append(trial.new_h / trial.old_h)
    errors = [np.log(each.kept_h / each.promised.value_h) for each in trials if each.promised]
    return {
        "life_ratio_median": _round(np.median([each.new_h / each.old_h for each in trials])),
        "life_ratio_median_by_part": {
            name: _round(np.median(ratios)) for name, ratios in by_part.items()
        },
        "band_holds_ratio": _round(np.mean([trial.holds for trial in trials])),
        "band_holds_ratio_by_part": {
            name: _round(np.mean([each.holds for each in trials if each.component == name]))
            for name in by_part
        },
        "promised_to_alarm": sum(trial.found.until == "alarm" for trial in trials),
        "life_over_promised_median": _round(np.exp(np.median(errors))),
        "interfaces_changed": sum(_changed_interfaces(trial.found) for trial in trials),
    }


def _round(value: Any) -> float:
    return round(float(value), 3)


def _changed_interfaces(found: Redesign) -> int:
    """Return how many sizes changed that other parts rely on."""
    return sum(name in FAMILIES[found.order.family].interfaces for name in found.changed)


def with_room(machine: Machine, times: float = ROOM) -> Machine:
    """Return the machine with room to grow for everything that may, and no target of its own."""
    components = dict(machine.components)
    for name, component in components.items():
        printed = component.replace.print
        if printed is None:
            continue
        lever = lever_of(printed.family)
        size = printed.sizes.get(lever.size) if lever else None
        changes: dict[str, Any] = {"target_life_h": None}
        if isinstance(size, float):
            changes["max_width_mm"] = times * size
        replace = component.replace.model_copy(update={"print": printed.model_copy(update=changes)})
        components[name] = component.model_copy(update={"replace": replace})
    return machine.model_copy(update={"components": components})


def _trials(machine: Machine, seed: int) -> Iterator[Trial | None]:
    """Yield one trial for each fault, all after the same learning."""
    simulated = SimulatedMachine(machine, seed=seed)
    watch = Watch(machine, Framer(machine), Monitor(machine))
    for _ in range(round(machine.learn_s / LEARN_STEP_S) + 3):
        watch.observe(simulated, LEARN_STEP_S)
    saved = simulated.state(), watch.framer.state(), watch.monitor.state()
    for component, mode in FAULTS:
        yield _trial(
            machine,
            SimulatedMachine.resume(machine, saved[0]),
            Watch(
                machine,
                Framer.resume(machine, saved[1]),
                Monitor.resume(machine, saved[2]),
            ),
            component=component,
            mode=mode,
        )


class Watch:
    """Watches a machine as a hub does, and keeps what it measured beside its judgements."""

    def __init__(self, machine: Machine, framer: Framer, monitor: Monitor) -> None:
        self.framer = framer
        self.monitor = monitor
        self.rows: list[dict[str, Any]] = []
        self._machine = machine

    def observe(self, simulated: SimulatedMachine, step_s: float) -> list[Judgement]:
        """Let time pass, and judge what the sensors then read."""
        windows = [
            window for reading in simulated.read(step_s) for window in self.framer.add(reading)
        ]
        return [self._judge(window) for window in windows]

    def _judge(self, window: Window) -> Judgement:
        judgement = self.monitor.observe(window)
        self.rows.append(
            {
                "t_s": window.t_s,
                "conditions": judgement.features.conditions,
                "loads": loads_of(self._machine, window),
            }
        )
        return judgement


def _trial(
    machine: Machine, simulated: SimulatedMachine, watch: Watch, *, component: str, mode: str
) -> Trial | None:
    """Return what became of an old part and its successor; None if the case was another's."""
    printed = machine.components[component].replace.print
    if printed is None:
        return None
    start, born_s = simulated.state(), simulated.now_s
    simulated.fit(component, material=printed.material, sizes=numbers(printed.sizes))
    simulated.start_wear(component, mode, life_s=LIFE_S)
    opened = _opened(simulated, watch, component, mode)
    if opened is None:
        return None
    found = _redesigned(machine, printed, component, opened, watch=watch, born_s=born_s)
    end = 1.0 if found.until == "end" else simulated.severities()[component][1]
    new = (found.order.material, found.order.sizes)
    lives = Lives(machine=machine, start=start, component=component, mode=mode)
    return Trial(
        component=component,
        found=found,
        old_h=lives.hours(printed.material, printed.sizes),
        new_h=lives.hours(*new),
        kept_h=lives.hours(*new, until=end),
        promised=found.life,
    )


def _opened(
    simulated: SimulatedMachine, watch: Watch, component: str, mode: str
) -> tuple[Diagnosis, Forecast | None] | None:
    """Return the case of the part that wears and its forecast; None if it was taken for another."""
    while simulated.severities()[component][1] < 1:
        for judgement in watch.observe(simulated, STEP_S):
            for diagnosis in judgement.opened:
                verdict = diagnosis.verdict
                if verdict is None or verdict.failure_mode != mode:
                    return None
                if component not in simulated.machine.group_of(verdict.component):
                    return None
                return diagnosis, judgement.forecast
    return None


def _redesigned(
    machine: Machine, printed: PrintedPart, component: str,
    opened: tuple[Diagnosis, Forecast | None], *, watch: Watch, born_s: float,
) -> Redesign:  # fmt: skip
    diagnosis, forecast = opened
    verdict = diagnosis.verdict
    seen = seen_of(
        machine, component, verdict.failure_mode if verdict else None, rows=watch.rows,
        born_s=born_s, opened_s=diagnosis.t_s, forecast=forecast,
    )  # fmt: skip
    fitted = Fitted(sizes=printed.sizes, material=printed.material)
    order = PartOrder(
        family=printed.family, material=printed.material, sizes=printed.sizes, generation=2
    )
    return redesign(printed, fitted, seen, order, component=component)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """The lives of parts that are fitted in one machine at one moment."""

    machine: Machine
    start: bytes
    component: str
    mode: str
    life_s: float = LIFE_S
    step_s: float = STEP_S

    def hours(self, material: str, sizes: Mapping[str, Any], *, until: float = 1.0) -> float:
        """Return how many hours a part runs until it is so worn; 1 is its end."""
        simulated = SimulatedMachine.resume(self.machine, self.start)
        born_s = simulated.now_s
        simulated.fit(self.component, material=material, sizes=numbers(sizes))
        simulated.start_wear(self.component, self.mode, life_s=self.life_s)
        while simulated.severities()[self.component][1] < until:
            simulated.wear_on(self.step_s)
        return (simulated.now_s - born_s) / 3600


def numbers(sizes: Mapping[str, Any]) -> dict[str, float]:
    """Return sizes as the simulator takes them."""
    return {key: float(size) for key, size in sizes.items()}
