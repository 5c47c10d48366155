"""Novelty without a direction: whether a window still follows from the one before it.

A vector autoregression with a ridge (Hoerl and Kennard 1970, Technometrics 12, 55) says what the
next window should be; the squared distance of what it leaves, with a shrunk covariance (Ledoit and
Wolf 2004, J. Multivar. Anal. 88, 365), is nearly white where the sensors themselves are not, so
that its moving averages have honest limits. These come from blocks of the learning stretch that the
model did not see; a stretch whose halves do not foretell each other drifts, and the limit is raised
by how much they do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.features.spectra import Floats

PACES = (0.3, 0.1, 0.03)
LIMIT = 3.7  # spreads of each moving average
MIN_ROWS = 60
MIN_ROWS_PER_SENSOR = 4
_RIDGE = 100.0
_BLOCKS = 5
_WARM_UP = 20
_OVERFIT_LOG = 0.25  # that half the rows foretell less well, on a machine that stands still
_DRIFT_FACTOR = 5.0  # of what the halves do not foretell
_SETTLED_RANGE = 1.2  # scatters, over the means of the quarters
_FAR_LOG = 2.0  # a single window is not more novel than this


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """The next row from this one, and how far off a row is."""

    middle: Floats
    weights: Floats  # (sensors, sensors)
    precision: Floats  # (sensors, sensors)

    def novelty(self, before: Floats, rows: Floats) -> Floats:
        """Return the log of the squared distance of each row from what was foretold."""
        left = rows - self.middle - (before - self.middle) @ self.weights
        far = np.einsum("ij,jk,ik->i", left, self.precision, left) / max(1, left.shape[1])
        return np.asarray(np.log(far + 1e-3), np.float64)


class Dynamics:
    """How a machine's sensors follow each other from window to window.

    Parameters
    ----------
    learnt : mapping
        What `learn_dynamics` found.
    """

    def __init__(self, learnt: Mapping[str, Floats]) -> None:
        self._learnt = dict(learnt)
        self._model = _Model(
            middle=learnt["middle"], weights=learnt["weights"], precision=learnt["precision"]
        )
        self.last = learnt["last"]
        self.average = learnt["centre"].copy()

    def step(self, row: Floats) -> Floats:
        """Take one window; return its novelty at every pace against its limit.

        Parameters
        ----------
        row : (sensors,) float
            NaN where a sensor said nothing: as was foretold.
        """
        model = self._model
        foretold = model.middle + (self.last - model.middle) @ model.weights
        row = np.where(np.isfinite(row), row, foretold)
        now = float(self._model.novelty(self.last[None], row[None])[0])
        self.last = row
        now = min(now, float(self._learnt["usual"]) + _FAR_LOG)
        self.average = self.average + np.array(PACES) * (now - self.average)
        room = LIMIT * self._learnt["spread"] + self._learnt["drift"]
        return np.asarray((self.average - self._learnt["centre"]) / room, np.float64)

    def forget(self) -> None:
        """Bring the slow averages down to the fast one, after an alarm or a repair."""
        self.average[1:] = np.minimum(self.average[1:], self.average[0])

    def plain(self) -> dict[str, Any]:
        """Return what was learnt and is remembered, to be saved."""
        return self._learnt | {"now_last": self.last, "now_average": self.average}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Dynamics":
        """Return what `plain` wrote."""
        found = cls({key: value for key, value in plain.items() if not key.startswith("now_")})
        found.last, found.average = plain["now_last"], plain["now_average"]
        return found


def can_learn(rows: Floats) -> bool:
    """Whether healthy rows can teach how the sensors follow each other.

    They must be many enough, and of a machine that had settled: no sensor's mean may go from
    quarter to quarter of the rows as if it were on its way somewhere (a steady trend goes 2.6
    scatters). What such a machine does next, nothing that was learnt can say.
    """
    count, width = rows.shape
    if width == 0 or count < max(MIN_ROWS, MIN_ROWS_PER_SENSOR * width):
        return False
    quarters = np.array([part.mean(axis=0) for part in np.array_split(rows, 4)])
    went = (quarters.max(axis=0) - quarters.min(axis=0)) / np.maximum(rows.std(axis=0), 1e-12)
    return bool(went.max() < _SETTLED_RANGE)


def learn_dynamics(rows: Floats) -> dict[str, Floats]:
    """Return how healthy rows follow each other, and the limits of their novelty.

    Parameters
    ----------
    rows : (n, sensors) float
        Deviations from what the conditions explain, in order of time.
    """
    blocks = np.array_split(np.arange(len(rows)), _BLOCKS)
    unseen = []
    for block in blocks:
        others = [part for part in (rows[: block[0]], rows[block[-1] + 1 :]) if len(part) > 1]
        unseen.append(_novelty(_fitted(others), rows[block]))
    usual = np.array(float(np.mean(np.concatenate(unseen))))
    paths = np.concatenate([_paths(block, float(usual))[_WARM_UP // 2 :] for block in unseen])
    model = _fitted([rows])
    drift = _DRIFT_FACTOR * max(0.0, _unforetold(rows) - float(usual) - _OVERFIT_LOG)
    return {
        "middle": model.middle, "weights": model.weights, "precision": model.precision,
        "usual": usual, "centre": paths.mean(axis=0), "spread": np.maximum(paths.std(axis=0), 1e-3),
        "drift": np.array(drift), "last": rows[-1],
    }  # fmt: skip


def _unforetold(rows: Floats) -> float:
    """Return the novelty of the one half of the learning to the other, the worse way."""
    half = len(rows) // 2
    first, second = rows[:half], rows[half:]
    return max(
        float(_novelty(_fitted([first]), second).mean()),
        float(_novelty(_fitted([second]), first).mean()),
    )


def _novelty(model: _Model, rows: Floats) -> Floats:
    return model.novelty(rows[:-1], rows[1:])


def _paths(novelty: Floats, start: float) -> Floats:
    paces = np.array(PACES)
    now, out = np.full(len(PACES), start), []
    for value in novelty:
        now = now + paces * (value - now)
        out.append(now)
    return np.array(out)


def _fitted(parts: list[Floats]) -> _Model:
    """Return the model of stretches that each are in order of time."""
    middle = np.concatenate(parts).mean(axis=0)
    before = np.concatenate([part[:-1] for part in parts]) - middle
    after = np.concatenate([part[1:] for part in parts]) - middle
    penalty = _RIDGE * np.eye(before.shape[1])
    weights = np.linalg.solve(before.T @ before + penalty, before.T @ after)
    precision = np.asarray(np.linalg.inv(shrunk_covariance(after - before @ weights)), np.float64)
    return _Model(middle=middle, weights=weights, precision=precision)


def shrunk_covariance(rows: Floats) -> Floats:
    """Return the covariance, shrunk to a sphere by what its own scatter asks for.

    Ledoit and Wolf 2004, J. Multivar. Anal. 88, 365, eq. 14.

    >>> import numpy as np
    >>> found = shrunk_covariance(np.random.default_rng(1).normal(size=(20, 10)))
    >>> bool(np.linalg.cond(found) < 10)
    True
    """
    count, width = rows.shape
    rest = rows - rows.mean(axis=0)
    plain = rest.T @ rest / count
    size = float(np.trace(plain)) / width
    apart = float(((plain - size * np.eye(width)) ** 2).sum())
    scatter = float(((rest**2).T @ (rest**2) / count - plain**2).sum()) / count
    share = min(1.0, scatter / max(apart, 1e-12))
    return np.asarray((1 - share) * plain + (share * size + 1e-9) * np.eye(width), np.float64)
