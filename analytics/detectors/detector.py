"""What a detector promises, and what most of them share: scaling, and a limit from learning."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from analytics.features.spectra import Floats

_HELD_OUT_SHARE = 0.99  # of the healthy rows that were held out lies below the limit


class Detector(Protocol):
    """Two verbs. Options stand in the constructor; what is learnt stands behind an underscore."""

    def learn(self, rows: Floats) -> None:
        """Add healthy rows, in order of time.

        Parameters
        ----------
        rows : (n, k) float
            One window each; NaN where a feature is missing.
        """
        ...

    def score(self, rows: Floats) -> Floats:
        """Return (n,) how far each row is from normal; 1.0 is the limit.

        A row is judged from itself and the rows before it; nothing is learnt from it.
        """
        ...


class Scale:
    """Rows to spreads from the median, robustly; what was never seen in learning is left out."""

    def __init__(self, rows: Floats) -> None:
        self._used = np.flatnonzero(np.isfinite(rows).any(axis=0))
        used = rows[:, self._used]
        self._middle = np.nanmedian(used, axis=0) if len(self._used) else np.empty(0)
        away = np.nanmedian(np.abs(used - self._middle), axis=0) if len(self._used) else np.empty(0)
        self._spread = np.maximum(1.4826 * away, 1e-3 * np.abs(self._middle) + 1e-9)

    def __call__(self, rows: Floats) -> Floats:
        """Return (n, used) spreads from the median; a missing value lies on it."""
        found = (rows[:, self._used] - self._middle) / self._spread
        return np.nan_to_num(np.clip(found, -1e6, 1e6))


def held_out_limit(fit: Callable[[Floats], Callable[[Floats], Floats]], rows: Floats) -> float:
    """Return the limit of a statistic: what nearly all healthy rows stay below, held out.

    Each half of the learning (a stretch of time, not every second row) is scored by what was
    fitted to the other half, so that slow changes within the learning count.
    """
    half = len(rows) // 2
    if half < 2:
        return max(float(np.max(fit(rows)(rows), initial=0.0)), 1e-9)
    first, second = rows[:half], rows[half:]
    scores = np.concatenate([fit(second)(first), fit(first)(second)])
    return max(float(np.quantile(scores, _HELD_OUT_SHARE)), 1e-9)
