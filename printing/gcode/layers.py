"""The layers of one file beside each other: one that is emptier or thinner than the others."""

import numpy as np

from printing.gcode.judge import FULL_SHARE, Found, weighted_median

_WIDTH_RATIO = 0.20
_LONE_SHARE = 0.5  # no slicer's sparse infill, if it is one layer thin, is fuller than this
_HOLLOW = 0.05
_OF_DECLARED = 0.6  # a pattern that grows coarser inside (adaptive cubic) has two thirds
_OF_OTHERS = 0.5
_CORE_MM2 = 25.0  # a smaller inside may lie between two lines of its infill

Reason = tuple[int, str]  # number of the layer, from 0, and what is wrong


def odd_layers(layers: list[Found], infill: float | None) -> list[Reason]:
    """Return the layers that do not fit the others, or how full the inside must be (0 to 1)."""
    return [*_alone(layers), *_thin(layers, infill), *_uneven(layers)]


def _alone(layers: list[Found]) -> list[Reason]:
    """Return the layers that are open inside, though almost full, between filled ones."""
    return [
        (
            number,
            f"only {found.share:.0%} of its inside is drawn, between filled layers "
            "(lines are missing)",
        )
        for number, found in enumerate(layers)
        if found.sparse
        and found.share > _LONE_SHARE
        and not any(near.sparse for near in _beside(layers, number))
    ]


def _beside(layers: list[Found], number: int) -> list[Found]:
    """Return the layers below and above one."""
    return [*layers[max(0, number - 1) : number], *layers[number + 1 : number + 2]]


def _thin(layers: list[Found], infill: float | None) -> list[Reason]:
    """Return where the sparse layers are emptier than they must be, or one than the others."""
    number = [
        at
        for at, found in enumerate(layers)
        if found.sparse and found.share < FULL_SHARE and found.core_mm2 > _CORE_MM2
    ]
    if not number:
        return []
    share = np.array([layers[at].share for at in number])
    typical = weighted_median(share, np.array([layers[at].core_mm2 for at in number]))
    if typical < max(_HOLLOW, _OF_DECLARED * (infill or 0.0)):
        must = "a part may not be hollow" if infill is None else f"{infill:.0%} is needed"
        return [(number[0], f"{typical:.0%} of its inside is drawn; {must} (lines are missing)")]
    return [
        (at, f"{here:.0%} of its inside is drawn, elsewhere {typical:.0%} (lines are missing)")
        for at, here in zip(number, share.tolist(), strict=True)
        if here < _OF_OTHERS * typical
    ]


def _uneven(layers: list[Found]) -> list[Reason]:
    """Return the layers whose lines are much thinner or thicker than those of the others."""
    odd = []
    for kind in (False, True):  # the lines of an infill may be of another width than a skin's
        same = [at for at, found in enumerate(layers) if found.sparse is kind]
        typical = float(np.median([layers[at].width_mm for at in same])) if same else 0.0
        odd += [
            (at, f"lines of {layers[at].width_mm:.2f} mm; elsewhere {typical:.2f}")
            for at in same
            if abs(layers[at].width_mm / typical - 1) > _WIDTH_RATIO
            and not (at == 0 or layers[at].bridges)
        ]
    return odd
