"""What hours of watching prove: availability, and how rare false cases are at least. Pure."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import chi2

from fieldlab.app.thinning import NAMES_BY_NUMBER as NAMES
from fieldlab.app.thinning import Floats, Places

SILENT = "silent"
GAP = 3.0  # times the usual interval: longer than that, nobody was heard
WELL = ("normal", "watch")


def most_per_1000_h(cases: int, hours: float) -> float | None:
    """Return the upper 95 % bound of a rate of cases, per 1,000 hours; None without hours.

    Exact Poisson bound (Garwood 1936, Biometrika 28, 437): chi² of 0.95 with 2(n+1) degrees, / 2.

    >>> round(most_per_1000_h(0, 1000.0) or 0.0, 3)
    2.996
    """
    if hours <= 0:
        return None
    return 1000 * float(chi2.ppf(0.95, 2 * (cases + 1))) / 2 / hours


def spent_s(times_s: Floats, states: Places) -> dict[str, float]:
    """Return the seconds spent in each state, and those in which nothing was heard (`silent`).

    A judgement counts until the next one; after GAP times the usual interval it is silence.

    >>> spent_s(np.array([0.0, 10.0, 20.0, 30.0]), np.array([2, 2, 5, 2]))["normal"]
    20.0
    """
    found = dict.fromkeys((*NAMES, SILENT), 0.0)
    if len(times_s) < 2:
        return found
    steps_s = np.diff(times_s)
    usual_s = float(np.median(steps_s))
    held_s = np.where(steps_s > GAP * usual_s, usual_s, steps_s)
    for number, name in enumerate(NAMES):
        found[name] = float(held_s[states[:-1] == number].sum())
    found[SILENT] = float((steps_s - held_s).sum())
    return found


def figures(spent: dict[str, float], false: int, cases: int, proven: int) -> dict[str, object]:
    """Return what a stretch of time says of a machine.

    `availability_ratio` is the time that it ran healthy over all the time that it was heard after
    learning, standing still included: the availability of OEE (ISO 22400-2), without a plan.
    """
    heard_s = sum(spent[name] for name in NAMES if name != "learning")
    well_s = sum(spent[name] for name in WELL)
    judged_h = sum(spent[name] for name in (*WELL, "alarm")) / 3600
    return {
        "watched_h": heard_s / 3600, "judged_h": judged_h, "spent_s": spent,
        "availability_ratio": well_s / heard_s if heard_s > 0 else None,
        "cases": cases, "proven": proven, "false": false,
        "false_per_1000_h": 1000 * false / judged_h if judged_h > 0 else None,
        "false_most_per_1000_h": most_per_1000_h(false, judged_h),
    }  # fmt: skip


def usual_s(times_s: Sequence[float] | Floats) -> float:
    """Return the usual time from one row to the next, 0 without two rows."""
    return float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
