"""Novelty without a direction: whether a window still follows from the one before it.

A vector autoregression with a ridge (Hoerl and Kennard 1970, Technometrics 12, 55) says what the
next window should be; the squared distance of what it leaves, with a shrunk covariance (Ledoit and
Wolf 2004, J. Multivar. Anal. 88, 365), is nearly white where the sensors themselves are not, so
that its moving averages have honest limits: their spread is that of an average of a series with a
little memory (Schmid 1997, Metrika 46, 1) about a centre that is itself not known exactly. Both
come from blocks of the learning stretch that the model did not see; a stretch whose halves do not
foretell each other drifts, and the limit is raised by how much they do not. Only what was read anew
counts (process_news), and what is read together is judged together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.features.spectra import Floats
from analytics.process_news import Bools, Ints
from analytics.state import likeness_before

PACES = (0.3, 0.1, 0.03)
MOST_LIMIT = 3.0  # spreads of each moving average: above it slow faults would be hidden
MIN_ROWS = 60
MIN_ROWS_PER_SENSOR = 4
_RIDGE = 20.0  # rows that the thought "nothing follows from anything" counts for
_BLOCKS = 10
_HALVES_LOG = 0.25  # that halves may differ, on a machine that stands still
_DRIFT_FACTOR = 5.0  # of what the halves do not foretell
_SETTLED_RANGE = 1.2  # scatters, over the means of the quarters
_ONE_SHARE = 0.95  # of the limit, that one window can add: it must not decide


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """The next row from this one, and how far off a row is."""

    middle: Floats
    weights: Floats  # (sensors, sensors)
    precision: Floats  # (sensors, sensors), 0 between sensors that are not read together

    def novelty(self, before: Floats, rows: Floats, news: Bools) -> Floats:
        """Return the log of the squared distance of each row from what was foretold."""
        left = (rows - self.middle - (before - self.middle) @ self.weights) * news
        far = np.einsum("ij,jk,ik->i", left, self.precision, left)
        return np.asarray(np.log(far / np.maximum(1, news.sum(axis=1)) + 1e-3), np.float64)


class Dynamics:
    """How a machine's sensors follow each other from window to window.

    Parameters
    ----------
    learnt : mapping
        What `learn_dynamics` found, and the `limit` that the budget asks for.
    """

    def __init__(self, learnt: Mapping[str, Floats]) -> None:
        self._learnt = dict(learnt)
        self._model = _Model(
            middle=learnt["middle"], weights=learnt["weights"], precision=learnt["precision"]
        )
        self._centre = float(learnt["centre"])
        self._room = float(learnt["limit"]) * learnt["spread"] + learnt["drift"]
        self._most = self._centre + _ONE_SHARE * float(self._room[0]) / PACES[0]
        self.last = learnt["last"]
        self.average = np.full(len(PACES), self._centre)

    def step(self, row: Floats, news: Bools) -> Floats:
        """Take one window; return its novelty at every pace against its limit.

        Parameters
        ----------
        row : (sensors,) float
            NaN where a sensor said nothing: as was foretold.
        news : (sensors,) bool
            Which sensors were read anew.
        """
        model = self._model
        foretold = model.middle + (self.last - model.middle) @ model.weights
        row = np.where(np.isfinite(row), row, foretold)
        if news.any():
            now = float(model.novelty(self.last[None], row[None], news[None])[0])
            now = min(now, self._most)
            self.average = self.average + np.array(PACES) * (now - self.average)
        self.last = row
        return self._ratios()

    def _ratios(self) -> Floats:
        return np.asarray((self.average - self._centre) / self._room, np.float64)

    def forget(self) -> None:
        """Bring the slow averages down to the fast one, after an alarm or a repair."""
        ratios = self._ratios()
        self.average = self._centre + np.minimum(ratios, ratios[0]) * self._room

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


def learn_dynamics(rows: Floats, news: Bools, groups: Ints) -> dict[str, Floats]:
    """Return how healthy rows follow each other, and the limits of their novelty.

    Parameters
    ----------
    rows : (n, sensors) float
        Deviations from what the conditions explain, in order of time.
    news : (n - 1, sensors) bool
        Which sensors were read anew, in each row but the first.
    groups : (sensors,) int
        Which sensors are read together.
    """
    whole = _Stretch(rows=rows, news=news)
    unseen = []
    for block in np.array_split(np.arange(len(rows)), _BLOCKS):
        others = [part for part in (whole.cut(0, block[0]), whole.cut(block[-1] + 1, len(rows)))
                  if len(part.rows) > 1]  # fmt: skip
        unseen.append(_novelty(_fitted(others, groups), whole.cut(block[0], block[-1] + 1)))
    centre = float(np.mean(np.concatenate(unseen)))
    model = _fitted([whole], groups)
    halves = _unforetold(whole, groups) - _of_half(centre, float(_novelty(model, whole).mean()))
    drift = _DRIFT_FACTOR * max(0.0, halves - _HALVES_LOG)
    return {
        "middle": model.middle, "weights": model.weights, "precision": model.precision,
        "centre": np.array(centre), "spread": _spreads(unseen), "drift": np.array(drift),
        "last": rows[-1],
    }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Rows in order of time, and what was read anew in each but the first."""

    rows: Floats
    news: Bools

    def cut(self, first: int, end: int) -> "_Stretch":
        return _Stretch(rows=self.rows[first:end], news=self.news[first : max(first, end - 1)])


def _spreads(unseen: list[Floats]) -> Floats:
    """Return the spread of each moving average about a centre known from these blocks."""
    paces = np.array(PACES)
    within = np.concatenate([block - block.mean() for block in unseen])
    slow = float(likeness_before(within[:, None])[0]) * (1 - paces)
    wander = float(within.var()) * paces / (2 - paces) * (1 + slow) / (1 - slow)
    doubt = float(np.var([block.mean() for block in unseen], ddof=1)) / len(unseen)
    return np.asarray(np.maximum(np.sqrt(wander + doubt), 1e-3), np.float64)


def _of_half(unseen: float, seen: float) -> float:
    """Return the novelty that a model of half the rows should find, on a machine that stands still.

    What is seen is foretold too well, and what is not too badly, both as one over the rows learnt.
    """
    without_block = _BLOCKS / (_BLOCKS - 1)
    return unseen + (unseen - seen) * (2 - without_block) / (1 + without_block)


def _unforetold(whole: _Stretch, groups: Ints) -> float:
    """Return the novelty of the one half of the learning to the other, the worse way."""
    half, end = len(whole.rows) // 2, len(whole.rows)
    first, second = whole.cut(0, half), whole.cut(half, end)
    return max(
        float(_novelty(_fitted([first], groups), second).mean()),
        float(_novelty(_fitted([second], groups), first).mean()),
    )


def _novelty(model: _Model, part: _Stretch) -> Floats:
    read = part.news.any(axis=1)
    return model.novelty(part.rows[:-1], part.rows[1:], part.news)[read]


def _fitted(parts: list[_Stretch], groups: Ints) -> _Model:
    """Return the model of stretches that each are in order of time."""
    middle = np.concatenate([part.rows for part in parts]).mean(axis=0)
    before = np.concatenate([part.rows[:-1] for part in parts]) - middle
    after = np.concatenate([part.rows[1:] for part in parts]) - middle
    news = np.concatenate([part.news for part in parts])
    width = len(middle)
    weights, precision = np.zeros((width, width)), np.zeros((width, width))
    for group in np.unique(groups):
        own = np.flatnonzero(groups == group)
        read = news[:, own[0]]
        given, then = before[read], after[np.ix_(read, own)]
        penalty = _RIDGE * max(float(read.mean()), 1e-3) * np.eye(width)
        weights[:, own] = np.linalg.solve(given.T @ given + penalty, given.T @ then)
        left = then - given @ weights[:, own]
        precision[np.ix_(own, own)] = np.linalg.inv(shrunk_covariance(left))
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
