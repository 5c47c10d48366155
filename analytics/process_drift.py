"""Whether a level leaves its normal faster than this machine drifts.

Every sensor is followed by moving averages of several paces (Roberts 1959, Technometrics 1, 239)
beside a level that is tracked so slowly that a fault cannot hide in it, and only while nothing is
suspected. A pace's spread is that of its own average in learning, plus how far the level went from
quarter to quarter of the learning (an Allan deviation, Allan 1966, Proc. IEEE 54, 221): a slow
average sees the drift, a fast one the noise. The spread then grows with what a healthy machine is
seen to do. Failure modes with a symptom table look along their own symptoms only, one-sided, with
the variance that the sensors together had in learning; where there is no table each sensor is
looked at both ways.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.features.spectra import Floats

PACES = (0.4, 0.15, 0.06, 0.025)
MOST_LIMIT = 2.6  # spreads, of the fastest pace: above it real faults would be hidden
_SLOW_POWER = 0.2  # slower averages see more of the drift: limit ~ pace^-power
_DOUBT = 2.0  # independent values that an average's spread is short of
_STRETCHES = 5.0  # the level and its spread remember so many learning stretches
_GROWTH = 3.0  # spread that healthy wandering teaches, in variances
_CALM_RATIO = 0.5  # of the limit: below it the level is tracked
_CAP = 1.6  # limits that one symptom can count for
_BEYOND = 0.02  # of what is beyond the cap
_LOW = -1.0  # spreads that a contrary symptom can count for
_FAR = 5.0  # spreads of one window that an average can take
_EVEN_LIMIT = 1.5  # for sensors without a table, both ways
_TOLD_BY = 1  # the pace whose spreads a diagnosis sees
_WARM_UP = 30  # windows until an average is believed


@dataclass(slots=True, kw_only=True)
class DriftMemory:
    """All that changes from window to window."""

    fast: Floats  # (paces, sensors)
    level: Floats  # (sensors,)
    worst: Floats  # (2,) greatest ratio of the window before, and of this one
    wander: Floats  # (paces, sensors) variance seen while healthy


class Drift:
    """Levels of a machine that works without a cycle.

    Parameters
    ----------
    learnt : mapping
        What `learn_drift` found, and the `limit` that the budget asks for.
    """

    def __init__(self, learnt: Mapping[str, Floats]) -> None:
        self._learnt = dict(learnt)
        self.signs = self._learnt["signs"]
        self._spread2 = self._learnt["spread2"]
        self._norm = self._learnt["norm"]
        self._raw = self._learnt["raw"]
        self._step = 1.0 / (_STRETCHES * float(self._learnt["count"]))
        paces = np.array(PACES)
        self._limit = float(self._learnt["limit"])
        self._limits = self._limit * (PACES[0] / paces) ** _SLOW_POWER
        self._paces = paces[:, None]
        start = self._learnt["start"]
        self.memory = DriftMemory(
            fast=np.tile(start, (len(PACES), 1)), level=start.copy(), wander=self._spread2.copy(),
            worst=np.zeros(2),
        )  # fmt: skip

    def step(self, row: Floats, *, is_alarm: bool) -> tuple[Floats, Floats]:
        """Take one window; return each mode's ratio to its limit, at every pace.

        Parameters
        ----------
        row : (sensors,) float
            NaN where a sensor said nothing: as if it were normal.
        is_alarm : bool
            Whether an alarm is on: then nothing is learnt.

        Returns
        -------
        (paces, modes) float, and (sensors,) float: how far each sensor is, in spreads
        """
        memory = self.memory
        far = _FAR * self._raw
        row = np.where(np.isfinite(row), row, memory.level)
        row = np.clip(row, memory.level - far, memory.level + far)
        memory.fast += self._paces * (row - memory.fast)
        away = memory.fast - memory.level
        variance = np.maximum(self._spread2, memory.wander)
        spreads = away / np.sqrt(variance)
        along = spreads[:, None, :] * self.signs
        cap = _CAP * self._limit
        along = np.clip(along, _LOW, cap) + _BEYOND * np.clip(along - cap, 0.0, 20.0)
        ratios = along.sum(axis=2) / self._norm / self._limits[:, None]
        if not is_alarm:
            news = _GROWTH * np.minimum(away**2, 9.0 * variance)
            memory.wander = memory.wander + self._step * (news - memory.wander)
        if float(ratios.max(initial=0.0)) < _CALM_RATIO:
            memory.level = memory.level + self._step * (row - memory.level)
        memory.worst = np.array([memory.worst[1], ratios.max()])
        return ratios, spreads[_TOLD_BY]

    def agreed(self) -> float:
        """Return the greatest ratio that the last two windows agree on: one does not decide.

        A run rule: Champ and Woodall 1987, Technometrics 29, 393.
        """
        return float(self.memory.worst.min())

    def moved(self) -> Floats:
        """Return how far the tracked level has gone since learning."""
        return np.asarray(self.memory.level - self._learnt["start"], np.float64)

    def forget(self) -> None:
        """Bring the slow averages up to the fast one, after an alarm or a repair."""
        self.memory.fast[2:] = self.memory.fast[1]

    def plain(self) -> dict[str, Any]:
        """Return what was learnt and is remembered, to be saved."""
        memory = self.memory
        return self._learnt | {
            "now_fast": memory.fast, "now_level": memory.level, "now_wander": memory.wander,
            "now_worst": memory.worst,
        }  # fmt: skip

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Drift":
        """Return what `plain` wrote."""
        drift = cls({key: value for key, value in plain.items() if not key.startswith("now_")})
        drift.memory = DriftMemory(
            fast=plain["now_fast"], level=plain["now_level"], wander=plain["now_wander"],
            worst=plain["now_worst"],
        )  # fmt: skip
        return drift


def learn_drift(rows: Floats, signs: Floats) -> dict[str, Floats]:
    """Return what a healthy stretch says of levels and their drift.

    Parameters
    ----------
    rows : (n, sensors) float
        Deviations from what the conditions explain, in order of time.
    signs : (modes, sensors) float
        Which way each failure mode moves each sensor; without modes all sensors, both ways.
    """
    count, width = rows.shape
    weight = np.ones(len(signs))
    if not len(signs):
        signs = np.concatenate([np.eye(width), -np.eye(width)])
        weight = np.full(len(signs), _EVEN_LIMIT)
    quarters = np.array([part.mean(axis=0) for part in np.array_split(rows, 4)])
    moves = np.diff(quarters, axis=0)
    spread2, alike = [], []
    for pace in PACES:
        series = averaged(rows, pace)[min(_WARM_UP, count // 4) :]
        together = np.cov(series.T).reshape(width, width) + moves.T @ moves / len(moves)
        variance = np.maximum(np.diag(together), 1e-12)
        spread2.append(variance * (1 + _DOUBT / _independent(series)))
        alike.append(together / np.sqrt(np.outer(variance, variance)))
    norm = np.sqrt(np.einsum("mi,ij,mj->m", signs, np.mean(alike, axis=0), signs))
    return {
        "signs": signs, "spread2": np.array(spread2), "norm": np.maximum(norm, 1.0) * weight,
        "raw": np.maximum(rows.std(axis=0), 1e-6), "count": np.array(float(count)),
        "start": rows[-max(1, 3 * count // 8) :].mean(axis=0),
    }  # fmt: skip


def _independent(series: Floats) -> Floats:
    """Return how many independent values a series is worth, at least 2 (Bartlett 1946)."""
    rest = series - series.mean(axis=0)
    power = np.maximum((rest**2).sum(axis=0), 1e-12)
    like = np.clip((rest[1:] * rest[:-1]).sum(axis=0) / power, 0.0, 0.999)
    return np.asarray(np.maximum(2.0, len(series) * (1 - like) / (1 + like)), np.float64)


def averaged(rows: Floats, pace: float) -> Floats:
    """Return the moving average of rows in order of time, from the mean of the first few."""
    out = np.empty_like(rows)
    now = rows[:_WARM_UP].mean(axis=0)
    for at, row in enumerate(rows):
        now = now + pace * (row - now)
        out[at] = now
    return out
