"""Machines with a work cycle: whether a cycle is as the learnt ones, at its temperature.

A sensor that the cycle drives (pressure, flow) is compared moment by moment; all sensors by their
mean. Slow drift is explained by its cause: every number is a line in the machine's own warmth (the
mean of its temperatures), and where this warmth was not seen in learning, what warmth changes is
believed less, in proportion to how much it changes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.features.spectra import Floats

LIMIT = 3.5  # spreads of a moment
LEVEL_LIMIT = 6.0  # spreads of a level, along a symptom table
MIN_CYCLES = 8
_DRIVEN_RATIO = 10.0  # the course varies so much more than a moment scatters
_EDGE = 2  # moments at the begin that may still belong to the cycle before
_PRIOR = 4.0  # cycles that the scatter of the whole course counts for at each moment
_FLOOR_RATIO = 0.005  # of the course's range: a moment is not known better
_LEVEL_FLOOR_RATIO = 0.002  # of a level
_RIDGE = 0.3
_UNSEEN = 1.0  # of the change with warmth, per spread of warmth from what was seen
_FAR = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleSpreads:
    """How far one cycle is from the learnt ones, in spreads."""

    moments: Floats  # (driven sensors, moments)
    levels: Floats  # (sensors,) given the warmth
    plain_levels: Floats  # (sensors,) against all that was seen, whatever the warmth


class Cycle:
    """The learnt course of a cycle.

    Parameters
    ----------
    learnt : mapping
        What `learn_cycle` found.
    """

    def __init__(self, learnt: Mapping[str, Floats]) -> None:
        self._learnt = dict(learnt)
        self.driven = np.asarray(learnt["driven"], np.int64)
        self.limit = float(learnt["limit"])

    def spreads(self, courses: Floats, levels: Floats) -> CycleSpreads | None:
        """Return how far a cycle is from normal; None if a driven sensor is missing.

        Parameters
        ----------
        courses : (sensors, moments) float
        levels : (sensors,) float
        """
        found = self._learnt
        moments = courses[self.driven, _EDGE:]
        if not np.isfinite(moments).all():
            return None
        warmth = warmth_of(levels, found)
        numbers = np.concatenate([moments.ravel(), levels])
        away, spread = _away(numbers, warmth, found, found["warmths"])
        count = moments.size
        far = np.clip(away / spread, -_FAR, _FAR)
        plain = (levels - found["plain_centre"]) / found["plain_spread"]
        return CycleSpreads(
            moments=far[:count].reshape(moments.shape), levels=far[count:],
            plain_levels=np.clip(plain, -_FAR, _FAR),
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """Return what was learnt, to be saved."""
        return dict(self._learnt)

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Cycle":
        """Return what `plain` wrote."""
        return cls(plain)


def warmth_of(levels: Floats, found: Mapping[str, Floats]) -> float:
    """Return the mean of the temperatures in spreads of learning; 0 where there is none."""
    warm = (levels - found["warm_centre"]) / found["warm_spread"]
    warm = warm[np.asarray(found["is_cause"], bool) & np.isfinite(warm)]
    return float(warm.mean()) if len(warm) else 0.0


def learn_cycle(
    courses: Floats, levels: Floats, is_cause: npt.NDArray[np.bool_]
) -> dict[str, Floats] | None:
    """Return what healthy cycles say; None if no sensor follows the cycle.

    Parameters
    ----------
    courses : (n, sensors, moments) float
    levels : (n, sensors) float
    is_cause : (sensors,) bool
        The temperatures: they say how warm the machine is.
    """
    if len(courses) < MIN_CYCLES or courses.shape[2] <= _EDGE:
        return None
    courses = courses[:, :, _EDGE:]
    complete = np.isfinite(courses).all(axis=(0, 2))
    found: dict[str, Floats] = {
        "is_cause": is_cause.astype(np.float64), "warm_centre": levels.mean(axis=0),
        "warm_spread": np.maximum(levels.std(axis=0), 1e-9),
        "plain_centre": levels.mean(axis=0),
        "plain_spread": np.maximum(levels.std(axis=0, ddof=1), _level_floor(levels)),
    }  # fmt: skip
    found["warmths"] = np.array([warmth_of(row, found) for row in levels])
    driven = np.flatnonzero(_follow(courses, found["warmths"]) & complete & ~is_cause)
    if not len(driven):
        return None
    found["driven"] = driven.astype(np.float64)
    numbers = np.concatenate([courses[:, driven].reshape(len(courses), -1), levels], axis=1)
    floor = np.concatenate([_moment_floor(courses[:, driven]), _level_floor(levels)])
    sizes = [courses.shape[2]] * len(driven) + [1] * levels.shape[1]
    found |= _lines(numbers, found["warmths"], floor, np.repeat(np.arange(len(sizes)), sizes))
    found["limit"] = np.array(max(LIMIT, _greatest(numbers, found, courses[:, driven].size)))
    return found


def _follow(courses: Floats, warmths: Floats) -> npt.NDArray[np.bool_]:
    """Return which sensors vary far more through a cycle than from cycle to cycle."""
    varies = courses.mean(axis=0).std(axis=1)
    left = courses - courses.mean(axis=0)
    slope = np.einsum("i,ijk->jk", warmths, left) / (float(warmths @ warmths) + _RIDGE)
    scatter = np.median((left - warmths[:, None, None] * slope).std(axis=0), axis=1)
    return np.asarray(varies > _DRIVEN_RATIO * np.maximum(scatter, 1e-12), bool)


def _lines(numbers: Floats, warmths: Floats, floor: Floats, group: Floats) -> dict[str, Floats]:
    """Return each number as a line in warmth, and its spread from left-out cycles."""
    design = np.stack([np.ones(len(warmths)), warmths], axis=1)
    inverse = np.linalg.inv(design.T @ design + np.diag([1e-6, _RIDGE]))
    weights = inverse @ (design.T @ numbers)
    hat = np.einsum("ij,jk,ik->i", design, inverse, design)
    left_out = (numbers - design @ weights) / np.maximum(1 - hat, 0.1)[:, None]
    own = (left_out**2).mean(axis=0)
    pooled = np.array([np.median(own[group == one]) for one in np.unique(group)])[group]
    count = len(numbers)
    variance = (count * own + _PRIOR * pooled) / (count + _PRIOR)
    return {"weights": weights, "inverse": inverse, "left_out": left_out,
            "variance": np.maximum(variance, floor**2)}  # fmt: skip


def _away(
    numbers: Floats, warmth: float, found: Mapping[str, Floats], seen: Floats
) -> tuple[Floats, Floats]:
    terms = np.array([1.0, warmth])
    weights = found["weights"]
    leverage = float(terms @ found["inverse"] @ terms)
    unseen = float(np.abs(seen - warmth).min())
    variance = found["variance"] * (1 + min(leverage, 25.0))
    spread = np.sqrt(variance + (_UNSEEN * weights[1] * unseen) ** 2)
    return numbers - terms @ weights, spread


def _greatest(numbers: Floats, found: dict[str, Floats], moments: int) -> float:
    """Return the limit that the left-out cycles of learning ask for; 0 is none."""
    left_out = found.pop("left_out")
    spread = np.sqrt(found["variance"])
    greatest = np.abs(left_out / spread)[:, : moments // len(numbers)].max(axis=1)
    return 1.3 * float(np.sort(greatest)[-2])


def _moment_floor(courses: Floats) -> Floats:
    middle = courses.mean(axis=0)
    floor = _FLOOR_RATIO * (middle.max(axis=1) - middle.min(axis=1))
    return np.asarray(np.repeat(floor, middle.shape[1]) + 1e-9, np.float64)


def _level_floor(levels: Floats) -> Floats:
    return np.asarray(_LEVEL_FLOOR_RATIO * np.abs(levels.mean(axis=0)) + 1e-9, np.float64)
