"""Why a component is suspected: at most three reasons with numbers, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.features.spectra import Floats
from analytics.signatures import ENVELOPE, Line, Signature
from fieldlab.core.messages import Reason

_LEAST_RATIO = 1.2  # how much louder a second line must be to be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One line of a signature at one sensor, and how many times as loud as normal it is."""

    sensor: str
    line: Line
    ratio: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen: how much louder each line is, where the lines are now."""

    louder_log: Floats
    strength: Floats
    rates_hz: Mapping[str, float]
    line_place: Mapping[tuple[str, int], int]
    line_of: Mapping[Line, int]

    def heard(self, signature: Signature) -> list[Heard]:
        """Return the lines of a signature that rose, the plainest first, each line once."""
        found: dict[Line, Heard] = {}
        for sensor in signature.near:
            for line, weight in signature.lines.items():
                place = self.line_place.get((sensor, self.line_of.get(line, -1)))
                if place is None or not np.isfinite(self.louder_log[place]):
                    continue
                value = float(self.strength[place]) * weight
                if value > max(0.0, found[line].weight if line in found else 0.0):
                    ratio = float(np.exp(np.clip(self.louder_log[place] / 2, -9, 9)))
                    found[line] = Heard(sensor=sensor, line=line, ratio=ratio, weight=value)
        return sorted(found.values(), key=lambda heard: -heard.weight)


def line_reasons(signature: Signature, heard: Sequence[Heard], rate_hz: float) -> list[Reason]:
    """Return the plainest line of a signature as a reason, and the next one that stands apart."""
    reasons: list[Reason] = []
    for number, found in enumerate(heard):
        kind = "knocks" if found.line.domain == ENVELOPE else signature.place
        numbers: dict[str, float | str] = {
            "frequency_hz": found.line.order * rate_hz,
            "component": signature.component,
            "ratio": found.ratio,
        }
        if number == 0:
            reasons.append(Reason(key=f"diagnosis-{kind}", numbers=numbers))
        elif found.ratio >= _LEAST_RATIO and found.line.order != heard[0].line.order:
            return [*reasons, Reason(key="diagnosis-also", numbers=numbers)]
    return reasons


def lead_reason(component: str, confidence: float, other: str | None, less: float) -> Reason:
    """Return how much better a suspect explains what changed than the best of the others."""
    numbers: dict[str, float | str] = {"component": component, "percent": 100 * confidence}
    if other is None:
        return Reason(key="diagnosis-alone", numbers=numbers)
    return Reason(
        key="diagnosis-lead", numbers={**numbers, "other": other, "other_percent": 100 * less}
    )
