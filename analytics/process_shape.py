"""When in its cycle a machine differs: all along, at one moment, or at many.

A pump that leaks delivers less all along; a valve shows when it switches (at one moment of the
cycle, or all along when it no longer moves); what stores or damps shows at every change of load.
(Features over the moments of a work cycle: Helwig, Pignanelli and Schütze 2015, IEEE I2MTC, 210.)
"""

from typing import Literal

import numpy as np

from analytics.features.spectra import Floats

Shape = Literal["all-along", "one-moment", "many-moments"]

_ALL_ALONG = 0.5  # share of the deviation that a single shift explains
_ONE_MOMENT = 0.75  # share of what stands out that lies in one moment
_MOMENT_RATIO = 0.05  # how long a moment is, in cycles
_NOISE = 2.0  # spreads

PLAUSIBLE: dict[tuple[str, Shape], float] = {
    ("valve", "one-moment"): 1.0, ("valve", "many-moments"): 0.3, ("valve", "all-along"): 0.8,
    ("pump", "one-moment"): 0.1, ("pump", "many-moments"): 0.1, ("pump", "all-along"): 1.0,
}  # fmt: skip
OTHERWISE: dict[Shape, float] = {"one-moment": 0.3, "many-moments": 1.0, "all-along": 1.0}


def plausible(kind: str, shape: Shape) -> float:
    """Return how well a kind of component explains a shape, 0 to 1."""
    return PLAUSIBLE.get((kind, shape), OTHERWISE[shape])


def shape_of(moments: Floats) -> Shape:
    """Return when in the cycle the sensors differ.

    Parameters
    ----------
    moments : (sensors, moments) float
        Deviations in spreads.

    >>> import numpy as np
    >>> course = np.zeros((1, 60)); course[0, 10] = 8.0
    >>> shape_of(course), shape_of(np.full((1, 60), -5.0))
    ('one-moment', 'all-along')
    """
    energy = (moments**2).sum(axis=1)
    shift = moments.sum(axis=1) ** 2 / moments.shape[1]
    if float(shift.sum()) > _ALL_ALONG * float(energy.sum()):
        return "all-along"
    out = np.clip(moments**2 - _NOISE**2, 0.0, None).sum(axis=0)
    width = max(1, round(_MOMENT_RATIO * len(out)))
    most = float(np.convolve(out, np.ones(width), mode="same").max())
    return "one-moment" if most > _ONE_MOMENT * float(out.sum()) else "many-moments"
