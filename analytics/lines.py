"""The machine's own lines at one sensor: where each component would be heard, now."""

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.signatures import ENVELOPE, Line, Signature, signatures
from fieldlab.core.machine import Machine

SAME_RATIO = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLine:
    """A place in a spectrum and whose it is; `place` is how a reason calls it."""

    frequency_hz: float
    shaft: str
    order: float
    is_envelope: bool
    components: tuple[str, ...]
    modes: tuple[str, ...]
    place: str


def named_lines(
    machine: Machine, sensor: str, rates_hz: Mapping[str, float]
) -> tuple[NamedLine, ...]:
    """Return the plainest line of each failure mode that a sensor hears, lowest first.

    Parameters
    ----------
    rates_hz : mapping
        Turns per second of the shafts now; a shaft without one has no lines.
    """
    found: list[NamedLine] = []
    for signature in signatures(machine):
        if sensor in signature.near and signature.shaft in rates_hz:
            _add(found, signature, rates_hz[signature.shaft])
    return tuple(sorted(found, key=lambda line: line.frequency_hz))


def _add(found: list[NamedLine], signature: Signature, rate_hz: float) -> None:
    plainest = _plainest(signature)
    is_envelope = plainest.domain == ENVELOPE
    frequency_hz = plainest.order * rate_hz
    components: tuple[str, ...] = (signature.component,)
    modes: tuple[str, ...] = (signature.mode,)
    for at, line in enumerate(found):
        same = abs(line.frequency_hz - frequency_hz) <= SAME_RATIO * frequency_hz
        if same and line.is_envelope == is_envelope:
            components = tuple(dict.fromkeys((*line.components, *components)))
            modes = tuple(dict.fromkeys((*line.modes, *modes)))
            del found[at]
            break
    found.append(
        NamedLine(
            frequency_hz=frequency_hz, shaft=plainest.shaft, order=plainest.order,
            is_envelope=is_envelope, components=components, modes=modes,
            place="knocks" if is_envelope else signature.place,
        )
    )  # fmt: skip


def _plainest(signature: Signature) -> Line:
    """Return the line that says most; of those that say as much, the lowest."""
    return min(signature.lines, key=lambda line: (-signature.lines[line], line.order))
