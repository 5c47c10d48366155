"""What every part family is: its sizes with bounds, and the solid they make."""

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from functools import cache
from math import inf, isfinite
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from fieldlab.core.errors import PartError
from partgen.marking.cut import carved_mm3, engraved, read
from partgen.marking.room import Room, no_room
from partgen.solid import Layer, Mesh, mesh_of

Points = npt.NDArray[np.float64]
# What printing does to a size: holes shrink, outsides grow, spans between middles only scale, and
# a gap between teeth (backlash of the pair, of which each gear gives half) closes from both sides.
Role = Literal["hole", "outer", "span", "gap"]
_UNITS = {"_mm": "mm", "_deg": "deg", "_ratio": "ratio"}


def size(
    default: float, low: float, high: float, *, source: str = "own choice", memory: bool = False
) -> Any:
    """Return a dataclass field for a size: its default, its bounds, and where they come from.

    With `memory` the source is quoted from memory, and is shown so.
    """
    said = f"{source} (from memory)" if memory else source
    return field(default=default, metadata={"min": low, "max": high, "source": said})


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeInfo:
    """What a user may know of one size."""

    name: str
    unit: str
    default: float
    low: float
    high: float
    source: str
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A size as it was found on a mesh, and what it had to be."""

    name: str
    found: float
    wanted: float
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether what was found is what was wanted."""
        return abs(self.found - self.wanted) <= self.tolerance


def unit_of(name: str) -> str:
    """Return the unit that a size's name ends in.

    >>> unit_of("bore_mm"), unit_of("teeth")
    ('mm', '1')
    """
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A part family: sizes in, one closed solid out, standing on z = 0."""

    interfaces: ClassVar[tuple[str, ...]] = ()  # sizes that other parts rely on
    critical: ClassVar[tuple[str, ...]] = ()  # sizes that are measured on the printed part
    fits: ClassVar[Mapping[str, Role]] = {}  # sizes in the plane that printing changes, and how

    def __post_init__(self) -> None:
        for info in self.sizes():
            _check(info, getattr(self, info.name))
        self.rules()

    @classmethod
    @cache
    def sizes(cls) -> tuple[SizeInfo, ...]:
        """Return the sizes in the order of the file."""
        return tuple(
            SizeInfo(
                name=each.name,
                unit=unit_of(each.name),
                default=_default(each),
                low=each.metadata["min"],
                high=each.metadata["max"],
                source=each.metadata["source"],
                whole=each.type is int,
            )
            for each in fields(cls)
        )

    def rules(self) -> None:
        """Raise PartError for sizes that do not go together."""
        raise NotImplementedError

    def layers(self) -> Sequence[Layer]:
        """Return the slabs of the solid, lowest first."""
        raise NotImplementedError

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return the declared sizes as they are found on the corners of a mesh."""
        raise NotImplementedError

    @property
    def genus(self) -> int:
        """How many holes go through."""
        return 1

    @property
    def repeats(self) -> int:
        """How many like teeth the outline has, each from root to root; 1 is none."""
        return 1

    @property
    def mark_room(self) -> Room | None:
        """The flat face that a mark may be engraved in; None where it would harm or not fit."""
        return None

    @property
    def volume_mm3(self) -> float:
        """The volume as designed."""
        return sum(layer.volume_mm3 for layer in self.layers())

    @property
    def box_mm(self) -> tuple[float, float, float]:
        """The room that the part takes."""
        layers = self.layers()
        flat = np.vstack([loop for layer in layers for loop in (*layer.below, *layer.above)])
        wide, deep = (flat.max(axis=0) - flat.min(axis=0)).astype(float)
        return float(wide), float(deep), layers[-1].top_mm

    def slabs(self, mark: str = "") -> Sequence[Layer]:
        """Return the slabs with a mark cut into them; raises PartError if it has no room."""
        return engraved(self.layers(), self._room(mark), mark) if mark else self.layers()

    def told(self, mesh: Mesh, mark: str) -> str:
        """Return what is read where a mark should be; equal to the mark in capitals if it is."""
        return read(mesh, self._room(mark), mark)

    def marked_volume_mm3(self, mark: str) -> float:
        """Return the volume that is left beside a mark."""
        return self.volume_mm3 - (carved_mm3(self._room(mark), mark) if mark else 0.0)

    def _room(self, mark: str) -> Room:
        if self.mark_room is None:
            raise no_room(mark, "the part has no face for it")
        return self.mark_room

    def mesh(self, mark: str = "") -> Mesh:
        """Return the solid, standing on z = 0, with a mark engraved if it has one."""
        return mesh_of(self.slabs(mark), repeats=self.repeats)


def _check(info: SizeInfo, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise PartError(f"{info.name} is {value!r:.40}; give a number such as {info.default:g}")
    if info.whole and not isinstance(value, int):
        raise PartError(
            f"{info.name} is {value:g}; it must be a whole number, such as {round(value)}"
        )
    if not info.low <= value <= info.high:
        unit = "" if info.unit == "1" else f" {info.unit}"
        raise PartError(f"{info.name} is {value:g}; it must be {info.low:g} to {info.high:g}{unit}")


def _default(each: Field[Any]) -> float:
    plain: Any = each.default
    return int(plain) if each.type is int else float(plain)


def at_least(name: str, value: float, low: float, why: str) -> None:
    """Raise PartError with the number that would work if `value` is below `low`."""
    if value < low - 1e-9:
        raise PartError(f"{why}; {name} must be {_up(low)} or more")


def at_most(name: str, value: float, high: float, why: str) -> None:
    """Raise PartError with the number that would work if `value` is above `high`."""
    if value > high + 1e-9:
        raise PartError(f"{why}; {name} must be {_down(high)} or less")


def _up(value: float) -> str:
    return f"{np.ceil(value * 100 - 1e-6) / 100:.2f}"


def _down(value: float) -> str:
    return f"{np.floor(value * 100 + 1e-6) / 100:.2f}"


def radii(points_mm: Points) -> Points:
    """Return the distance of each point to the z axis."""
    return np.hypot(points_mm[:, 0], points_mm[:, 1])


def diameter(
    points_mm: Points, *, inner: bool = False, low: float = -inf, high: float = inf
) -> float:
    """Return the largest (or smallest) diameter about z of the points between two heights."""
    heights = points_mm[:, 2]
    kept = radii(points_mm)[(heights >= low - 1e-5) & (heights <= high + 1e-5)]
    if len(kept) == 0:
        return 0.0
    return 2 * float(kept.min() if inner else kept.max())


def measured(name: str, found: float, wanted: float, tolerance: float = 0.005) -> Measured:
    """Return a measured size with the tolerance of a drawn arc."""
    return Measured(name=name, found=found, wanted=wanted, tolerance=tolerance)


def height(name: str, points_mm: Points, wanted: float) -> Measured:
    """Return the height of all points as a measured size."""
    return measured(name, float(np.ptp(points_mm[:, 2])), wanted, 1e-3)


def teeth_found(points_mm: Points, middle_mm: float, beyond_mm: float) -> int:
    """Return how often the outline at the bottom rises through a radius, once round.

    Points nearer to the axis than `beyond_mm` (a bore) are left out.
    """
    flat = points_mm[np.abs(points_mm[:, 2]) < 1e-5]
    reach = radii(flat)
    flat, reach = flat[reach > beyond_mm], reach[reach > beyond_mm]
    order = np.argsort(np.arctan2(flat[:, 1], flat[:, 0]), kind="stable")
    high = reach[order] > middle_mm
    return int(np.count_nonzero(high & ~np.roll(high, 1)))
