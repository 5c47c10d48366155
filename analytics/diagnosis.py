"""Which component, which failure mode, how sure, and why: evidence to suspects and a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.evidence import Evidence
from analytics.features.spectra import Floats
from analytics.signatures import ENVELOPE, Line, Signature
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Diagnosis, Mark, Reason, Suspect

LEAST_LIKENESS = 0.42
LEAST_LEAD = 1.25  # over the likeness of the runner-up
_SHARPNESS = 6.0
_MAX_SUSPECTS = 5
_MAX_MARKS = 6


def rank(
    evidence: Evidence, machine: Machine, strength: Floats, louder: Floats, raised: Floats
) -> tuple[tuple[int, float, float], ...]:
    """Return signatures as (row, likeness, confidence), likeliest first, one for each group.

    Parameters
    ----------
    strength, louder : (features,) float
        How far each feature is raised: in spreads of its average, and in log units.
    raised : (signatures,) float
        Each signature's own evidence against its limit.
    """
    likeness = evidence.likeness(strength, louder) * (raised > 0.5)
    best: dict[tuple[tuple[str, ...], str], int] = {}
    for row in np.argsort(-likeness, kind="stable"):
        signature = evidence.signatures[int(row)]
        best.setdefault((machine.group_of(signature.component), signature.mode), int(row))
    rows = [row for row in best.values() if likeness[row] > 0.05]
    powers = np.array([likeness[row] ** _SHARPNESS for row in rows])
    total = float(powers.sum())
    return tuple(
        (row, float(likeness[row]), float(power / total * min(1.0, likeness[row] / 0.5)))
        for row, power in zip(rows, powers, strict=True)
    )


def is_sure(ranked: Sequence[tuple[int, float, float]]) -> bool:
    """Whether the first suspect carries its own signature and clearly beats the next."""
    if not ranked or ranked[0][1] < LEAST_LIKENESS:
        return False
    return len(ranked) < 2 or ranked[0][1] >= LEAST_LEAD * ranked[1][1]


def diagnosed(
    evidence: Evidence,
    machine: Machine,
    t_s: float,
    ranked: Sequence[tuple[int, float, float]],
    seen: "Seen",
) -> Diagnosis:
    """Return the suspects with their reasons, and the verdict if it is sure."""
    suspects = tuple(
        _suspect(evidence.signatures[row], machine, confidence, seen)
        for row, _, confidence in ranked[:_MAX_SUSPECTS]
    )
    verdict = suspects[0] if is_sure(ranked) else None
    return Diagnosis(machine_id=machine.id, t_s=t_s, suspects=suspects, verdict=verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen: how much louder each line is, where the lines are now."""

    louder_log: Floats
    strength: Floats
    rates_hz: Mapping[str, float]
    line_place: Mapping[tuple[str, int], int]
    line_of: Mapping[Line, int]

    def best_line(self, signature: Signature) -> tuple[str, Line, float] | None:
        """Return the sensor and the line that show a signature best, and how much louder it is."""
        best: tuple[str, Line, float] | None = None
        most = 0.0
        for sensor in signature.near:
            for line, weight in signature.lines.items():
                place = self.line_place.get((sensor, self.line_of.get(line, -1)))
                if place is None or not np.isfinite(self.louder_log[place]):
                    continue
                value = float(self.strength[place]) * weight
                if value > most:
                    most = value
                    best = sensor, line, float(np.exp(np.clip(self.louder_log[place] / 2, -9, 9)))
        return best


def _suspect(signature: Signature, machine: Machine, confidence: float, seen: Seen) -> Suspect:
    best = seen.best_line(signature)
    rate_hz = seen.rates_hz.get(signature.shaft)
    reasons: tuple[Reason, ...] = ()
    marks: tuple[Mark, ...] = ()
    if rate_hz is not None:
        lines = sorted(signature.lines.items(), key=lambda item: (-item[1], item[0].order))
        marks = tuple(
            Mark(name=f"{line.order:g} × {signature.shaft}", frequency_hz=line.order * rate_hz)
            for line, _ in lines[:_MAX_MARKS]
        )
    if best is not None and rate_hz is not None:
        _, line, ratio = best
        kind = "knocks" if line.domain == ENVELOPE else signature.place
        reasons = (
            Reason(
                key=f"diagnosis-{kind}",
                numbers={
                    "frequency_hz": line.order * rate_hz,
                    "component": signature.component,
                    "ratio": ratio,
                },
            ),
        )
    return Suspect(
        component=signature.component,
        failure_mode=signature.mode,
        confidence=round(confidence, 4),
        reasons=reasons,
        group=machine.group_of(signature.component),
        sensor=best[0] if best else (signature.near[0] if signature.near else None),
        marks=marks,
    )
