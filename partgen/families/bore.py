"""The bore of a part on a shaft: round, with a D-shaft's flat, or with a keyway of DIN 6885."""

from dataclasses import dataclass
from math import acos, asin, ceil, pi, sqrt

import numpy as np

from fieldlab.core.errors import PartError
from partgen.families.family import Measured, Points, at_least, at_most, measured, radii
from partgen.solid import Loop, circle, loop_of, steps

# Depth of a keyway in the hub by the key's width (DIN 6885-1, t2), both in mm: to 12 mm as in
# Ganter's table of the high type; from 14 mm on from memory.
KEYWAYS_MM = {2.0: 1.0, 3.0: 1.4, 4.0: 1.8, 5.0: 2.3, 6.0: 2.8, 8.0: 3.3, 10.0: 3.3, 12.0: 3.3,
              14.0: 3.8, 16.0: 4.3, 18.0: 4.4, 20.0: 4.9}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Bore:
    """A bore about z; its flat or keyway looks along x. A flat or keyway of 0 is none.

    `flat_mm` is measured as on the shaft: from the flat to the round side opposite.
    """

    bore_mm: float
    flat_mm: float = 0.0
    keyway_mm: float = 0.0

    @property
    def key_depth_mm(self) -> float:
        """How deep the keyway is beyond the bore: that of the nearest smaller standard key."""
        known = [width for width in KEYWAYS_MM if width <= self.keyway_mm + 1e-9]
        return KEYWAYS_MM[max(known)] if known else 0.0

    @property
    def reach_mm(self) -> float:
        """How far from the axis it cuts."""
        radius = self.bore_mm / 2
        if not self.keyway_mm:
            return radius
        return sqrt((radius + self.key_depth_mm) ** 2 + self.keyway_mm**2 / 4)

    def check(self) -> None:
        """Raise PartError for a flat or a keyway that the bore has no room for."""
        if self.flat_mm and self.keyway_mm:
            raise PartError("a bore has a flat or a keyway; flat_mm or keyway_mm must be 0")
        if self.flat_mm:
            why = f"a flat on a shaft of {self.bore_mm:g} mm"
            at_least("flat_mm", self.flat_mm, 0.55 * self.bore_mm, f"{why} cuts it in half")
            at_most("flat_mm", self.flat_mm, 0.98 * self.bore_mm, f"{why} holds nothing")
        if self.keyway_mm:
            at_least("keyway_mm", self.keyway_mm, 2.0, "the smallest key is 2 mm wide")
            why = f"a bore of {self.bore_mm:g} mm is too small for the key"
            at_most("keyway_mm", self.keyway_mm, 0.5 * self.bore_mm, why)

    def loop(self, count: int | None = None) -> Loop:
        """Return the hole; `count` is how many points a round one has."""
        radius = self.bore_mm / 2
        if self.flat_mm:
            off = acos((self.flat_mm - radius) / radius)
        elif self.keyway_mm:
            off = asin(self.keyway_mm / 2 / radius)
        else:
            return circle(self.bore_mm, hole=True, count=count)
        sweep = 2 * pi - 2 * off
        # an odd number of quarters, so that the point opposite to the flat is drawn
        turn = np.linspace(off, off + sweep, 2 * ceil(steps(radius, sweep) / 2) + 1)
        ring = radius * np.column_stack([np.cos(turn), np.sin(turn)])
        if self.keyway_mm:
            deep, half = radius + self.key_depth_mm, self.keyway_mm / 2
            ring = np.vstack([ring, [[deep, -half], [deep, half]]])
        return loop_of(ring[::-1])

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return bore, flat and keyway as found on corners at one height, the bore's alone."""
        radius = self.bore_mm / 2
        reach = radii(points_mm)
        inner = points_mm[reach < self.reach_mm + 0.1]
        if len(inner) == 0:
            return (measured("bore_mm", 0.0, self.bore_mm),)
        found = [measured("bore_mm", 2 * float(reach.min()), self.bore_mm)]
        if self.flat_mm:
            flat = float(inner[:, 0].max() - inner[:, 0].min())
            found.append(measured("flat_mm", flat, self.flat_mm))
        if self.keyway_mm:
            key = inner[inner[:, 0] > radius + 1e-3]
            wide = float(np.ptp(key[:, 1])) if len(key) else 0.0
            deep = float(key[:, 0].max()) - radius if len(key) else 0.0
            found.append(measured("keyway_mm", wide, self.keyway_mm))
            found.append(measured("keyway_depth_mm", deep, self.key_depth_mm))
        return tuple(found)
