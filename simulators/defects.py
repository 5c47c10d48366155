"""What can be wrong with a print."""

from dataclasses import dataclass
from typing import Literal

DefectKind = Literal[
    "layer-shift", "under-extrusion", "jam", "wrong-mass", "missing-layers", "warped"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """What is wrong with a print, from a share of its time on.

    `size` is mm of shift; mm of warp (positive: corners curl up; negative: all contours grow);
    layers that are missing; or the share of flow or density that is lost (negative: too much).
    """

    kind: DefectKind
    size: float
    at_ratio: float = 0.5
