"""How full a file says that its inside is: it is held to that."""

import re

# PrusaSlicer and its kin; OrcaSlicer and Bambu Studio.
_DECLARED = re.compile(
    rb"^;[ \t]*(?:fill_density|sparse_infill_density)[ \t]*=[ \t]*([0-9]{1,3}(?:\.[0-9]{1,4})?)%",
    re.MULTILINE,
)


def declared_infill(gcode: bytes) -> float | None:
    """Return how full the inside is by the file's own words (0 to 1); None if it does not say.

    >>> declared_infill(b"; fill_density = 20%")
    0.2
    """
    said = [float(percent) / 100 for percent in _DECLARED.findall(gcode)]
    return max(said) if said else None
