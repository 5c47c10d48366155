"""A long history as few points, without losing what matters: extremes and alarms stay. Pure."""

import numpy as np
import numpy.typing as npt

from fieldlab.core.messages import State

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
PER_BUCKET = 3  # the lowest, the highest, and the worst state
GRAVE: dict[State, int] = {
    "learning": 0, "unknown": 1, "normal": 2, "watch": 3, "sensor-fault": 4, "alarm": 5,
}  # fmt: skip
NAMES_BY_NUMBER = tuple(GRAVE)


def kept(times_s: Floats, values: Floats, states: Places, points: int) -> Places:
    """Return which rows to show: at most `points`, in order.

    The time is cut in equal parts; each part keeps its lowest and its highest value and the highest
    value of its gravest state, so that neither a peak nor a single alarm vanishes.

    Parameters
    ----------
    times_s : (n,) float, in order
    values : (n,) float, NaN where nothing is known
    states : (n,) int, as GRAVE has them
    points : int
        At least 2 + PER_BUCKET.

    Examples
    --------
    >>> quiet = np.zeros(1000); peak = quiet.copy(); peak[437] = 9.0
    >>> 437 in kept(np.arange(1000.0), peak, quiet.astype(int), 20)
    True
    """
    count = len(times_s)
    if count <= points:
        return np.arange(count)
    buckets = max(1, (points - 2) // PER_BUCKET)
    span_s = max(float(times_s[-1] - times_s[0]), 1e-9)
    part = np.minimum((times_s - times_s[0]) / span_s * buckets, buckets - 1).astype(np.int64)
    low, high = np.nan_to_num(values, nan=np.inf), np.nan_to_num(values, nan=-np.inf)
    chosen = [np.array([0, count - 1])]
    for order in (
        np.lexsort((low, part)), np.lexsort((-high, part)), np.lexsort((-high, -states, part)),
    ):  # fmt: skip
        starts = np.flatnonzero(np.diff(part[order], prepend=-1))
        chosen.append(order[starts])
    return np.unique(np.concatenate(chosen))
