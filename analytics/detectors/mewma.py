"""The multivariate exponentially weighted moving average (Lowry et al. 1992, Technometrics 34, 46).

Its covariance is shrunk (Ledoit and Wolf 2004, J. Multivariate Analysis 88, 365), so that a short
learning stretch of many features can be inverted.
"""

import numpy as np
from scipy.signal import lfilter
from sklearn.covariance import LedoitWolf

from analytics.detectors.statistic import Statistic, StatisticDetector
from analytics.features.spectra import Floats

WEIGHT = 0.1  # of the newest row


def mewma() -> StatisticDetector:
    """Return a detector that looks at the distance of a moving average of rows."""
    return StatisticDetector(_fit)


def _fit(rows: Floats) -> Statistic:
    shrunk = LedoitWolf().fit(np.clip(rows, -1e3, 1e3))
    mean, precision = shrunk.location_, shrunk.precision_ * (2 - WEIGHT) / WEIGHT

    def statistic(found: Floats) -> Floats:
        average = lfilter([WEIGHT], [1.0, WEIGHT - 1.0], found - mean, axis=0)
        return np.asarray(np.einsum("ij,jk,ik->i", average, precision, average), np.float64)

    return statistic
