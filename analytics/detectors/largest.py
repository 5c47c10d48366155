"""The largest deviation of any feature: the simplest detector, a good one to begin from."""

import numpy as np

from analytics.detectors.statistic import Statistic, StatisticDetector
from analytics.features.spectra import Floats


def largest_deviation() -> StatisticDetector:
    """Return a detector that looks at the feature that is furthest from its median."""
    return StatisticDetector(_fit)


def _fit(_: Floats) -> Statistic:
    return lambda rows: np.asarray(np.abs(rows).max(axis=1, initial=0.0), np.float64)
