"""How damage grows over the life of a part: one course for each failure mode, with its doubt.

A course gives the severity (0 as new, 1 at the end) for the share of life that is used. Its one
shape number is not known of a part, only where it usually lies:

- wear of flanks, bushings, rollers, belts: in proportion to the work (Archard 1953, J. Appl. Phys.
  24, 981); life falls with the load.
- cracks in teeth and blades: hyperbolic for an exponent of 4 (Paris and Erdogan 1963, J. Basic Eng.
  85, 528); life falls with the load to the 4th power.
- spalls in rolling bearings: exponential (Kotzalas and Harris 2001, J. Tribology 123, 236); life
  falls with the load to the 3rd power (ISO 281 for balls).
- bolts that lose preload: fast, then slower (Junker 1969, SAE 690055).
- supports that creep out of line: a power below 1 of time (Findley 1944).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analytics.features.spectra import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How severity follows from the share of life used, for shapes that lie about `shape`."""

    severity: Callable[[Floats, Floats], Floats]  # (share used, shape) to severity
    shape: float
    spread: float
    load_exponent: float


def _power(used: Floats, shape: Floats) -> Floats:
    return np.asarray(used ** np.exp(shape), np.float64)


def _exponential(used: Floats, shape: Floats) -> Floats:
    return np.asarray(np.expm1(shape * used) / np.expm1(shape), np.float64)


def _hyperbolic(used: Floats, shape: Floats) -> Floats:
    """Return the growth of a crack whose first length is 1 - b of its last; shape = logit b."""
    b = 1.0 / (1.0 + np.exp(-shape))
    return np.asarray((1.0 / (1.0 - b * used) - 1.0) / (1.0 / (1.0 - b) - 1.0), np.float64)


WEAR = Course(severity=_power, shape=0.0, spread=0.15, load_exponent=1.0)
CRACK = Course(severity=_hyperbolic, shape=1.7, spread=0.5, load_exponent=4.0)
SPALL = Course(severity=_exponential, shape=3.5, spread=1.0, load_exponent=3.0)
LOOSENING = Course(severity=_exponential, shape=-2.0, spread=0.5, load_exponent=1.0)
CREEP = Course(severity=_power, shape=-0.7, spread=0.25, load_exponent=1.0)

COURSES: dict[str, Course] = {
    "tooth-damage": CRACK, "blade-damage": CRACK,
    "outer-race": SPALL, "inner-race": SPALL, "rolling-element": SPALL,
    "looseness": LOOSENING, "misalignment": CREEP,
}  # fmt: skip


def course_of(failure_mode: str | None) -> Course:
    """Return the course of a failure mode; that of wear for all that has no law of its own."""
    return COURSES.get(failure_mode or "", WEAR)
