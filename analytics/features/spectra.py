"""Spectra of a block of samples: power, squared envelope, lines and bands."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import fft

Floats = npt.NDArray[np.float64]
TINY = 1e-20


@lru_cache(maxsize=64)
def hann(count: int) -> Floats:
    """Return the Hann window of a length; windows of one machine have few lengths."""
    window = np.hanning(count)
    window.flags.writeable = False
    return np.asarray(window, np.float64)


def squared(values: npt.NDArray[np.complex128]) -> Floats:
    """Return the squared magnitudes, without the roots that `abs` would draw."""
    return np.asarray(values.real**2 + values.imag**2, np.float64)


def power_spectrum(samples: Floats) -> Floats:
    """Return the Hann-windowed power in each bin of 1/duration.

    Parameters
    ----------
    samples : (n,) float
        Evenly spaced, mean removed, n >= 8.

    Returns
    -------
    (n // 2 + 1,) float
        A sine of amplitude A gives A²/2 summed over its three bins.
    """
    count = len(samples)
    taper = hann(count + 1)[:-1]
    spectrum = fft.rfft(samples * taper)
    scale = 2.0 / (count * float(np.sum(taper**2)))
    return squared(spectrum) * scale + TINY


def prewhitened(samples: Floats) -> npt.NDArray[np.complex128]:
    """Return the spectrum with each bin divided by its own magnitude; none at zero.

    So gears and resonances weigh no more than the rest (Borghesani et al. 2013, MSSP 36, 370).
    """
    spectrum = fft.rfft(samples)
    size = np.abs(spectrum)
    white = spectrum / np.maximum(size, 1e-9 * float(size.max()) + TINY)
    white[0] = 0.0
    return np.asarray(white, np.complex128)


def squared_envelopes(bands: npt.NDArray[np.complex128], keep: int) -> Floats:
    """Return the squared envelopes of bands that were cut out of a spectrum.

    They are as short as keeps the first bins of their own spectra free of the others, which fold
    back onto each other.

    Parameters
    ----------
    bands : (..., width) complex
    keep : int
        How many bins are wanted.

    Returns
    -------
    (..., samples) float
    """
    return squared(fft.ifft(bands, fft.next_fast_len(bands.shape[-1] + keep + 1)))


def envelope_spectrum(samples: Floats, keep: int) -> Floats:
    """Return the power spectrum of the squared envelope after cepstrum prewhitening.

    The mean square is scaled to one.

    Parameters
    ----------
    samples : (n,) float
    keep : int
        How many bins of 1/duration are wanted.

    Returns
    -------
    (keep,) float
    """
    envelope = squared_envelopes(prewhitened(samples), keep)
    envelope /= float(envelope.mean()) + TINY
    return power_spectrum(envelope - 1.0)[:keep]


def line_power(cumulative: Floats, at_bins: Floats, *, half_width: Floats | float = 1.0) -> Floats:
    """Return the power around each place (in bins); `cumulative` is the running sum of power."""
    last = len(cumulative) - 2
    low = np.clip(np.round(at_bins - half_width), 0, last).astype(int)
    high = np.clip(np.round(at_bins + half_width), 0, last).astype(int)
    return np.asarray(cumulative[high + 1] - cumulative[low] + TINY, np.float64)


def running_sum(power: Floats) -> Floats:
    """Return the running sum that `line_power` wants: it starts with zero."""
    return np.concatenate([[0.0], np.cumsum(power)])


def band_edges(count: int, bins: int) -> npt.NDArray[np.int64]:
    """Return `count` + 1 bin numbers, each band a constant factor wider than the one before."""
    edges = np.unique(np.round(np.geomspace(2, bins, count + 1)).astype(np.int64))
    return np.asarray(edges, np.int64)


def moments(samples: Floats) -> tuple[float, float, float]:
    """Return log rms, log kurtosis and log crest factor of a block (mean removed)."""
    square = samples * samples
    mean_square = float(np.mean(square)) + TINY
    fourth = float(np.mean(square * square)) + TINY
    peak = float(np.max(square)) + TINY
    return (
        0.5 * float(np.log(mean_square)),
        float(np.log(fourth / mean_square**2)),
        0.5 * float(np.log(peak / mean_square)),
    )
