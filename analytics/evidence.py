"""Deviations to evidence: how much each failure mode's own signature is raised, and by what."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analytics.describe import Describer
from analytics.features.spectra import Floats
from analytics.signatures import ENVELOPE, SPECTRUM, Signature

_FAR_WEIGHT = 0.35  # a sensor that is not near says less
_CLIP_LOW, _CLIP_HIGH = -3.0, 8.0
_NOVEL_CLIP = 6.0
_HISS_FROM_BAND = 5
_HISS_WEIGHT = 0.35  # of one band: many bands rise together
_LEAK_BINS = (0.0, 1.0, 2.0, 2.6)  # of a Hann window summed over three bins
_LEAK_SHARES = (1.0, 0.9, 0.5, 0.0)


class Evidence:
    """The templates of all failure modes over the features of a machine."""

    def __init__(self, describer: Describer) -> None:
        self._describer = describer
        self.signatures: tuple[Signature, ...] = describer.signatures
        self.names = tuple(f"{s.component}.{s.mode}" for s in self.signatures)
        self.templates = np.zeros((len(self.signatures), len(describer.features)))
        features = describer.features
        place_of = {(f.sensor, f.line): at for at, f in enumerate(features)}
        leaks = [
            (row, place, place_of[features[place].sensor, line])
            for row, signature in enumerate(self.signatures)
            for place, line in self._fill(self.templates[row], signature)
        ]
        self._leaking = np.array(leaks, np.int64).reshape(-1, 3).T  # row, feature, its source
        self.is_line = np.array([f.kind in (SPECTRUM, ENVELOPE) for f in features], bool)
        self._speaks = (self.templates != 0).any(axis=0)
        self._floor_place = self._floors_under()
        norms = np.sqrt(np.sum(self.templates**2, axis=1))
        self._unit = self.templates / np.maximum(norms, 1e-12)[:, None]
        self._line_weights = np.where(self.is_line, np.maximum(self.templates, 0.0), 0.0)

    def _fill(self, template: Floats, signature: Signature) -> list[tuple[int, int]]:
        """Fill a template; return the features that another line leaks into, and that line."""
        weights: dict[int, float] = {}
        for line, weight in signature.lines.items():
            at = self._describer.line_of.get(line)
            if at is not None:
                weights[at] = max(weight, weights.get(at, 0.0))
        weights, source = self._leaked(weights)
        leaks = []
        for place, feature in enumerate(self._describer.features):
            if feature.kind == "band" and int(feature.name) >= _HISS_FROM_BAND:
                far = 1.0 if feature.sensor in signature.near else _FAR_WEIGHT
                template[place] = _HISS_WEIGHT * signature.hiss * far
            if feature.line in weights:
                far = 1.0 if feature.sensor in signature.near else _FAR_WEIGHT
                template[place] = weights[feature.line] * far
            if feature.line in source and feature.kind == SPECTRUM:
                leaks.append((place, source[feature.line]))
        return leaks

    def _leaked(self, weights: Mapping[int, float]) -> tuple[dict[int, float], dict[int, int]]:
        """Return the weights with what leaks into lines nearby, and where that comes from.

        A window resolves 1/duration.
        """
        describer = self._describer
        at_bins = describer.line_frequencies_hz(describer.nominal_hz) * describer.window_s
        out, source = dict(weights), {}
        for line, weight in weights.items():
            apart = np.abs(at_bins - at_bins[line])
            for other in np.flatnonzero(apart < _LEAK_BINS[-1]):
                if describer.lines[other].domain == describer.lines[line].domain:
                    share = float(np.interp(apart[other], _LEAK_BINS, _LEAK_SHARES))
                    if weight * share > out.get(int(other), 0.0):
                        out[int(other)] = weight * share
                        source[int(other)] = line
        return out, source

    def _floors_under(self) -> npt.NDArray[np.int64]:
        """Return the feature that tells the floor under each line, -1 for what is no line."""
        describer = self._describer
        floors = {(f.sensor, f.name): at for at, f in enumerate(describer.features)
                  if f.kind == "floor"}  # fmt: skip
        under = describer.floor_of(describer.nominal_hz)
        return np.array(
            [floors[f.sensor, f"{under[f.line]}"] if f.kind == SPECTRUM else -1
             for f in describer.features], np.int64,
        )  # fmt: skip

    def raised(self, deviations: Floats, *, without: npt.NDArray[np.bool_] | None = None) -> Floats:
        """Return how much each signature is raised, in about one spread of noise.

        What leaks from a shaft's line cannot rise more than that line.

        `without` leaves features out: those that another, known fault explains.
        """
        clipped = np.nan_to_num(np.clip(deviations, _CLIP_LOW, _CLIP_HIGH))
        unit = self._unit
        if without is not None and without.any():
            unit = np.where(without[None], 0.0, self.templates)
            norms = np.sqrt(np.sum(unit**2, axis=1))
            enough = norms > 0.35 * np.sqrt(np.sum(self.templates**2, axis=1))
            unit = np.where(enough[:, None], unit / np.maximum(norms, 1e-12)[:, None], self._unit)
        rows, places, sources = self._leaking
        beyond = np.maximum(clipped[places] - np.maximum(clipped[sources], 0.0), 0.0)
        alone = np.bincount(rows, unit[rows, places] * beyond, minlength=len(unit))
        return np.asarray(unit @ clipped - alone, np.float64)

    def levels(self, louder: Floats) -> Floats:
        """Return how loud each signature's own lines are: the mean log power against normal.

        Parameters
        ----------
        louder : (features,) float
            Log power against what is expected; NaN where it is not known.
        """
        known = np.isfinite(louder)
        weights = self._line_weights @ known
        sums = self._line_weights @ np.where(known, np.clip(louder, -3.0, 20.0), 0.0)
        return np.asarray(sums / np.maximum(weights, 1e-12), np.float64)

    def explained_by(self, component: str) -> npt.NDArray[np.bool_]:
        """Return which features the failure modes of a component reach."""
        rows = [i for i, s in enumerate(self.signatures) if s.component == component]
        if not rows:
            return np.zeros(len(self._describer.features), bool)
        return np.asarray((self.templates[rows] > 0).any(axis=0), bool)

    def likeness(self, strength: Floats, louder: Floats) -> Floats:
        """Return how alike each signature and the raised lines are, 0 to 1.

        Parameters
        ----------
        strength : (features,) float
            How far each feature is raised, in spreads of its average.
        louder : (features,) float
            The same in log units; what lifts the floor too is hiss and says nothing of a line.
        """
        risen = np.where(self._speaks, np.nan_to_num(strength), 0.0)
        lifted = np.clip(np.nan_to_num(louder[self._floor_place]), 0.0, None)
        share = np.clip(lifted / np.maximum(np.nan_to_num(louder), 1e-3), 0.0, 1.0)
        risen = risen * np.where(self._floor_place >= 0, 1.0 - share, 1.0)
        risen = np.sqrt(np.clip(risen - 2.0, 0.0, 120.0))
        norm = float(np.sqrt(np.sum(risen**2)))
        return np.asarray(self._unit @ risen / max(norm, 1e-12), np.float64)


def novelty(deviations: Floats) -> float:
    """Return how unlike the learnt normal a row is as a whole, whatever the direction."""
    known = deviations[np.isfinite(deviations)]
    if not len(known):
        return 0.0
    return float(np.sqrt(np.mean(np.clip(known, -_NOVEL_CLIP, _NOVEL_CLIP) ** 2)))
