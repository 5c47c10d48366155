"""The degradation paths of a machine: how loud each failure mode's own lines were, since always.

An exponential histogram (Datar et al. 2002, SIAM J. Comput. 31, 1794): the newest windows one by
one, older ones as means of two, four, eight …, so that a fault of an hour and one of a year are
both seen and the memory stays small: about 8 points for every doubling of the time watched.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analytics.features.spectra import Floats

PER_SIZE = 8  # points of each size that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """How one failure mode's level went: (points,) times, mean levels, and windows in each."""

    times_s: Floats
    levels: Floats  # log of the power of its lines against their normal under these conditions
    windows: Floats


class Paths:
    """All paths of one machine, with their times in common.

    Parameters
    ----------
    width : int
        How many paths.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._rows: list[Floats] = []  # oldest first: windows, time, levels…

    def add(self, t_s: float, levels: Floats) -> None:
        """Add a window's (width,) levels; one that is not known (NaN) is taken as normal."""
        self._rows.append(np.concatenate([[1.0, t_s], np.nan_to_num(levels)]))
        size = 1.0
        while True:
            places = [at for at, row in enumerate(self._rows) if row[0] == size]
            if len(places) <= PER_SIZE:
                return
            first, second = places[:2]
            mean = (self._rows[first] + self._rows[second]) / 2
            mean[0] = size = 2 * size
            self._rows[first : second + 1] = [mean]

    def of(self, number: int) -> Path:
        """Return one path."""
        rows = self.plain()
        return Path(times_s=rows[:, 1], levels=rows[:, 2 + number], windows=rows[:, 0])

    def forget(self, numbers: Iterable[int]) -> None:
        """Take what these paths were as normal: another part is in the machine."""
        places = [2 + number for number in numbers]
        for row in self._rows:
            row[places] = 0.0

    def none(self) -> Path:
        """Return a path without points."""
        return Path(times_s=np.empty(0), levels=np.empty(0), windows=np.empty(0))

    def plain(self) -> Floats:
        """Return the points as one array, to be saved."""
        return np.array(self._rows).reshape(len(self._rows), self._width + 2)

    @classmethod
    def of_plain(cls, rows: Floats) -> "Paths":
        """Return what `plain` wrote."""
        paths = cls(rows.shape[1] - 2)
        paths._rows = list(np.asarray(rows, np.float64))
        return paths
