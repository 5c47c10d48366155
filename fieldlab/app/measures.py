"""Which two sizes of a printed part are measured, and what a scale and a calliper should find."""

from collections.abc import Mapping
from typing import Any

from fieldlab.core.messages import Inspection, Measurement
from partgen.families import FAMILIES
from printing.inspection import inspect, tolerance_mm

WANTED = 2  # sizes for a calliper, beside the mass
SAME_MM = 0.05
SAME_PLACE_MM = 0.5  # further apart, a machine measured somewhere else
# Filament of 1.75 +-0.02 mm gives 2.3 % of its area, its density 1 %; a pocket scale reads 0.01 g.
MASS_RATIO, SCALE_G = 0.04, 0.02
FILL_UP = ("outer_max_mm", "height_mm")  # what any part has
GENERIC = ("bore_mm", "outer_mm", "outer_max_mm", "height_mm")


def to_measure(order: Mapping[str, Any], predicted: Mapping[str, float]) -> dict[str, float]:
    """Return the names and wanted sizes, in mm, that the family calls critical; two of them.

    A family that names fewer gets the largest width and the height beside them.
    """
    sizes = order["sizes"]
    named = [name for name in FAMILIES[order["family"]].critical if name in sizes]
    found = {name: float(sizes[name]) for name in named[:WANTED]}
    for name in FILL_UP:
        same = any(abs(predicted[name] - size) < SAME_MM for size in found.values())
        if len(found) < WANTED and name not in found and not same:
            found[name] = predicted[name]
    return found


def read_by_machine(measured: Mapping[str, float], wanted: Mapping[str, float],
                    predicted: Mapping[str, float]) -> dict[str, float]:  # fmt: skip
    """Return a printer's own measures under the names of the wanted sizes.

    A machine knows heights, widths and bores: `width_mm` of a gear is the height that comes next
    to it in the prediction, and the `outer_mm` of an impeller is its largest width, because the
    machine's own `outer_mm` is that of its middle layer.
    """
    found = {}
    for name, size in wanted.items():
        is_itself = abs(predicted.get(name, size) - size) < SAME_PLACE_MM
        names = [name] if name in measured and is_itself else [
            other for other in GENERIC if other in measured and other in predicted
        ]  # fmt: skip
        nearest = min(names, key=lambda n: abs(predicted.get(n, size) - size), default=None)
        if nearest is not None:
            found[name] = float(measured[nearest])
    return found


def judge(
    measured: Measurement,
    *,
    expected_g: float,
    wanted: Mapping[str, float],
    critical_mm: Mapping[str, float],
) -> Inspection:
    """Return the verdict: the tolerances are the machine file's, else what printing can hold."""
    tolerances = {name: max(critical_mm.get(name, 0.0), tolerance_mm(size))
                  for name, size in wanted.items()}  # fmt: skip
    return inspect(
        measured,
        expected_mass_g=expected_g,
        sizes=wanted,
        critical_mm=tolerances,
        mass_tolerance_ratio=MASS_RATIO + SCALE_G / expected_g,
    )
