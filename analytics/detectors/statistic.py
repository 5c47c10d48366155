"""A detector made of one statistic: a function that is fitted to healthy rows and then scores."""

from collections.abc import Callable

import numpy as np

from analytics.detectors.detector import Scale, held_out_limit
from analytics.features.spectra import Floats

Statistic = Callable[[Floats], Floats]  # (n, k) scaled rows to (n,)


class StatisticDetector:
    """Learns a scale, a statistic and its limit; the last two when it is first asked.

    Parameters
    ----------
    fit
        Scaled healthy rows to a statistic.
    """

    def __init__(self, fit: Callable[[Floats], Statistic]) -> None:
        self._fit = fit
        self._rows: list[Floats] = []
        self._fitted: tuple[Scale, Statistic, float] | None = None

    def learn(self, rows: Floats) -> None:
        """Add healthy rows."""
        self._rows.append(np.asarray(rows, np.float64))
        self._fitted = None

    def score(self, rows: Floats) -> Floats:
        """Return how far each row is from normal; 1.0 is the limit.

        Raises
        ------
        ValueError
            If nothing was learnt.
        """
        if self._fitted is None:
            self._fitted = self._finish()
        scale, statistic, limit = self._fitted
        return statistic(scale(rows)) / limit

    def _finish(self) -> tuple[Scale, Statistic, float]:
        if not self._rows:
            raise ValueError("nothing was learnt: call learn with healthy rows first")
        healthy = np.concatenate(self._rows)
        scale = Scale(healthy)
        rows = scale(healthy)
        return scale, self._fit(rows), held_out_limit(self._fit, rows)
