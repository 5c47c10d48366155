"""What is normal for this machine, given the conditions: a ridge regression per feature.

The spread is that of leave-one-out residuals, and it widens where the conditions leave what was
seen in learning: less is known there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.features.spectra import Floats

_RIDGE = 0.3
_SQUARES_FROM = 40  # rows; fewer cannot carry the squares of the conditions
_DISTINCT_FROM = 6
_UNKNOWN_SLOPE = 1.0  # spreads per range outside of what was seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A learnt normal; see `learn`."""

    centre: Floats
    scale: Floats
    low: Floats
    high: Floats
    squares: bool
    weights: Floats  # (terms, features)
    spread: Floats  # (features,)
    inverse: Floats  # (terms, terms)

    def expected(self, conditions: Floats) -> tuple[Floats, Floats]:
        """Return the expected features and their spreads under these conditions."""
        terms = self._terms(conditions)
        leverage = float(terms @ self.inverse @ terms)
        wide = np.sqrt(1.0 + min(leverage, 25.0)) + _UNKNOWN_SLOPE * self.outside(conditions)
        return terms @ self.weights, self.spread * wide

    def outside(self, conditions: Floats) -> float:
        """Return how far the conditions are outside what was seen, in ranges."""
        if not len(self.centre):
            return 0.0
        span = np.maximum(self.high - self.low, 1e-6 + 0.02 * np.abs(self.centre))
        beyond = np.maximum(self.low - conditions, conditions - self.high) / span
        return float(np.clip(np.max(beyond), 0.0, 3.0))

    def deviations(self, row: Floats, conditions: Floats) -> Floats:
        """Return how many spreads each feature is from normal; NaN stays NaN."""
        expected, spread = self.expected(conditions)
        return np.asarray((row - expected) / spread, np.float64)

    def _terms(self, conditions: Floats) -> Floats:
        clipped = np.clip(conditions, self.low - (self.high - self.low),
                          self.high + (self.high - self.low))  # fmt: skip
        design = _design(((clipped - self.centre) / self.scale)[None], squares=self.squares)
        return np.asarray(design[0], np.float64)

    def plain(self) -> dict[str, Any]:
        """Return the arrays, to be saved."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Baseline":
        """Return what `plain` wrote."""
        found: dict[str, Any] = {
            name: np.asarray(plain[name], np.float64) for name in cls.__slots__
        }
        return cls(**{**found, "squares": bool(plain["squares"])})


def learn(rows: Floats, conditions: Floats, floor: Floats) -> tuple[Baseline, Floats]:
    """Return the normal of healthy rows, and their own leave-one-out deviations.

    Parameters
    ----------
    rows : (n, features) float
        NaN where a feature is missing.
    conditions : (n, k) float
    floor : (features,) float
        The least spread that is believed.
    """
    count, terms_from = len(rows), np.asarray(conditions, np.float64)
    centre = terms_from.mean(axis=0)
    scale = np.maximum(terms_from.std(axis=0), 1e-6 + 1e-3 * np.abs(centre))
    squares = count >= _SQUARES_FROM and _many(terms_from)
    design = _design((terms_from - centre) / scale, squares=squares)
    penalty = _RIDGE * np.eye(design.shape[1])
    penalty[0, 0] = 1e-6
    inverse = np.asarray(np.linalg.inv(design.T @ design + penalty), np.float64)
    middle = medians(rows)
    filled = np.where(np.isfinite(rows), rows, middle)
    weights = inverse @ (design.T @ (filled - middle))
    hat = np.einsum("ij,jk,ik->i", design, inverse, design)
    left_out = (filled - middle - design @ weights) / np.maximum(1 - hat, 0.1)[:, None]
    left_out[~np.isfinite(rows)] = np.nan
    seen = np.maximum(1, np.isfinite(rows).sum(axis=0))
    spread = np.sqrt(np.nansum(left_out**2, axis=0) / seen)
    spread = np.maximum(spread * (1 + 1.0 / np.sqrt(2 * seen)), floor)
    weights[0] += middle
    baseline = Baseline(
        centre=centre, scale=scale, low=terms_from.min(axis=0), high=terms_from.max(axis=0),
        squares=squares, weights=weights, spread=spread, inverse=inverse,
    )  # fmt: skip
    return baseline, left_out / spread


def medians(rows: Floats) -> Floats:
    """Return the median of each column of what is known in it; 0 where nothing is."""
    known = np.isfinite(rows).any(axis=0)
    out = np.zeros(rows.shape[1])
    out[known] = np.nanmedian(rows[:, known], axis=0)
    return out


def _many(conditions: Floats) -> bool:
    return all(len(np.unique(np.round(column, 6))) >= _DISTINCT_FROM for column in conditions.T)


def _design(scaled: Floats, *, squares: bool) -> Floats:
    columns = [np.ones(len(scaled)), *scaled.T]
    if squares:
        columns += [column**2 for column in scaled.T]
        count = scaled.shape[1]
        columns += [scaled[:, i] * scaled[:, j] for i in range(count) for j in range(i)]
    return np.stack(columns, axis=1)
