"""The ghost twin of a simulated machine: the same seed, the same wear, and no loop.

Nobody hears its worn part, so it runs until that part breaks. Then it stands still until a bought
one has come and is fitted, and its clock stops with it. Only wear is simulated, no waveforms: a
day takes about a tenth of a second, and a day of standing still takes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fieldlab.app.prices import Prices
from fieldlab.core.machine import Machine
from simulators.machine import SimulatedMachine
from simulators.scenario import Scenario

STEP_S = 30.0
MOST_S = 400 * 86_400.0  # that one call lives on; a clock may be wrong
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A part that broke, until when the twin stood still for it (event time), and its price."""

    component: str
    from_s: float
    until_s: float
    part_eur: float


class Twin:
    """Lives the life of a simulated machine without the loop, up to any event time.

    Parameters
    ----------
    machine : Machine
        The machine file; its suppliers' lead times, else those of `prices`.
    script : mapping
        What the node told of its simulation: `seed`, `healthy_s`, `life_s`.
    """

    def __init__(self, machine: Machine, script: Mapping[str, float], prices: Prices) -> None:
        self._file, self._prices = machine, prices
        seed = int(script["seed"])
        self._machine = SimulatedMachine(machine, seed=seed)
        self._scenario = Scenario(
            self._machine, seed=seed, healthy_s=script["healthy_s"], life_s=script["life_s"]
        )
        self._now_s = self._machine.now_s
        self._broken: Breakdown | None = None
        self.breakdowns: list[Breakdown] = []

    def live_until(self, t_s: float) -> None:
        """Go on to an event time, 400 days at most; an earlier one changes nothing."""
        t_s = min(t_s, self._now_s + MOST_S)
        while self._now_s + STEP_S <= t_s:
            if self._broken is None:
                self._run()
            elif t_s < self._broken.until_s:
                return
            else:
                self._now_s = self._broken.until_s
                self._machine.fit(self._broken.component, material="original", sizes={})
                self._broken = None

    def _run(self) -> None:
        self._scenario.step()
        self._machine.wear_on(STEP_S)
        self._now_s += STEP_S
        for component, (_, severity) in self._machine.severities().items():
            if severity >= 1.0:
                self._break(component)
                return

    def _break(self, component: str) -> None:
        """Stand still from now on: order the part, wait for it, and fit it."""
        replace = self._file.components[component].replace
        days, eur = self._prices.lead_time_days, self._prices.part_eur
        if replace.buy is not None:
            days, eur = replace.buy.lead_time_days, replace.buy.price_eur
        elif replace.print is None and replace.adjust is not None:
            days, eur = 0.0, 0.0  # somebody tightens it
        wait_s = days * _DAY_S + self._prices.swap_h * 3600
        self._broken = Breakdown(
            component=component, from_s=self._now_s, until_s=self._now_s + wait_s, part_eur=eur
        )
        self.breakdowns.append(self._broken)

    def standstill_h(self, t_s: float) -> float:
        """Return for how many hours of production it has stood still until an event time."""
        stood_s = sum(
            min(one.until_s, t_s) - one.from_s for one in self.breakdowns if one.from_s < t_s
        )
        return stood_s / 3600 * self._prices.hours_per_day / 24
