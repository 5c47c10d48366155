"""Hotelling's T² and Q on principal components.

Jackson and Mudholkar 1979, Technometrics 21, 341: T² within the components that carry most of the
variance, Q (the squared prediction error) beside them; the larger of the two against its limit.
"""

import numpy as np

from analytics.detectors.statistic import Statistic, StatisticDetector
from analytics.features.spectra import Floats

_SHARE = 0.9  # of the variance


def pca_t2_q() -> StatisticDetector:
    """Return a detector that looks at T² and Q."""
    return StatisticDetector(_fit)


def _fit(rows: Floats) -> Statistic:
    mean = rows.mean(axis=0)
    _, singular, axes = np.linalg.svd(rows - mean, full_matrices=False)
    variance = singular**2 / max(1, len(rows) - 1)
    kept = int(np.searchsorted(np.cumsum(variance) / max(variance.sum(), 1e-12), _SHARE)) + 1
    axes, variance = axes[:kept], np.maximum(variance[:kept], 1e-9)

    def both(found: Floats) -> tuple[Floats, Floats]:
        along = (found - mean) @ axes.T
        beside = found - mean - along @ axes
        return (along**2 / variance).sum(axis=1), (beside**2).sum(axis=1)

    t2_typical, q_typical = (max(float(np.mean(part)), 1e-9) for part in both(rows))

    def statistic(found: Floats) -> Floats:
        t2, q = both(found)
        return np.asarray(np.maximum(t2 / t2_typical, q / q_typical), np.float64)

    return statistic
