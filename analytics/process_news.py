"""Which sensors were read anew in a window: an analyser holds its last value between samples.

A value that is held is no measurement, and what it seems to confirm was not seen. Such sensors are
known from learning: they change at a steady interval only, all of one analyser at once.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.features.spectra import Floats

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_STEADY_SHARE = 0.9  # of the changes, that come at the same place of the interval
_MIN_CHANGES = 10


class News:
    """Tells of each window which sensors were read anew.

    Parameters
    ----------
    learnt : mapping
        `groups` as found by `read_together`, `last` the levels that learning ended with.
    """

    def __init__(self, learnt: Mapping[str, Any]) -> None:
        self._groups = np.asarray(learnt["groups"], np.int64)
        self._last = np.asarray(learnt["last"], np.float64)

    def step(self, levels: Floats) -> Bools:
        """Take one window; return which of its sensors were read anew.

        Parameters
        ----------
        levels : (sensors,) float
            NaN where a sensor said nothing: it was not read.
        """
        known = np.isfinite(levels)
        before, self._last = self._last, np.where(known, levels, self._last)
        anew = read_anew(np.stack([before, self._last]), self._groups)[0]
        return np.asarray(anew & known, bool)

    def plain(self) -> dict[str, Any]:
        """Return what was learnt and is remembered, to be saved."""
        return {"groups": self._groups, "last": self._last}


def read_together(levels: Floats) -> Ints:
    """Return a number for each sensor: 0 if read at every window, else that of its analyser.

    Parameters
    ----------
    levels : (n, sensors) float
        A healthy stretch in order of time.

    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(size=(60, 3))
    >>> noise[:, 1:] = np.repeat(noise[::5, 1:], 5, axis=0)
    >>> read_together(noise).tolist()
    [0, 1, 1]
    """
    rhythms = [_rhythm(np.flatnonzero(np.diff(column)) + 1) for column in levels.T]
    held = sorted({rhythm for rhythm in rhythms if rhythm is not None})
    return np.array([0 if r is None else 1 + held.index(r) for r in rhythms], np.int64)


def read_anew(levels: Floats, groups: Ints) -> Bools:
    """Return which sensors were read anew in each row but the first.

    Parameters
    ----------
    levels : (n, sensors) float
    groups : (sensors,) int
        What `read_together` found.

    Returns
    -------
    (n - 1, sensors) bool
    """
    changed = np.asarray(np.diff(levels, axis=0) != 0, bool)
    out = np.ones_like(changed)
    for group in np.unique(groups[groups > 0]):
        own = np.flatnonzero(groups == group)
        out[:, own] = np.any(changed[:, own], axis=1, keepdims=True)
    return out


def _rhythm(changes: npt.NDArray[np.intp]) -> tuple[int, int] | None:
    """Return the interval and the place in it where a held value changes; None if it is read."""
    if len(changes) < _MIN_CHANGES:
        return None
    interval = int(np.median(np.diff(changes)))
    if interval < 2:
        return None
    counts = np.bincount(changes % interval, minlength=interval)
    return (interval, int(counts.argmax())) if counts.max() > _STEADY_SHARE * counts.sum() else None
