"""The methods that `fieldlab bench detection` compares, each under the same protocol.

Those of the catalogue (analytics/detectors/catalogue.py) always; PyOD and river when they are
installed; and three controls that look at no sensor at all: a clock, always, and chance.
"""

import importlib
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.detectors.catalogue import DETECTORS
from analytics.detectors.detector import Detector
from analytics.detectors.statistic import StatisticDetector

Floats = npt.NDArray[np.float64]
_TREES, _HEIGHT = 25, 8


def peers() -> dict[str, Callable[[], Detector]]:
    """Return the peers by name: a function that makes a new one."""
    found = dict(DETECTORS)
    if find_spec("pyod") is not None:
        found["pyod-ecod"] = lambda: StatisticDetector(_ecod)
    if find_spec("river") is not None:
        found["river-half-space-trees"] = lambda: StatisticDetector(_half_space_trees)
    return found


def _ecod(rows: Floats) -> Callable[[Floats], Floats]:
    """Fit the empirical cumulative outlier detection of PyOD (Li et al. 2022, IEEE TKDE)."""
    fitted: Any = importlib.import_module("pyod.models.ecod").ECOD()
    fitted.fit(rows)
    return lambda found: np.asarray(fitted.decision_function(found), np.float64)


def _half_space_trees(rows: Floats) -> Callable[[Floats], Floats]:
    """Fit the half-space trees of river (Tan, Ting and Liu 2011, IJCAI, 1511), then keep them."""
    trees: Any = importlib.import_module("river.anomaly").HalfSpaceTrees(
        n_trees=_TREES, height=_HEIGHT, window_size=max(2, min(100, len(rows) // 2)), seed=1
    )
    low, high = rows.min(axis=0), rows.max(axis=0)
    span = np.maximum(high - low, 1e-9)

    def named(row: Floats) -> dict[int, float]:
        return dict(enumerate(np.clip((row - low) / span, -1.0, 2.0).tolist()))

    for row in rows:
        trees.learn_one(named(row))
    return lambda found: np.array([trees.score_one(named(row)) for row in found], np.float64)


def clock(times_s: Floats, healthy_until_s: float) -> Floats:
    """Return how long ago the learning ended, in seconds; its limit is set in hindsight."""
    return times_s - healthy_until_s


def always(times_s: Floats) -> Floats:
    """Return an alarm at every time."""
    return np.full(len(times_s), 2.0)


def chance(times_s: Floats, seed: int) -> Floats:
    """Return scores of which one in ten is above the limit."""
    return np.random.default_rng(seed).random(len(times_s)) / 0.9
