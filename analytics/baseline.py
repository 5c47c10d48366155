"""What is normal for this machine, given the conditions: a ridge regression per feature.

The spread is that of left-out residuals, and it widens where the conditions leave what was
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
_BLOCKS = 8  # of the learning stretch, for what is foretold and what comes
_BLOCK_RIDGE = 1e-3
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """A regression, and what it gets wrong in blocks of time that it did not see."""

    weights: Floats
    inverse: Floats
    left_out: Floats


def learn(rows: Floats, conditions: Floats, floor: Floats) -> tuple[Baseline, Floats]:
    """Return the normal of healthy rows, and their own left-out deviations.

    Each block of time is compared with what the others foretell (blocked cross-validation: Bergmeir
    and Benitez 2012, Inf. Sci. 191, 192): neighbouring windows are alike and would vouch for each
    other. Squares of the conditions are used where they foretell better than lines.

    Parameters
    ----------
    rows : (n, features) float
        NaN where a feature is missing.
    conditions : (n, k) float
    floor : (features,) float
        The least spread that is believed.
    """
    given = np.asarray(conditions, np.float64)
    centre = given.mean(axis=0)
    scale = np.maximum(given.std(axis=0), 1e-6 + 1e-3 * np.abs(centre))
    middle = medians(rows)
    filled = np.where(np.isfinite(rows), rows, middle) - middle
    squares = False
    fit = _fit(_design((given - centre) / scale, squares=False), filled)
    if len(rows) >= _SQUARES_FROM and _many(given):
        curved = _fit(_design((given - centre) / scale, squares=True), filled)
        squares = _error(curved.left_out, floor) < _error(fit.left_out, floor)
        fit = curved if squares else fit
    left_out = np.where(np.isfinite(rows), fit.left_out, np.nan)
    seen = np.maximum(1, np.isfinite(rows).sum(axis=0))
    spread = np.sqrt(np.nansum(left_out**2, axis=0) / seen)
    spread = np.maximum(spread * (1 + 1.0 / np.sqrt(2 * seen)), floor)
    fit.weights[0] += middle
    baseline = Baseline(
        centre=centre, scale=scale, low=given.min(axis=0), high=given.max(axis=0),
        squares=squares, weights=fit.weights, spread=spread, inverse=fit.inverse,
    )  # fmt: skip
    return baseline, left_out / spread


def medians(rows: Floats) -> Floats:
    """Return the median of each column of what is known in it; 0 where nothing is."""
    known = np.isfinite(rows).any(axis=0)
    out = np.zeros(rows.shape[1])
    out[known] = np.nanmedian(rows[:, known], axis=0)
    return out


def _fit(design: Floats, rows: Floats) -> _Fit:
    """Return the ridge regression of rows on a design, and its left-out residuals by block."""
    penalty = _RIDGE * np.eye(design.shape[1])
    penalty[0, 0] = 1e-6
    inverse = np.asarray(np.linalg.inv(design.T @ design + penalty), np.float64)
    weights = inverse @ (design.T @ rows)
    residuals = rows - design @ weights
    left_out = np.empty_like(residuals)
    for block in np.array_split(np.arange(len(rows)), min(len(rows), _BLOCKS)):
        part = design[block]
        own = np.eye(len(block)) * (1 + _BLOCK_RIDGE) - part @ inverse @ part.T
        left_out[block] = np.linalg.solve(own, residuals[block])
    return _Fit(weights=weights, inverse=inverse, left_out=left_out)


def _error(left_out: Floats, floor: Floats) -> float:
    """Return how wrong a fit is over all features, none of which may decide alone."""
    return float(np.mean(np.log(np.mean(left_out**2, axis=0) + floor**2)))


def _many(conditions: Floats) -> bool:
    return all(len(np.unique(np.round(column, 6))) >= _DISTINCT_FROM for column in conditions.T)


def _design(scaled: Floats, *, squares: bool) -> Floats:
    columns = [np.ones(len(scaled)), *scaled.T]
    if squares:
        columns += [column**2 for column in scaled.T]
        count = scaled.shape[1]
        columns += [scaled[:, i] * scaled[:, j] for i in range(count) for j in range(i)]
    return np.stack(columns, axis=1)
