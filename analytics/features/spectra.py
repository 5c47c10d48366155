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
    return np.asarray(np.abs(spectrum) ** 2 * scale + TINY, np.float64)


def envelope_spectrum(samples: Floats) -> Floats:
    """Return the power spectrum of the squared envelope after cepstrum prewhitening.

    Prewhitening divides each bin by its own magnitude (Borghesani et al. 2013, MSSP 36, 370), so
    that gears and resonances weigh no more than the rest. The mean square is scaled to one.
    """
    count = len(samples)
    half = fft.rfft(samples)
    analytic = np.zeros(count, complex)
    magnitude = np.abs(half)
    analytic[: len(half)] = half / np.maximum(magnitude, 1e-9 * float(magnitude.max()) + TINY)
    analytic[0] = 0.0
    envelope = np.abs(fft.ifft(analytic)) ** 2
    envelope /= float(envelope.mean()) + TINY
    return power_spectrum(envelope - 1.0)


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
