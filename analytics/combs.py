"""How plainly a bearing's own rhythm stands in an envelope spectrum, beside any other rhythm.

A fault leaves a comb of lines. Its mean height is compared with that of the same comb at orders
that belong to nothing in the machine: what chance, or a rich spectrum, gives any comb is no
evidence. A race is heard wherever the bearing is heard; what one sensor alone hears counts half.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.features.spectra import Floats
from analytics.kinematics import BearingOrders

_CAP = 4.0  # log height that one line can add
_SLIP_RATIO = 0.012  # Randall and Antoni 2011: 1 to 2 %
_SLIP_BINS = 2.5  # from one tried slip to the next, at the highest line; heights span three bins
_AWAY_BINS = 3.5  # from a harmonic of the shaft, whose leakage tells nothing of a bearing
_LEAST_SHARE = 0.5  # of a comb's weight that must be free to be seen
_STRANGERS = 150
_STRANGER_RATIO = 0.02
_KIN = (0.5, 2 / 3, 1.0, 1.5, 2.0, 3.0, 1 / 3)
_STRANGER_LOW, _STRANGER_HIGH = 0.55, 1.4

# multiple of the fault order, whole turns beside it, weight
COMBS: dict[str, Floats] = {
    "outer-race": np.array([(1, 0, 1.0), (2, 0, 0.8), (3, 0, 0.6), (4, 0, 0.4)]),
    "inner-race": np.array(
        [(h, side, w * (0.4 if side else 1.0))
         for h, w in ((1, 1.0), (2, 0.8), (3, 0.6)) for side in (-1, 0, 1)]
    ),
    "rolling-element": np.array(
        [(0.5, 0, 0.5), (1, 0, 1.0), (1.5, 0, 0.5), (2, 0, 0.8), (3, 0, 0.6)]
    ),
}  # fmt: skip


def order_of(orders: BearingOrders, mode: str) -> float:
    """Return the fault order of a failure mode."""
    return {
        "outer-race": orders.outer_race,
        "inner-race": orders.inner_race,
        "rolling-element": orders.rolling_element,
    }[mode]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How plainly one sensor hears one failure mode of one bearing."""

    component: str
    mode: str
    sensor: str
    plainness: float  # mean log height over any other rhythm
    height: float  # of its best line


def strangers(orders: Sequence[float]) -> Floats:
    """Return orders in the same range that belong to none of these, nor to a shaft."""
    tried = np.linspace(min(orders) * _STRANGER_LOW, max(orders) * _STRANGER_HIGH, _STRANGERS)
    kin = np.outer(orders, _KIN).ravel()
    alike = (np.abs(tried[:, None] / kin[None] - 1) < _STRANGER_RATIO).any(axis=1)
    alike |= np.abs(tried - np.rint(tried)) < _STRANGER_RATIO
    return np.asarray(tried[~alike], np.float64)


def listen(
    sensor: str,
    heights: Floats,
    turns: float,
    bearings: Mapping[str, BearingOrders],
) -> list[Heard]:
    """Return how plainly each failure mode stands out in the best band of a sensor.

    Parameters
    ----------
    heights : (bands, bins) float
        Log over their floor, of one band or more; the bins are 1/turns of an order apart.
    turns : float
        Of the shaft in the time that the spectra span.
    """
    own = [order_of(orders, mode) for orders in bearings.values() for mode in COMBS]
    others = strangers(own)
    found: list[Heard] = []
    capped = np.clip(heights, 0.0, _CAP)
    for mode, comb in COMBS.items():
        asked = np.array([order_of(orders, mode) for orders in bearings.values()])
        teeth = _Teeth.of(turns, np.concatenate([asked, others]), comb, capped.shape[1])
        means = teeth.means(capped)
        best = means.max(axis=1)
        plain = best[:, : len(asked)] - np.median(best[:, len(asked) :], axis=1, keepdims=True)
        for at, name in enumerate(bearings):
            band = int(plain[:, at].argmax())
            top = teeth.top(capped[band], at, int(means[band, :, at].argmax()))
            found.append(
                Heard(component=name, mode=mode, sensor=sensor, plainness=float(plain[band, at]),
                      height=float(np.exp(top)))
            )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class _Teeth:
    """Where a comb's lines fall at each slip and order; the same in every band."""

    at: npt.NDArray[np.int64]  # (lines, slips, orders) bins
    weights: Floats  # 0 where a line cannot be told from a shaft's or is beyond the spectrum
    total: Floats  # (slips, orders)
    least: float

    @classmethod
    def of(cls, turns: float, orders: Floats, comb: Floats, bins: int) -> "_Teeth":
        """Return the places of a comb in a spectrum of so many bins."""
        slips = _slips(float(orders.max() * comb[:, 0].max() * turns))
        multiples, sides, shares = comb.T[:, :, None, None]
        places = multiples * slips[:, None] * orders + sides
        at = np.rint(places * turns).astype(np.int64)
        is_hidden = np.abs(places - np.rint(places)) * turns < _AWAY_BINS
        is_hidden |= (at <= 2) | (at >= bins)
        at[is_hidden] = 0
        weights = np.where(is_hidden, 0.0, shares)
        return cls(at, weights, weights.sum(axis=0), _LEAST_SHARE * float(comb[:, 2].sum()))

    def means(self, heights: Floats) -> Floats:
        """Return the mean capped height of the comb at each slip and order.

        Parameters
        ----------
        heights : (bands, bins) float

        Returns
        -------
        (bands, slips, orders) float
        """
        levels = heights.take(self.at, axis=1)
        means = np.einsum("blso,lso->bso", levels, self.weights) / np.maximum(self.total, 1e-9)
        return np.where(self.total >= self.least, means, 0.0)

    def top(self, heights: Floats, order: int, slip: int) -> float:
        """Return the height of the comb's highest line in one band, of (bins,) heights."""
        is_free = self.weights[:, slip, order] > 0.0
        return float(np.max(heights[self.at[:, slip, order]][is_free], initial=0.0))


def _slips(highest_bin: float) -> Floats:
    """Return the slips to try: as many as the spectrum can tell apart."""
    steps = int(np.ceil(_SLIP_RATIO * highest_bin / _SLIP_BINS))
    return np.asarray(1.0 + np.linspace(-_SLIP_RATIO, _SLIP_RATIO, 2 * steps + 1), np.float64)
