"""What a printer and a material do to sizes, learnt from a calibration plate, and the remedy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fieldlab.core.errors import InputError
from fieldlab.core.messages import PartOrder
from partgen.families import FAMILIES
from partgen.families.calibration import HOLES_MM, LONG_MM, PINS_MM, WIDE_MM
from partgen.families.family import Role

_NAME = re.compile(r"(hole|outer)_(\d+)_mm")
FARTHEST_MM = 1.0  # a print that is off by more is not a matter of fits
OUTERS_MM = (*PINS_MM, WIDE_MM, LONG_MM)
NAMES = (
    *(f"hole_{wide:g}_mm" for wide in HOLES_MM), *(f"outer_{wide:g}_mm" for wide in OUTERS_MM)
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A print is `scale_ratio` times as large; holes come out smaller, outsides larger than that.

    `hole_mm` and `outer_mm` are on the diameter; `scatter_mm` is how far the measured sizes lie
    from this model (root mean square).
    """

    scale_ratio: float = 1.0
    hole_mm: float = 0.0
    outer_mm: float = 0.0
    scatter_mm: float = 0.0


def fit_of(found_mm: Mapping[str, float]) -> Fit:
    """Return the fit of a printed calibration plate, by least squares over all that was measured.

    >>> fit_of({"hole_8_mm": 7.8, "outer_10_mm": 10.1, "outer_80_mm": 80.1}).hole_mm
    0.2

    Raises
    ------
    InputError
        For a name that the plate has not, a size that is far off, or too few of them.
    """
    rows, sizes = [], []
    for name, size_mm in found_mm.items():
        kind, nominal_mm = _named(name)
        if not abs(size_mm - nominal_mm) <= FARTHEST_MM:
            raise InputError(f"{name} is {size_mm:g}; a calliper finds {nominal_mm:g} ± 1 mm there")
        rows.append((nominal_mm, -float(kind == "hole"), float(kind == "outer")))
        sizes.append(size_mm)
    matrix = np.array(rows).reshape(-1, 3)
    if len(rows) < 3 or np.linalg.matrix_rank(matrix) < 3:
        raise InputError(
            "too few sizes; measure a hole and two outsides at least, such as hole_8_mm,"
            " outer_10_mm and outer_80_mm"
        )
    found, *_ = np.linalg.lstsq(matrix, np.array(sizes), rcond=None)
    off = matrix @ found - sizes
    return Fit(
        scale_ratio=round(float(found[0]), 6), hole_mm=round(float(found[1]), 4),
        outer_mm=round(float(found[2]), 4), scatter_mm=round(float(np.sqrt(np.mean(off**2))), 4),
    )  # fmt: skip


def _named(name: str) -> tuple[str, float]:
    known = _NAME.fullmatch(name)
    if known is None or name not in NAMES:
        raise InputError(f"the calibration plate has no '{name:.40}'; it has {', '.join(NAMES)}")
    return known[1], float(known[2])


def compensated(order: PartOrder, fit: Fit) -> PartOrder:
    """Return an order whose print has the sizes of `order`; sizes of 0 stay what they are: none.

    Defaults that the fit changes are written out. Sizes across the layers are the slicer's.
    """
    if fit == Fit():
        return order
    family = FAMILIES[order.family]
    sizes = dict(order.sizes)
    for info in family.sizes():
        role = family.fits.get(info.name)
        wanted = float(sizes.get(info.name, info.default))
        if role is not None and (wanted or role == "gap"):
            sizes[info.name] = round(_remedy(role, wanted, fit), 4)
    return replace(order, sizes=sizes)


def _remedy(role: Role, wanted_mm: float, fit: Fit) -> float:
    """Return the size to draw so that the print has the wanted one."""
    grown = {"hole": fit.hole_mm, "outer": -fit.outer_mm, "span": 0.0, "gap": 2 * fit.outer_mm}
    return max((wanted_mm + grown[role]) / fit.scale_ratio, 0.0)
