"""How fast a shaft truly turns: from the harmonics of its own rate in the signal."""

from collections.abc import Iterable

import numpy as np
from scipy import fft

from analytics.features.modulation import band_envelopes, heights_log
from analytics.features.spectra import Floats, hann, squared

MEASURED_SPAN, NOMINAL_SPAN = 0.025, 0.06  # how wrong a reading, or a name plate, may be
_HARMONICS = 20
_STEP = 2.5e-4
_COMPARED_SPAN = 0.06  # what a speed is compared with
_LEAST_TURNS = 30.0
_CAP = 4.0  # one loud line must not decide
_LEAST_LEAD = 5.0  # robust spreads of all tried speeds


def speed_scale(blocks: Iterable[tuple[Floats, float]], rate_hz: float, span: float) -> float:
    """Return the true speed over `rate_hz`, 1.0 where the signal does not tell.

    A comb of harmonics is laid over the spectrum at each speed within `span` (Leclere, Andre and
    Antoni 2016, MSSP 81, 87: instantaneous speed from all harmonics together).

    Parameters
    ----------
    blocks : iterable of ((n,) float, float)
        Samples and their rate in Hz.
    rate_hz : float
        Turns per second as they are believed to be.
    """
    reach = round(max(span, _COMPARED_SPAN) / _STEP)
    scales = np.asarray(1.0 + np.arange(-reach, reach + 1) * _STEP, np.float64)
    total = np.zeros(len(scales))
    for samples, sampling_hz in blocks:
        duration_s = len(samples) / sampling_hz
        if duration_s * rate_hz < _LEAST_TURNS:
            return 1.0
        total += _comb(samples, duration_s * rate_hz, scales)
    middle = float(np.median(total))
    spread = 1.4826 * float(np.median(np.abs(total - middle))) + 1e-9
    best = int(np.argmax(np.where(np.abs(scales - 1.0) <= span + 1e-9, total, -np.inf)))
    return float(scales[best]) if (total[best] - middle) / spread >= _LEAST_LEAD else 1.0


def _comb(samples: Floats, turns: float, scales: Floats) -> Floats:
    """Return the mean capped height of all harmonics in the signal and in its envelope."""
    orders = np.arange(1, _HARMONICS + 1)
    at = np.rint(orders[:, None] * turns * scales[None]).astype(np.int64)
    rest = samples - samples.mean()
    wanted = min(len(rest) // 2, int(at.max()) + 2)
    own = squared(fft.rfft(rest * hann(len(rest)))[:wanted])
    powers = np.concatenate([own[None], band_envelopes(rest, wanted, splits=(1,))])
    total = np.zeros(len(scales))
    for heights in np.clip(heights_log(powers, int(turns)), 0.0, _CAP):
        inside = at < len(heights)
        total += np.where(inside, heights[np.minimum(at, len(heights) - 1)], 0.0).mean(axis=0)
    return total
