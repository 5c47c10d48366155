"""What is remembered while learning: rows of features, the conditions they were seen under."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.features.spectra import Floats

MIN_WINDOWS = 8
MAX_BYTES = 600_000


class Learning:
    """Healthy windows; thinned out by halves when there are too many to keep."""

    def __init__(self) -> None:
        self._rows: list[npt.NDArray[np.float32]] = []
        self._conditions: list[Floats] = []
        self._windows = 0
        self._stride = 1
        self._first_s = self._last_s = 0.0

    def add(self, t_s: float, row: Floats, conditions: Floats) -> None:
        """Remember a healthy window."""
        if not self._windows:
            self._first_s = t_s
        self._last_s = t_s
        if self._windows % self._stride == 0:
            self._rows.append(np.asarray(row, np.float32))
            self._conditions.append(conditions)
        self._windows += 1
        if len(self._rows) * 4 * (len(row) + len(conditions)) > MAX_BYTES:
            self._rows, self._conditions = self._rows[::2], self._conditions[::2]
            self._stride *= 2

    @property
    def is_enough(self) -> bool:
        """Whether there is enough to learn from."""
        return len(self._rows) >= MIN_WINDOWS

    @property
    def interval_s(self) -> float:
        """From window to window, on average."""
        return (self._last_s - self._first_s) / max(1, self._windows - 1)

    def take(self) -> tuple[Floats, Floats]:
        """Return (n, features) rows and (n, k) conditions, and forget them."""
        found = np.array(self._rows, np.float64), np.array(self._conditions)
        self._rows, self._conditions = [], []
        return found

    def plain(self) -> dict[str, Any]:
        """Return all as arrays and numbers, to be saved."""
        return {
            "rows": np.array(self._rows, np.float32),
            "conditions": np.array(self._conditions, np.float64),
            "counts": np.array([self._windows, self._stride, self._first_s, self._last_s]),
        }  # fmt: skip

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self._rows, self._conditions = list(plain["rows"]), list(plain["conditions"])
        windows, stride, self._first_s, self._last_s = (float(x) for x in plain["counts"])
        self._windows, self._stride = int(windows), int(stride)
