"""The outlines of gaskets: a ring, a rectangular flange, an oval flange of two bolts."""

from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import Protocol

import manifold3d

from fieldlab.core.errors import PartError
from partgen.families.family import at_least, at_most
from partgen.families.plate import disc, rounded
from partgen.solid import Loop, circle, regions

WALL_MM = 1.2
Spots = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The sizes of a gasket that its outline is drawn from; 0 is none, or what suits."""

    outer_mm: float
    depth_mm: float
    bore_mm: float
    opening_mm: float
    bolts: int
    bolt_mm: float
    bolt_circle_mm: float
    bolt_depth_mm: float
    corner_mm: float

    def unused(self, outline: str, *names: str) -> None:
        """Raise PartError for sizes that this outline does not have."""
        for name in names:
            if getattr(self, name):
                raise PartError(f"{outline} has no {name}; {name} must be 0")


class Outline(Protocol):
    """How one kind of gasket is drawn."""

    def check(self, ask: Ask) -> None:
        """Raise PartError for sizes that do not go together."""

    def size_mm(self, ask: Ask) -> tuple[float, float]:
        """Return how long it is along x and y."""

    def rim(self, ask: Ask) -> tuple[Loop, ...]:
        """Return what is around it."""

    def opening(self, ask: Ask) -> Loop:
        """Return the hole in its middle."""

    def spots(self, ask: Ask) -> Spots:
        """Return where its bolts are."""


class Ring:
    """A round gasket; its bolts lie on a circle."""

    def check(self, ask: Ask) -> None:
        """Refuse a thin ring, and holes that break out or crowd."""
        ask.unused("a ring", "depth_mm", "opening_mm", "bolt_depth_mm", "corner_mm")
        wall = (ask.outer_mm - ask.bore_mm) / 2
        at_least("outer_mm", ask.outer_mm, ask.bore_mm + 2 * WALL_MM, f"ring is {wall:.2f} mm")
        if not ask.bolts:
            return
        inner = ask.bore_mm + ask.bolt_mm + 2 * WALL_MM
        at_least("bolt_circle_mm", ask.bolt_circle_mm, inner, "a bolt meets the opening")
        outer = ask.bolt_circle_mm + ask.bolt_mm + 2 * WALL_MM
        at_least("outer_mm", ask.outer_mm, outer, "a bolt breaks out at the rim")
        if ask.bolts > 1:
            apart = (ask.bolt_mm + WALL_MM) / sin(pi / ask.bolts)
            at_least("bolt_circle_mm", ask.bolt_circle_mm, apart, f"{ask.bolts} bolts crowd")

    def size_mm(self, ask: Ask) -> tuple[float, float]:
        """Return its diameter, twice."""
        return ask.outer_mm, ask.outer_mm

    def rim(self, ask: Ask) -> tuple[Loop, ...]:
        """Return a circle."""
        return (circle(ask.outer_mm),)

    def opening(self, ask: Ask) -> Loop:
        """Return a round hole."""
        return circle(ask.bore_mm, hole=True)

    def spots(self, ask: Ask) -> Spots:
        """Return places on the bolt circle, the first along x."""
        reach = ask.bolt_circle_mm / 2
        turns = [2 * pi * number / ask.bolts for number in range(ask.bolts)]
        return tuple((reach * cos(turn), reach * sin(turn)) for turn in turns)


class Rectangle:
    """A rectangular flange: bolts in its corners, six also in the middle of its long sides."""

    def check(self, ask: Ask) -> None:
        """Refuse a thin frame, and bolts that break out or meet the opening."""
        if ask.bolts not in (0, 4, 6):
            raise PartError(f"a rectangle has 0, 4 or 6 bolts, not {ask.bolts}; bolts must be 4")
        (wide, deep), (across, up) = self.size_mm(ask), self._opening_mm(ask)
        at_least("outer_mm", wide, across + 2 * WALL_MM, "the frame is thin")
        at_least("depth_mm", deep, up + 2 * WALL_MM, "the frame is thin")
        at_most("corner_mm", ask.corner_mm, min(wide, deep) / 2 - 1.0, "the corners meet")
        if ask.opening_mm and ask.corner_mm:
            at_most("corner_mm", ask.corner_mm, min(across, up) / 2 - 0.5, "the opening's corners")
        if not ask.opening_mm:  # a round opening in a rounded frame: the corner must not cut it
            room = hypot(wide / 2 - ask.corner_mm, deep / 2 - ask.corner_mm) + ask.corner_mm
            least = 2 * room - 2 * WALL_MM
            at_most("bore_mm", ask.bore_mm, least, "the opening meets a corner")
        if ask.bolts:
            self._check_bolts(ask)

    def _check_bolts(self, ask: Ask) -> None:
        (wide, deep), (along, up) = self.size_mm(ask), self._apart_mm(ask)
        least = ask.bolt_mm + 2 * WALL_MM
        at_least("outer_mm", wide, along + least, "a bolt breaks out at the side")
        at_least("depth_mm", deep, up + least, "a bolt breaks out at the side")
        at_least("bolt_circle_mm", along, ask.bolt_mm + WALL_MM, "the bolts crowd")
        at_least("bolt_depth_mm", up, ask.bolt_mm + WALL_MM, "the bolts crowd")
        straight = min(wide - along, deep - up) / 2
        at_most("corner_mm", ask.corner_mm, straight, "the corners cut the bolts' edges")
        across, high = self._opening_mm(ask)
        beside = along - ask.bolt_mm - 2 * WALL_MM >= across
        over = up - ask.bolt_mm - 2 * WALL_MM >= high
        round_off = not ask.opening_mm and hypot(along, up) >= across + ask.bolt_mm + 2 * WALL_MM
        if not (beside or over or round_off):
            least = across + ask.bolt_mm + 2 * WALL_MM
            at_least("bolt_circle_mm", along, least, "a bolt meets the opening")
        if ask.bolts == 6:
            least = high + ask.bolt_mm + 2 * WALL_MM
            at_least("bolt_depth_mm", up, least, "a middle bolt meets the opening")
            least = 2 * (ask.bolt_mm + WALL_MM)
            at_least("bolt_circle_mm", along, least, "6 bolts crowd")

    def size_mm(self, ask: Ask) -> tuple[float, float]:
        """Return its sides; a square without `depth_mm`."""
        return ask.outer_mm, ask.depth_mm or ask.outer_mm

    def _opening_mm(self, ask: Ask) -> tuple[float, float]:
        return ask.bore_mm, ask.opening_mm or ask.bore_mm

    def _apart_mm(self, ask: Ask) -> tuple[float, float]:
        """Return how far the corner bolts are apart; as far from each side if nothing is said."""
        wide, deep = self.size_mm(ask)
        return ask.bolt_circle_mm, ask.bolt_depth_mm or deep - (wide - ask.bolt_circle_mm)

    def rim(self, ask: Ask) -> tuple[Loop, ...]:
        """Return the rounded rectangle."""
        return (rounded(*self.size_mm(ask), ask.corner_mm),)

    def opening(self, ask: Ask) -> Loop:
        """Return a rectangular hole, or a round one without `opening_mm`."""
        if not ask.opening_mm:
            return circle(ask.bore_mm, hole=True)
        return rounded(ask.bore_mm, ask.opening_mm, ask.corner_mm)[::-1]

    def spots(self, ask: Ask) -> Spots:
        """Return the corners, and the middles of the long sides."""
        if not ask.bolts:
            return ()
        x, y = (each / 2 for each in self._apart_mm(ask))
        corners = ((x, y), (-x, y), (-x, -y), (x, -y))
        return corners if ask.bolts == 4 else (*corners, (0.0, y), (0.0, -y))


class Oval:
    """An oval flange: the hull of a disc around the opening and an ear around each of two bolts."""

    def check(self, ask: Ask) -> None:
        """Refuse thin ears, a thin body, and bolts that meet the opening."""
        ask.unused("an oval", "opening_mm", "bolt_depth_mm", "corner_mm")
        if ask.bolts != 2:
            raise PartError(f"an oval has 2 bolts, not {ask.bolts}; bolts must be 2")
        least = ask.bolt_circle_mm + ask.bolt_mm + 2 * WALL_MM
        at_least("outer_mm", ask.outer_mm, least, "an ear's wall is thin")
        inner = ask.bore_mm + ask.bolt_mm + 2 * WALL_MM
        at_least("bolt_circle_mm", ask.bolt_circle_mm, inner, "a bolt meets the opening")
        body = self._body_mm(ask)
        at_least("depth_mm", body, ask.bore_mm + 2 * WALL_MM, "the body's wall is thin")
        at_most("depth_mm", body, ask.outer_mm, "an oval is longer than deep")

    def _body_mm(self, ask: Ask) -> float:
        return ask.depth_mm or ask.bore_mm + 4 * WALL_MM

    def _ear_mm(self, ask: Ask) -> float:
        return ask.outer_mm - ask.bolt_circle_mm

    def size_mm(self, ask: Ask) -> tuple[float, float]:
        """Return its length and the larger of body and ears."""
        return ask.outer_mm, max(self._body_mm(ask), self._ear_mm(ask))

    def rim(self, ask: Ask) -> tuple[Loop, ...]:
        """Return the hull."""
        ears = [disc(self._ear_mm(ask), spot) for spot in self.spots(ask)]
        return regions(manifold3d.CrossSection.batch_hull([disc(self._body_mm(ask)), *ears]))

    def opening(self, ask: Ask) -> Loop:
        """Return a round hole."""
        return circle(ask.bore_mm, hole=True)

    def spots(self, ask: Ask) -> Spots:
        """Return the two bolts, along x."""
        away = ask.bolt_circle_mm / 2
        return (away, 0.0), (-away, 0.0)


OUTLINES: dict[int, Outline] = {0: Ring(), 1: Rectangle(), 2: Oval()}
