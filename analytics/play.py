"""Play under watch: does a journal rattle, or has something come loose? Half orders tell.

A foot or a fit that lifts clips every turn, not all alike: whole orders, and weaker half ones. A
journal in a worn bushing comes down every other turn: half orders as strong as the whole ones
(Taylor, The Vibration Analysis Handbook; Randall 2011). On a slow shaft these stand so close that a
window's bins do not part them; their known places do, in a least-squares fit.
"""

from collections.abc import Mapping

import numpy as np
from scipy import fft

from analytics.describe import Describer
from analytics.features.spectra import Floats
from analytics.signatures import LIFT_RATIO, RATTLE_RATIO, SPECTRUM, Signature
from fieldlab.core.messages import Window

_FROM_BIN = 2.0  # below, a line mixes with its own mirror image
_SAME_BINS = 0.7  # lines closer than this are one
_BEYOND_BINS = 4
_LEAST_LINES = 3  # of halves and of wholes that belong to this shaft alone
_WHOLE = 0.02  # turns
_LIFT_LOG = 2.0 * float(np.log(LIFT_RATIO))  # power of half orders to whole ones
_NO_HALF_LOG = -3.0  # or less: what is left of half orders that nothing raised
_UNSEEN = np.array([np.nan, np.nan])
_KEPT = 0.7  # of what was heard, from one window to the next
# Of the way from lift to rattle. Other sounds add to whole orders alone, so that a faint rattle
# looks like a lift, but a lift never like a rattle.
_LIFT_MISS, _RATTLE_MISS, _SILENT_MISS = (0.15, 0.3), (0.45, 0.75), (0.3, 0.7)
_FIT = (1.0, 0.3)  # what is left of a likeness


class PlayEar:
    """Hears half orders against whole ones, on average since something changed."""

    def __init__(self, describer: Describer) -> None:
        self._describer = describer
        asked = [s for s in describer.signatures if s.half_ratio is not None]
        self._shafts = tuple(dict.fromkeys(s.shaft for s in asked if s.half_ratio == RATTLE_RATIO))
        self._sensors = {
            shaft: tuple(dict.fromkeys(n for s in asked if s.shaft == shaft for n in s.near))
            for shaft in self._shafts
        }
        self._orders = {
            shaft: np.array(sorted(set.intersection(*(
                {line.order for line in s.lines} for s in asked if s.shaft == shaft
            )))) for shaft in self._shafts
        }  # fmt: skip
        self._asked = tuple(
            (row, at, asked_log)
            for row, signature in enumerate(describer.signatures)
            for at, shaft in enumerate(self._shafts)
            if signature.half_ratio is not None
            and (asked_log := self._asked_log(signature, shaft)) is not None
        )
        self.power = np.zeros((len(self._shafts), 2))  # of half orders and of whole ones

    def _asked_log(self, signature: Signature, shaft: str) -> float | None:
        """Return the log power of half orders to whole ones that a signature makes of a shaft.

        None if it says nothing of that shaft: its own orders do not fall on the whole ones here.
        """
        if signature.shaft == shaft:
            return _LIFT_LOG if signature.half_ratio == LIFT_RATIO else 0.0
        turns = 0.5 * self._describer.nominal_hz.get(signature.shaft, np.nan)
        turns /= self._describer.nominal_hz.get(shaft, np.nan)
        return _NO_HALF_LOG if abs(turns - np.rint(turns)) < _WHOLE else None

    def forget(self) -> None:
        """Begin anew: all is well."""
        self.power[:] = 0.0

    def fit(self, window: Window, rates_hz: Mapping[str, float], raised: Floats) -> Floats:
        """Return how well halves and wholes compare as each signature says, 0 to 1.

        Parameters
        ----------
        window : Window
            The newest, while something is not as it was.
        raised : (signatures,) float
            Each signature's evidence against its limit: a shaft that is quiet tells nothing.
        """
        self._hear(window, rates_hz)
        fits = np.ones(len(raised))
        loud = {self._describer.signatures[row].shaft for row in np.flatnonzero(raised > 1.0)}
        for row, at, asked in self._asked:
            if self._shafts[at] in loud and self.power[at].all():
                half, whole = self.power[at]
                fits[row] *= _fit_of(float(np.log(half / whole)), asked)
        return fits

    def _hear(self, window: Window, rates_hz: Mapping[str, float]) -> None:
        for at, shaft in enumerate(self._shafts):
            heard = [
                self._powers(np.asarray(wave.samples, np.float64), wave.rate_hz, shaft, rates_hz)
                for sensor in self._sensors[shaft]
                if (wave := window.waves.get(sensor)) is not None
            ]
            known = [powers for powers in heard if np.isfinite(powers).all()]
            if known:
                self.power[at] = _KEPT * self.power[at] + np.mean(known, axis=0)

    def _powers(
        self, samples: Floats, rate_hz: float, shaft: str, rates_hz: Mapping[str, float]
    ) -> Floats:
        """Return the mean power of half and of whole orders, NaN where too few are seen."""
        describer = self._describer
        seconds = len(samples) / rate_hz
        own = self._orders[shaft]
        at = own * rates_hz.get(shaft, np.nan) * seconds
        others = np.array([
            line.order * rates_hz.get(line.shaft, np.nan) * seconds for line in describer.line_of
            if line.shaft != shaft and line.domain == SPECTRUM and line.order % 1 != 0.5
        ])  # fmt: skip
        is_seen = (at >= _FROM_BIN) & (at < len(samples) // 2 - _BEYOND_BINS)
        own, at = own[is_seen], at[is_seen]
        if not len(at):
            return _UNSEEN
        is_alone = (np.abs(at[:, None] - others) > _SAME_BINS).all(axis=1)
        power = line_powers(samples, at)
        halves, wholes = power[is_alone & (own % 1 == 0.5)], power[is_alone & (own % 1 == 0)]
        if min(len(halves), len(wholes)) < _LEAST_LINES:
            return _UNSEEN
        return np.array([halves.mean(), wholes.mean()])

    def plain(self) -> dict[str, Floats]:
        """Return what was heard, to be saved."""
        return {"power": self.power}

    def restore(self, plain: Mapping[str, Floats]) -> None:
        """Go on from a saved state."""
        self.power = np.asarray(plain["power"], np.float64)


def _fit_of(heard_log: float, asked_log: float) -> float:
    """Return how well what is heard is what was asked, 0 to 1."""
    miss = (heard_log - asked_log) / -_LIFT_LOG
    if asked_log == _NO_HALF_LOG:
        return float(np.interp(miss, _SILENT_MISS, _FIT))
    bounds = _LIFT_MISS if asked_log == _LIFT_LOG else _RATTLE_MISS
    return float(np.interp(abs(miss), bounds, _FIT))


def line_powers(samples: Floats, at_bins: Floats) -> Floats:
    """Return the power of lines at known places, though their main lobes overlap.

    Parameters
    ----------
    samples : (n,) float
    at_bins : (k,) float
        Periods within the samples, 2 or more; apart by more than about half a bin.

    Returns
    -------
    (k,) float
        Mean square of each line, by least squares over the bins of a Hann window.

    >>> t = np.arange(4096) / 4096
    >>> two = np.sin(2 * np.pi * 10.3 * t) + 0.5 * np.sin(2 * np.pi * 12.1 * t)
    >>> line_powers(two, np.array([10.3, 12.1])).round(3).tolist()
    [0.5, 0.125]
    """
    count = len(samples)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(count) / count)
    until = int(at_bins.max()) + _BEYOND_BINS
    seen = fft.rfft((samples - samples.mean()) * window)[: until + 1] / (count / 2)
    away = at_bins[None] - np.arange(until + 1)[:, None]
    lobes = _hann(away) * np.exp(1j * np.pi * away)
    amplitudes = np.linalg.lstsq(lobes, seen, rcond=1e-3)[0]
    return np.asarray(2 * np.abs(amplitudes) ** 2, np.float64)


def _hann(bins: Floats) -> Floats:
    """Return the spectrum of a Hann window, 1 at its top, so many bins from a line."""
    near_one = np.abs(np.abs(bins) - 1.0) < 1e-9
    safe = np.where(near_one, 0.0, bins)
    return np.where(near_one, 0.5, np.sinc(safe) / (1.0 - safe**2))
