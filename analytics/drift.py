"""Slow healthy drift, told from change by its time scale.

A learning stretch says how a machine varies within that stretch, nothing of what it does over days:
bearings run in, oil warms up. So each feature's level is followed slowly, and how far it roams
around that level as well (exponential smoothing: Brown 1963). What is left is change that comes
faster than drift. While an alarm is on, nothing is followed; and little under conditions of which
little is known: there the model of the conditions is wrong sooner than the machine.
"""

import numpy as np

from analytics.features.spectra import Floats

RATE = 0.1  # of the newest window, in the level and in the roaming
_MOST_ROAMING = 100.0  # variance ratio
_MOST_SHARE = 9.0  # of the variance so far, that one window can tell


class Drift:
    """Follows the residuals of all features; its state is two numbers a feature."""

    def __init__(self, count: int) -> None:
        self.level = np.zeros(count)
        self.roaming = np.ones(count)  # variance against the learnt one, at least one

    def fast(self, residuals: Floats, spread: Floats) -> Floats:
        """Return how many spreads each feature is from where it was heading.

        Parameters
        ----------
        residuals, spread : (count,) float
            NaN where a feature is not known.
        """
        found = (residuals - self.level) / (spread * np.sqrt(self.roaming))
        return np.asarray(found, np.float64)

    def follow(self, residuals: Floats, spread: Floats, *, known: float = 1.0) -> None:
        """Follow a window that was not in alarm.

        `known` is how well the normal of its conditions is known, 1 as in learning: elsewhere what
        is left tells of the conditions rather than of drift.
        """
        moved = np.where(np.isfinite(residuals), residuals - self.level, 0.0)
        self.level = self.level + known * RATE * moved
        share = np.minimum((moved / spread) ** 2, _MOST_SHARE * self.roaming)
        roaming = self.roaming + known * RATE * (share - self.roaming)
        self.roaming = np.clip(roaming, 1.0, _MOST_ROAMING)

    def forget(self) -> None:
        """Go back to what was learnt: another part is in."""
        self.level = np.zeros(len(self.level))
        self.roaming = np.ones(len(self.roaming))
