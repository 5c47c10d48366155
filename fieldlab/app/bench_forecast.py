"""`fieldlab bench forecast`: what the monitor says of remaining lives, against the simulator's.

The simulator alone decides when a part is at its end (severity 1 by its wear law). A life is
healthy for a while, then a fault grows; the forecasts that were last said at half, three quarters
and nine tenths of the worn life are compared with what was left. A machine that said nothing is
counted as silent.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.framing import Framer
from analytics.judgement import Judgement
from analytics.monitor import Monitor
from fieldlab.app.cli.options import read_machine
from fieldlab.app.demo import demo_machine
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Forecast
from simulators.machine import SimulatedMachine

LIVES = 200
PER_MACHINE = 10  # lives that share one learning stretch
FIRST_SEED = 1000
FRACTIONS = (0.5, 0.75, 0.9)
LEARN_INTERVAL_S = 30.0
WINDOWS_PER_LIFE = 80
SHORTEST_S, LONGEST_S = 2 * 3600.0, 200 * 3600.0
HEALTHY_WINDOWS = (10, 60)  # before the fault begins
MAX_WINDOWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One simulated life: when it began to wear and ended, and what was forecast on the way."""

    component: str
    failure_mode: str
    began_s: float
    ended_s: float
    forecasts: tuple[Forecast, ...]

    def at(self, fraction: float) -> tuple[Forecast | None, float]:
        """Return the newest forecast at a fraction of the worn life, and what was left then."""
        at_s = self.began_s + fraction * (self.ended_s - self.began_s)
        said = [forecast for forecast in self.forecasts if forecast.t_s <= at_s]
        return (said[-1] if said else None), self.ended_s - at_s


def bench_forecast(lives: int = LIVES) -> dict[str, Any]:
    """Return at each fraction of life how often the 90 % band held the true remaining life."""
    machine = read_machine(demo_machine())
    found: list[Life] = []
    for seed in range(FIRST_SEED, FIRST_SEED + -(-lives // PER_MACHINE)):
        found += _lives(machine, seed, min(PER_MACHINE, lives - len(found)))
    figures: dict[str, Any] = {"lives": len(found)}
    for fraction in FRACTIONS:
        figures |= _figures(found, fraction)
    return figures


def _lives(machine: Machine, seed: int, count: int) -> Iterator[Life]:
    """Return lives of one machine: another fault each time, after the same learning."""
    rng = np.random.default_rng(seed)
    simulated = SimulatedMachine(machine, seed=seed)
    framer, monitor = Framer(machine), Monitor(machine)
    for _ in range(round(machine.learn_s / LEARN_INTERVAL_S) + 3):
        _observe(simulated, framer, monitor, LEARN_INTERVAL_S)
    saved = simulated.state(), framer.state(), monitor.state()
    modes = [
        (name, mode)
        for name, found in simulated.failure_modes().items()
        for mode in found
        if mode != "looseness" or len(found) == 1
    ]
    for place in rng.permutation(len(modes))[:count]:
        yield _life(
            SimulatedMachine.resume(machine, saved[0]),
            Framer.resume(machine, saved[1]),
            Monitor.resume(machine, saved[2]),
            fault=modes[int(place)],
            rng=rng,
        )


def _life(
    simulated: SimulatedMachine,
    framer: Framer,
    monitor: Monitor,
    *,
    fault: tuple[str, str],
    rng: np.random.Generator,
) -> Life:
    component, mode = fault
    life_s = float(np.exp(rng.uniform(np.log(SHORTEST_S), np.log(LONGEST_S))))
    interval_s = max(LEARN_INTERVAL_S, life_s / WINDOWS_PER_LIFE)
    for _ in range(int(rng.integers(*HEALTHY_WINDOWS))):
        _observe(simulated, framer, monitor, interval_s)
    simulated.start_wear(component, mode, life_s=life_s)
    began_s, group = simulated.now_s, simulated.machine.group_of(component)
    said: list[Forecast] = []
    for _ in range(MAX_WINDOWS):
        for judgement in _observe(simulated, framer, monitor, interval_s):
            forecast = judgement.forecast
            if forecast is not None and forecast.low_s is not None and forecast.component in group:
                said.append(forecast)
        if simulated.severities()[component][1] >= 1:
            break
    return Life(
        component=component, failure_mode=mode, began_s=began_s,
        ended_s=simulated.now_s - interval_s / 2, forecasts=tuple(said),
    )  # fmt: skip


def _observe(
    simulated: SimulatedMachine, framer: Framer, monitor: Monitor, interval_s: float
) -> list[Judgement]:
    readings = simulated.read(interval_s)
    return [monitor.observe(window) for reading in readings for window in framer.add(reading)]


def _figures(lives: list[Life], fraction: float) -> dict[str, Any]:
    """Return the coverage of the bands said at a fraction of life, and how wide they were."""
    held: list[bool] = []
    early, bands = 0, []
    by_mode: dict[str, list[bool]] = defaultdict(list)
    for life in lives:
        forecast, left_s = life.at(fraction)
        if forecast is None or forecast.low_s is None or forecast.high_s is None:
            continue
        gone_s = life.began_s + fraction * (life.ended_s - life.began_s) - forecast.t_s
        low_s, high_s = forecast.low_s - gone_s, forecast.high_s - gone_s
        held.append(low_s <= left_s <= high_s)
        by_mode[life.failure_mode].append(held[-1])
        early += left_s < low_s
        bands.append([low_s / left_s, ((forecast.remaining_s or 0.0) - gone_s) / left_s,
                      high_s / left_s])  # fmt: skip
    name = f"at_{100 * fraction:.0f}"
    median = np.median(np.array(bands), axis=0).round(2).tolist() if bands else []
    return {
        f"{name}_said": len(held),
        f"{name}_silent": len(lives) - len(held),
        f"{name}_held_ratio": round(float(np.mean(held)), 3) if held else None,
        f"{name}_ended_before_band": early,
        f"{name}_low_middle_high_of_true": median,
        f"{name}_held_by_mode": {key: f"{sum(v)}/{len(v)}" for key, v in sorted(by_mode.items())},
    }
