"""The isolation forest of scikit-learn (Liu, Ting and Zhou 2008, IEEE ICDM, 413)."""

import numpy as np
from sklearn.ensemble import IsolationForest

from analytics.detectors.statistic import Statistic, StatisticDetector
from analytics.features.spectra import Floats

_TREES = 100


def isolation_forest() -> StatisticDetector:
    """Return a detector that looks at how few cuts set a row apart."""
    return StatisticDetector(_fit)


def _fit(rows: Floats) -> Statistic:
    forest = IsolationForest(n_estimators=_TREES, random_state=0).fit(rows)
    return lambda found: -np.asarray(forest.score_samples(found), np.float64)
