"""How fast a signal is modulated: envelope spectra of bands, as heights above their own floor."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from analytics.features.spectra import (
    TINY,
    Floats,
    hann,
    prewhitened,
    squared,
    squared_envelopes,
)

SPLITS = (1, 2, 4)  # the whole band, its halves, its quarters (Antoni 2007, MSSP 21, 108)
_LEAST_FLOOR_BINS = 15


def band_envelopes(samples: Floats, keep: int, *, splits: Sequence[int] = SPLITS) -> Floats:
    """Return the squared-envelope power spectra of all bands that are wide enough.

    The signal is prewhitened first.

    Parameters
    ----------
    samples : (n,) float
        Evenly spaced, mean removed.
    keep : int
        How many bins of 1/duration are wanted.
    splits : sequence of int
        Into how many bands the whole is cut, each time.

    Returns
    -------
    (bands, keep) float
    """
    white = prewhitened(samples)
    found = [np.empty((0, keep))]
    for split in splits:
        width = (len(white) - 1) // split
        if width < keep:
            break
        found.append(_envelope_powers(white[: split * width].reshape(split, width), keep))
    return np.concatenate(found)


def _envelope_powers(bands: npt.NDArray[np.complex128], keep: int) -> Floats:
    """Return the power spectra (k, keep) of the squared envelopes of bands (k, width)."""
    envelopes = squared_envelopes(bands, keep)
    envelopes -= envelopes.mean(axis=1, keepdims=True)
    envelopes *= hann(envelopes.shape[1])
    return squared(fft.rfft(envelopes)[:, :keep])


def heights_log(powers: Floats, floor_bins: int) -> Floats:
    """Return the log of spectra (k, bins) over their own running median, each bin best of three.

    >>> float(heights_log(np.ones((2, 40)), 15).max())
    0.0
    """
    width = max(_LEAST_FLOOR_BINS, floor_bins | 1)
    floors = [ndimage.median_filter(power, size=width, mode="nearest") for power in powers]
    heights = powers / np.maximum(floors, TINY)
    return np.log(np.maximum(ndimage.maximum_filter1d(heights, 3), 1e-6))
