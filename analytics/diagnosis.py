"""Which component, which failure mode, how sure, and why: evidence to suspects and a verdict."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analytics.evidence import Evidence
from analytics.features.spectra import Floats
from analytics.reasons import Seen, lead_reason, line_reasons
from analytics.signatures import Signature
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Diagnosis, Mark, Reason, Suspect

LEAST_LIKENESS = 0.42
LEAST_LEAD = 1.25  # over the likeness of the runner-up
LEAST_UNEXPLAINED = 1.6  # or how much more of what rose the runner-up leaves unexplained
_ALIKE = 0.75  # from where that counts: here a likeness has little room left to lead
_SHARPNESS = 6.0
_MAX_SUSPECTS = 5
_MAX_MARKS = 6


def rank(
    evidence: Evidence, strength: Floats, louder: Floats, fit: Floats, raised: Floats
) -> tuple[tuple[int, float, float], ...]:
    """Return signatures as (row, likeness, confidence), likeliest first, one for each group.

    Parameters
    ----------
    strength, louder : (features,) float
        How far each feature is raised: in spreads of its average, and in log units.
    fit : (signatures,) float
        What else is known of each, 0 to 1.
    raised : (signatures,) float
        Each signature's own evidence against its limit.
    """
    likeness = evidence.likeness(strength, louder) * fit * (raised > 0.5)
    best: dict[tuple[tuple[str, ...], str], int] = {}
    for row in np.argsort(-likeness, kind="stable"):
        signature = evidence.signatures[int(row)]
        best.setdefault((signature.group, signature.mode), int(row))
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
    if len(ranked) < 2:
        return True
    first, second = ranked[0][1], ranked[1][1]
    is_far = 1.0 - second**2 >= LEAST_UNEXPLAINED * (1.0 - first**2)
    return first >= LEAST_LEAD * second or (first >= _ALIKE and is_far)


def diagnosed(
    evidence: Evidence,
    machine: Machine,
    t_s: float,
    ranked: Sequence[tuple[int, float, float]],
    seen: Seen,
) -> Diagnosis:
    """Return the suspects with their reasons, and the verdict if it is sure."""
    suspects = tuple(
        _suspect(evidence.signatures[row], confidence, seen)
        for row, _, confidence in ranked[:_MAX_SUSPECTS]
    )
    suspects = tuple(compared(suspect, suspects) for suspect in suspects)
    verdict = suspects[0] if is_sure(ranked) else None
    return Diagnosis(machine_id=machine.id, t_s=t_s, suspects=suspects, verdict=verdict)


def compared(suspect: Suspect, suspects: Sequence[Suspect]) -> Suspect:
    """Return a suspect with one more reason: how it compares with the best other component."""
    other = next((found for found in suspects if found.component != suspect.component), None)
    lead = lead_reason(
        suspect.component, suspect.confidence,
        other.component if other else None, other.confidence if other else 0.0,
    )  # fmt: skip
    return replace(suspect, reasons=(*suspect.reasons, lead))


def _suspect(signature: Signature, confidence: float, seen: Seen) -> Suspect:
    heard = seen.heard(signature)
    rate_hz = seen.rates_hz.get(signature.shaft)
    reasons: list[Reason] = []
    marks: tuple[Mark, ...] = ()
    if rate_hz is not None:
        lines = sorted(signature.lines.items(), key=lambda item: (-item[1], item[0].order))
        marks = tuple(
            Mark(name=f"{line.order:g} × {signature.shaft}", frequency_hz=line.order * rate_hz)
            for line, _ in lines[:_MAX_MARKS]
        )
        reasons = line_reasons(signature, heard, rate_hz)
    return Suspect(
        component=signature.component,
        failure_mode=signature.mode,
        confidence=round(confidence, 4),
        reasons=tuple(reasons),
        group=signature.group,
        sensor=heard[0].sensor if heard else (signature.near[0] if signature.near else None),
        marks=marks,
    )
