"""How long a component will last: a Bayesian reading of its degradation path, with a 90 % band.

Model: at share u of the life the lines of a failure mode are sqrt(1 + (D s(u))²) times as loud as
normal, where s is the course of that mode (analytics/growth.py) and D how loud its end is. Onset,
share used, D and the shape of the course are not known; each has a prior. The posterior is found by
adaptive importance sampling with a tempered likelihood (Cappé et al. 2004, J. Comput. Graph. Stat.
13, 907) on fixed quasi-random numbers, so the same path gives the same forecast.

How loud the end of a life is differs most. The prior says 10 times, 4 to 27 times for nine of ten
parts. That is an assumption (of the simulator's lives, over all kinds), not a law: on a machine
whose parts are taken out earlier or later, remaining lives are shorter or longer in proportion.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from analytics.features.spectra import Floats
from analytics.growth import Course, course_of
from analytics.paths import Path
from fieldlab.core.messages import Forecast

MIN_POINTS = 8
_END_LOG, _END_SPREAD = 2.3, 0.6  # how loud the end is: log amplitude against normal
_STRAY = 0.3  # what the model may be wrong by at any time, log power
_DEGREES = 4.0  # of Student's t: a thump of the hall is no wear
_TOGETHER = 0.5  # neighbouring windows stray alike: the weight of each
_SAMPLES = 1024
_TEMPERS = (0.05, 0.25, 1.0, 1.0)
_LEAST_RISE = 0.3  # log power above normal, before anything is said
_LEAST_TREND = 0.8  # spreads of the slope above zero, since the onset
_ONSET_SHARE = 0.3  # of the present level


def forecast(machine_id: str, component: str, failure_mode: str | None, path: Path) -> Forecast:
    """Return how long a component will last, or a forecast without numbers while nothing grows.

    Parameters
    ----------
    machine_id, component, failure_mode
        Whose, and by which law it fails.
    path : Path
        How loud its own lines were, against normal.
    """
    at_s = float(path.times_s[-1]) if len(path.times_s) else 0.0
    unknown = Forecast(
        machine_id=machine_id, component=component, failure_mode=failure_mode, t_s=at_s
    )
    if not has_trend(path):
        return unknown
    low_s, middle_s, high_s = _remaining_s(path, course_of(failure_mode))
    return replace(unknown, remaining_s=middle_s, low_s=low_s, high_s=high_s)


def under_load(known: Forecast, load_ratio: float) -> Forecast:
    """Return the same forecast for a load that is `load_ratio` times the present one.

    Raises
    ------
    ValueError
        If the ratio is not above 0.
    """
    if not load_ratio > 0:
        raise ValueError(f"load_ratio is {load_ratio}; give a number above 0")
    if known.remaining_s is None or known.low_s is None or known.high_s is None:
        return known
    times = load_ratio ** -course_of(known.failure_mode).load_exponent
    return replace(
        known,
        remaining_s=times * known.remaining_s,
        low_s=times * known.low_s,
        high_s=times * known.high_s,
    )


def has_trend(path: Path) -> bool:
    """Whether the level is above normal and, since it left it, still rises."""
    if len(path.levels) < MIN_POINTS:
        return False
    now = float(np.mean(path.levels[-MIN_POINTS // 2 :]))
    if now < _LEAST_RISE:
        return False
    below = np.flatnonzero(path.levels[:-MIN_POINTS] < _ONSET_SHARE * now)
    onset = int(below[-1]) + 2 if len(below) else 0  # the next one may hold the onset itself
    times_s, levels, weights = (
        values[onset:] for values in (path.times_s, path.levels, path.windows)
    )
    weights = weights / weights.sum()
    apart_s = times_s - weights @ times_s
    spread = float(weights @ apart_s**2)
    slope = float(weights @ (apart_s * levels)) / max(spread, 1e-12)
    rest = levels - weights @ levels - slope * apart_s
    doubt = np.sqrt(float(weights @ rest**2) / max(spread, 1e-12) / max(len(levels) - 2, 1))
    return bool(slope > _LEAST_TREND * doubt)


@dataclass(frozen=True, slots=True)
class _Lives:
    """(samples,) lives that could be behind a path."""

    used: Floats  # share of the life used by now
    onset: Floats  # where in the watched time it began, 0 to 1
    end_log: Floats
    shape: Floats


def _remaining_s(path: Path, course: Course) -> tuple[float, float, float]:
    """Return the 5, 50 and 95 % points of the remaining life."""
    watched_s = path.times_s[-1] - path.times_s[0]
    mean, covariance = np.zeros(4), np.eye(4)
    lives, weights = _lives(mean[None], course), np.ones(1)
    for temper in _TEMPERS:
        root = np.linalg.cholesky(covariance)
        steps = _normals()
        places = mean + steps @ root.T
        lives = _lives(places, course)
        log_weights = temper * _log_likelihood(path, lives, course) + 0.5 * np.sum(
            steps**2 - places**2, axis=1
        )
        weights = np.exp(log_weights - log_weights.max())
        weights /= weights.sum()
        mean = weights @ places
        away = places - mean
        covariance = 1.3 * (away.T * weights) @ away + 1e-3 * np.eye(4)
    left_s = watched_s * (1.0 - lives.onset) * (1.0 - lives.used) / lives.used
    order = np.argsort(left_s)
    low, middle, high = np.interp(
        (0.05, 0.5, 0.95), np.cumsum(weights[order]), left_s[order]
    ).tolist()
    return low, middle, high


@cache
def _normals() -> Floats:
    """Return (samples, 4) quasi-random standard normals, always the same."""
    uniform = qmc.Sobol(d=4, scramble=True, rng=np.random.default_rng(1)).random(_SAMPLES)
    return np.asarray(ndtri(uniform), np.float64)


def _lives(places: Floats, course: Course) -> _Lives:
    """Return lives whose prior is standard normal in (samples, 4) `places`."""
    return _Lives(
        0.01 + 0.985 * ndtr(places[:, 0]),
        0.97 * ndtr(places[:, 1]),
        _END_LOG + _END_SPREAD * places[:, 2],
        course.shape + course.spread * places[:, 3],
    )


def _log_likelihood(path: Path, lives: _Lives, course: Course) -> Floats:
    since = (path.times_s - path.times_s[0]) / (path.times_s[-1] - path.times_s[0])
    length = (1.0 - lives.onset) / lives.used
    used = np.clip((since[None] - lives.onset[:, None]) / length[:, None], 0.0, 1.0)
    severity = course.severity(used, lives.shape[:, None])
    expected = np.log1p(np.exp(2.0 * lives.end_log)[:, None] * severity**2)
    away = (path.levels[None] - expected) / _spread(path)[None]
    likely = -0.5 * (_DEGREES + 1.0) * np.log1p(away**2 / _DEGREES)
    return np.asarray(_TOGETHER * likely.sum(axis=1), np.float64)


def _spread(path: Path) -> Floats:
    """Return how far each point strays: the scatter from point to point, and the model's error."""
    steps = np.diff(path.levels) / np.sqrt(1.0 / path.windows[1:] + 1.0 / path.windows[:-1])
    scatter = float(np.mean(np.clip(steps, -1.5, 1.5) ** 2))
    return np.asarray(np.sqrt(scatter / path.windows + _STRAY**2), np.float64)
