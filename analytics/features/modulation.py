"""How fast a signal is modulated: envelope spectra of bands, as heights above their own floor."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from analytics.features.spectra import TINY, Floats, hann

SPLITS = (1, 2, 4)  # the whole band, its halves, its quarters (Antoni 2007, MSSP 21, 108)
_LEAST_FLOOR_BINS = 15


def band_envelopes(samples: Floats, keep: int) -> dict[tuple[int, int], Floats]:
    """Return the squared-envelope power spectra of all bands that are wide enough.

    The signal is prewhitened first: each bin is divided by its own magnitude (Borghesani et al.
    2013, MSSP 36, 370), so that lines of shafts and gears weigh no more than the rest.

    Parameters
    ----------
    samples : (n,) float
        Evenly spaced, mean removed.
    keep : int
        How many bins of 1/duration are wanted.

    Returns
    -------
    dict of (split, number) to (keep,) float
    """
    spectrum = fft.rfft(samples)
    size = np.abs(spectrum)
    white = spectrum / np.maximum(size, 1e-9 * float(size.max()) + TINY)
    white[0] = 0.0
    found: dict[tuple[int, int], Floats] = {}
    for split in SPLITS:
        width = (len(white) - 1) // split
        if width < keep:
            break
        for number in range(split):
            part = white[number * width : (number + 1) * width]
            found[split, number] = _envelope_power(part, keep)
    return found


def _envelope_power(part: npt.NDArray[np.complex128], keep: int) -> Floats:
    """Return the power spectrum of the squared magnitude of a band, cut out of a spectrum.

    The length is what keeps the wanted bins free of the others, which fold back onto each other.
    """
    count = fft.next_fast_len(len(part) + keep + 1)
    envelope = np.abs(fft.ifft(part, count)) ** 2
    envelope -= envelope.mean()
    return np.asarray(np.abs(fft.rfft(envelope * hann(count))[:keep]) ** 2, np.float64)


def heights_log(power: Floats, floor_bins: int) -> Floats:
    """Return the log of a spectrum over its own running median, each bin the best of three.

    >>> float(heights_log(np.ones(40), 15).max())
    0.0
    """
    width = max(_LEAST_FLOOR_BINS, floor_bins | 1)
    floor = ndimage.median_filter(power, size=width, mode="nearest")
    heights = power / np.maximum(floor, TINY)
    return np.log(np.maximum(ndimage.maximum_filter1d(heights, 3), 1e-6))


def mean_bands(
    blocks: Sequence[dict[tuple[int, int], Floats]],
) -> dict[tuple[int, int], Floats]:
    """Return the mean spectrum of each band over blocks of equal length."""
    return {key: np.mean([block[key] for block in blocks], axis=0) for key in blocks[0]}
