"""A window of numbers to rows: each sensor's level, and its course through a work cycle."""

import numpy as np

from analytics.features.spectra import Floats
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Window

BINS = 60
MIN_SAMPLES = 12  # of a window that can show a course
_WHOLE_RATIO = 0.8  # of the usual samples; with fewer a course is not known


class Reader:
    """Reads the scalar sensors of one machine that judge it, not those that drive it."""

    def __init__(self, machine: Machine) -> None:
        self.sensors = tuple(
            name for name, sensor in machine.sensors.items()
            if not sensor.is_wave and not sensor.is_condition
        )  # fmt: skip
        self.is_cause = np.array(
            [machine.sensors[name].quantity == "temperature" for name in self.sensors], bool
        )
        self.bins = 0  # how fine a course is, known once a window had enough samples

    def levels(self, window: Window) -> Floats:
        """Return the mean of each sensor, NaN where it said nothing.

        Returns
        -------
        (len(self.sensors),) float
        """
        out = np.full(len(self.sensors), np.nan)
        for at, name in enumerate(self.sensors):
            values = window.scalars.get(name)
            if values is not None and np.isfinite(values).any():
                out[at] = np.nanmean(values)
        return out

    def tune(self, window: Window) -> None:
        """Make courses as fine as the samples of a healthy window allow."""
        count = max((len(window.scalars.get(name, ())) for name in self.sensors), default=0)
        if count >= MIN_SAMPLES:
            self.bins = min(BINS, max(count, self.bins))

    def courses(self, window: Window) -> Floats:
        """Return each sensor's course through the window, NaN where too few samples came.

        Returns
        -------
        (len(self.sensors), self.bins) float
        """
        counts = [len(window.scalars.get(name, ())) for name in self.sensors]
        out = np.full((len(self.sensors), self.bins), np.nan)
        for at, name in enumerate(self.sensors):
            if self.bins and counts[at] >= _WHOLE_RATIO * self.bins:
                out[at] = _binned(window.scalars[name], self.bins)
        return out


def _binned(values: Floats, bins: int) -> Floats:
    """Return the means of `bins` equal parts; a part of a sample counts as that part."""
    if len(values) == bins:
        return np.asarray(values, np.float64)
    edges = np.linspace(0.0, len(values), bins + 1)
    total = np.interp(edges, np.arange(len(values) + 1), np.concatenate([[0.0], values.cumsum()]))
    return np.asarray(np.diff(total) * bins / len(values), np.float64)
