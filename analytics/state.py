"""A sequential test with a budget: healthy residuals in, a limit out; then ratios to that limit.

Each stream is followed by an exponentially weighted moving average (Roberts 1959, Technometrics
1, 239). Its spread is that of an autocorrelated series (Schmid 1997, Metrika 46, 1); its limit is
a prediction limit of Student's t, because centre and spread come from a short learning stretch
(Jones, Champ and Rigdon 2001, Technometrics 43, 156). The chance of a crossing is shared by all
streams and sides, so that the average run length is at least what the budget asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from analytics.features.spectra import Floats

YEAR_S = 365.25 * 86_400
WEIGHT = 0.2  # of the newest window
MAX_LIMIT = 10.0  # spreads; a limit above it would hide real faults
_MOST_LIKE_BEFORE = 0.95  # autocorrelation that is believed
_LEAST_FREEDOM = 3.0
_ONE_SHARE = 0.75  # of the limit, that one window can add: it must not decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many false cases a year were asked for and can be kept, and the limit for it."""

    asked_per_year: float
    supported_per_year: float
    limit: float  # spreads of the moving average
    twice: float  # spreads of one window, for two in a row


def budget(
    false_cases_per_year: float,
    *,
    interval_s: float,
    streams: int,
    freedom: float,
    most: float = MAX_LIMIT,
) -> Budget:
    """Return the limit for a budget; a larger budget where the learning was too short for it.

    Parameters
    ----------
    false_cases_per_year : float
        What the machine's owner accepts.
    interval_s : float
        From window to window.
    streams : int
        Tests that run side by side; one with two sides counts twice.
    freedom : float
        Degrees of freedom of the learnt spread.
    most : float
        Spreads; a limit above it would hide real faults.

    >>> round(budget(1.0, interval_s=30.0, streams=2, freedom=500.0).limit, 1)
    5.1
    >>> short = budget(1.0, interval_s=1.0, streams=20, freedom=8.0)
    >>> short.limit, short.supported_per_year > 1.0
    (10.0, True)
    """
    tests_per_year = 2 * YEAR_S / max(interval_s, 1e-9) * max(streams, 1)
    freedom = max(freedom, _LEAST_FREEDOM)
    chance = min(0.25, false_cases_per_year / tests_per_year)
    limit, supported = float(stats.t.isf(chance, freedom)), false_cases_per_year
    if limit > most:
        chance = float(stats.t.sf(most, freedom))
        limit, supported = most, chance * tests_per_year
    return Budget(
        asked_per_year=false_cases_per_year,
        supported_per_year=supported,
        limit=limit,
        twice=float(stats.t.isf(np.sqrt(chance), freedom)),
    )


def likeness_before(series: Floats) -> Floats:
    """Return each column's correlation with the row before, as far as it is believed.

    Parameters
    ----------
    series : (n, k) float
    """
    if len(series) < 4:
        return np.zeros(series.shape[1])
    rest = series - series.mean(axis=0)
    power = np.maximum((rest**2).sum(axis=0), 1e-12)
    found = (rest[1:] * rest[:-1]).sum(axis=0) / power + 0.5 / np.sqrt(
        len(series)
    )  # half its own doubt
    return np.asarray(np.clip(found, 0.0, _MOST_LIKE_BEFORE), np.float64)


def freedom_of(series: Floats, used: float = 1.0) -> float:
    """Return the degrees of freedom of a healthy series: rows that tell something new.

    `used` is how many a fitted model took.
    """
    like = float(np.median(likeness_before(series))) if series.shape[1] else 0.0
    return max(_LEAST_FREEDOM, len(series) * (1 - like) / (1 + like) - used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Where the residuals of a healthy machine lie, from learning alone; see `calibrate`."""

    centre: Floats  # (k,)
    spread: Floats  # (k,) of one window
    average_spread: Floats  # (k,) of the moving average, in spreads of one window
    twice: Floats  # (k,) limit for two windows in a row, in spreads of one window
    limit: float
    asked_per_year: float
    supported_per_year: float

    def plain(self) -> dict[str, Any]:
        """Return the fields, to be saved."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Calibration":
        """Return what `plain` wrote."""
        found: dict[str, Any] = {
            name: np.asarray(plain[name], np.float64)
            for name in ("centre", "spread", "average_spread", "twice")
        }
        for name in ("limit", "asked_per_year", "supported_per_year"):
            found[name] = float(plain[name])
        return cls(**found)


def calibrate(
    series: Floats,
    *,
    interval_s: float,
    false_cases_per_year: float,
    sides: int = 1,
    used: float = 1.0,
) -> Calibration:
    """Return the calibration of a test from healthy residuals in order of time.

    Parameters
    ----------
    series : (n, k) float
        Residuals that did not help to learn what they are compared with (left out, or later).
    interval_s : float
        From window to window.
    false_cases_per_year : float
        The budget of all k streams together.
    sides : int
        1 if only a rise counts, 2 if a fall counts as well.
    used : float
        Degrees of freedom that the fitted normal took.
    """
    count, streams = series.shape
    freedom = freedom_of(series, used)
    found = budget(false_cases_per_year, interval_s=interval_s, streams=sides * streams,
                   freedom=freedom)  # fmt: skip
    centre = series.mean(axis=0)
    spread = np.maximum(series.std(axis=0, ddof=1 if count > 1 else 0), 1e-3)
    like = likeness_before(series)
    stretch = (1 + like) / (1 - like)  # how much fewer windows than they seem
    slow = like * (1 - WEIGHT)
    wander = WEIGHT / (2 - WEIGHT) * (1 + slow) / (1 - slow) + stretch / max(count, 1)
    return Calibration(
        centre=centre, spread=spread, average_spread=np.sqrt(wander),
        twice=found.twice * np.sqrt(stretch), limit=found.limit,
        asked_per_year=found.asked_per_year, supported_per_year=found.supported_per_year,
    )  # fmt: skip


class SequentialTest:
    """Follows residual streams with moving averages; its state is two numbers a stream.

    A change that is plain in two windows in a row need not wait for the average (a supplementary
    run rule: Champ and Woodall 1987, Technometrics 29, 393); each rule has half of the budget.
    """

    def __init__(self, calibration: Calibration) -> None:
        self.calibration = calibration
        self.average = np.zeros(len(calibration.centre))
        self.newest = np.zeros(len(calibration.centre))

    def step(self, residuals: Floats) -> Floats:
        """Take one window; return each stream's ratio to its limit, with its sign.

        Parameters
        ----------
        residuals : (k,) float
            NaN where nothing is known: that stream stays as it was.
        """
        now = self.scaled(residuals)
        move = now - self.average
        average = self.average + WEIGHT * np.where(np.isfinite(move), move, 0.0)
        now = np.nan_to_num(now)
        both = np.where(now * self.newest > 0, np.minimum(np.abs(now), np.abs(self.newest)), 0.0)
        plain = (both > self.calibration.twice) & (both > np.abs(average))
        self.average = np.where(plain, np.copysign(both, now), average)
        self.newest = now
        return self.ratios()

    def scaled(self, residuals: Floats) -> Floats:
        """Return residuals in spreads of one window, clipped: one window must not decide."""
        now = (residuals - self.calibration.centre) / self.calibration.spread
        most = _ONE_SHARE / WEIGHT * self.calibration.limit * self.calibration.average_spread
        return np.asarray(np.clip(now, -most, most), np.float64)

    def ratios(self) -> Floats:
        """Return each stream's ratio to its limit as it is now."""
        return self.average / (self.calibration.limit * self.calibration.average_spread)

    def raw(self) -> Floats:
        """Return the ratio that each stream would have if all windows were like the newest."""
        return self.newest / (self.calibration.limit * self.calibration.average_spread)

    def forget(self, share: float = 1.0) -> None:
        """Forget a share of what was gathered, after a repair or when an alarm clears."""
        self.average = self.average * (1.0 - share)
        self.newest = np.where(np.abs(self.newest) > 1.0, 0.0, self.newest)
