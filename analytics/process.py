"""A process that is over in one go, like a print: its steps against those of good ones. Pure.

Each step (a layer) is compared with the learnt normal given its conditions, and followed by a
two-sided cumulative sum (Page 1954, Biometrika 41, 100). The reference value lies above what the
spread from run to run can add up to; one step that is far out is enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.baseline import Baseline, learn
from analytics.features.spectra import Floats
from fieldlab.core.machine import Machine

ALLOWANCE, RUN_SPREADS = 1.0, 4.5  # spreads that a good run may stay off, at least; and per run
LIMIT = 6.5  # spreads in sum; an average of over 10^6 good steps to a false stop
_CLIP = 12.0  # one step that far out is enough
_NOISE, _PLAIN = 1.5, 4.5
_FLOOR_RATIO = 0.002
Row = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The first step that does not belong to a good run, and what that points to."""

    step: int  # counted from 1
    sensor: str
    spreads: float  # signed: below normal is negative
    component: str | None
    failure_mode: str | None


class ProcessWatch:
    """Learns good runs of a machine, then judges a run as far as it went.

    Parameters
    ----------
    machine : Machine
        Its sensors are the names in the rows; those with `role: condition` are given.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._given = tuple(machine.conditions)
        self._judged = tuple(name for name in machine.sensors if name not in self._given)
        self._baseline: Baseline | None = None
        self._allowance = np.full(len(self._judged), ALLOWANCE)

    def learn(self, runs: Sequence[Sequence[Row]]) -> None:
        """Learn what is normal from all steps of good runs; raises ValueError if there are none."""
        rows = [row for run in runs for row in run]
        if not rows:
            raise ValueError("no steps to learn from")
        values = self._table(rows, self._judged)
        floor = _FLOOR_RATIO * np.abs(values).mean(axis=0) + 1e-6
        self._baseline, _ = learn(values, self._table(rows, self._given), floor)
        means = np.array([np.mean([self._off(row) for row in run], axis=0) for run in runs if run])
        between = np.sqrt((means**2).mean(axis=0)) * (1 + 1 / np.sqrt(2 * len(means)))
        self._allowance = np.maximum(ALLOWANCE, 0.5 + RUN_SPREADS * between)

    def judge(self, run: Sequence[Row]) -> Trouble | None:
        """Return the first trouble in a run, None while it is as good as the learnt ones.

        Raises ValueError before anything was learnt.
        """
        if self._baseline is None:
            raise ValueError("nothing was learnt yet")
        if not run:
            return None
        off = np.array([self._off(row) for row in run])
        step = _first_over(off, self._allowance)
        if step is None:
            return None
        worst = int(np.argmax(np.abs(off[step])))
        component, mode = self._cause(off[step])
        return Trouble(
            step=step + 1, sensor=self._judged[worst], spreads=float(off[step, worst]),
            component=component, failure_mode=mode,
        )  # fmt: skip

    def _off(self, row: Row) -> Floats:
        assert self._baseline is not None  # noqa: S101  # judge has looked
        given = np.array([row[name] for name in self._given])
        values = np.array([row[name] for name in self._judged])
        return np.clip(self._baseline.deviations(values, given), -_CLIP, _CLIP)

    def _cause(self, off: Floats) -> tuple[str | None, str | None]:
        """Return the component and failure mode whose symptoms (ISO 13379-1) fit best."""
        off = np.sign(off) * np.clip(np.abs(off) - _NOISE, 0.0, _PLAIN)  # a missing one counts too
        at = {name: place for place, name in enumerate(self._judged)}
        best: tuple[float, str | None, str | None] = (1.0, None, None)
        for name, part in self._machine.components.items():
            for mode, table in part.failure_modes.items():
                signs = [off[at[sensor]] if way == "up" else -off[at[sensor]]
                         for sensor, way in table.symptoms.items() if sensor in at]  # fmt: skip
                fit = float(np.mean(signs)) * np.sqrt(len(signs)) if signs else 0.0
                best = max(best, (fit, name, mode), key=lambda found: found[0])
        return best[1], best[2]

    @staticmethod
    def _table(rows: Sequence[Row], names: Sequence[str]) -> Floats:
        return np.array([[row[name] for name in names] for row in rows], np.float64)


def _first_over(off: Floats, allowance: Floats) -> int | None:
    """Return the first step where a cumulative sum passes its limit."""
    high, low = np.zeros(off.shape[1]), np.zeros(off.shape[1])
    for step, row in enumerate(np.nan_to_num(off)):
        high = np.maximum(0.0, high + row - allowance)
        low = np.maximum(0.0, low - row - allowance)
        if max(high.max(), low.max()) > LIMIT:
            return step
    return None
