"""Where a mark goes: flat faces of a part, and the places of the letters in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, atan, cos, pi, sin, sqrt

import numpy as np

from fieldlab.core.errors import PartError
from partgen.marking.letters import HIGH_MM, PITCH_MM, STROKE_MM, STROKES, Letter, Points, letter

EDGE_MM = 1.0  # what stays between a letter and the edge of the face
GAP_MM = 2 * PITCH_MM - STROKE_MM
SCALES = (2.0, 1.75, 1.5, 1.25, 1.0)  # the largest that fits is taken
MOST_LETTERS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A letter, where its middle is, how far it is turned, and how much it is enlarged."""

    letter: Letter
    at_mm: tuple[float, float]
    turn_rad: float
    scale: float

    def on_part(self, points_mm: Points) -> Points:
        """Return points of the letter where they are on the part."""
        turn = np.array([[cos(self.turn_rad), sin(self.turn_rad)],
                         [-sin(self.turn_rad), cos(self.turn_rad)]])  # fmt: skip
        return np.asarray(self.scale * points_mm @ turn + np.asarray(self.at_mm))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A flat ring about z that looks up, from one diameter to another."""

    z_mm: float
    inner_mm: float
    outer_mm: float

    def place(self, letters: list[Letter], scale: float) -> tuple[Placed, ...] | None:
        """Return letters along the ring, read clockwise from outside; None if they do not fit."""
        high, gap = scale * HIGH_MM, scale * GAP_MM
        half = [scale * each.wide_mm / 2 for each in letters]
        least = self.inner_mm / 2 + EDGE_MM
        room = (self.outer_mm / 2 - EDGE_MM) ** 2 - max(half) ** 2
        foot = (least + sqrt(max(room, 0.0)) - high) / 2
        if foot < least or gap >= 2 * foot:
            return None
        spans = [2 * atan(each / foot) for each in half]
        between = 2 * asin(gap / 2 / foot)
        whole = sum(spans) + between * (len(spans) - 1)
        if whole > 2 * pi - between:
            return None
        ends = np.cumsum([span + between for span in spans])
        turns = (pi + whole) / 2 - ends + between + np.array(spans) / 2
        middle = foot + high / 2
        return tuple(
            Placed(letter=each, at_mm=(middle * cos(turn), middle * sin(turn)),
                   turn_rad=turn - pi / 2, scale=scale)
            for each, turn in zip(letters, map(float, turns), strict=True)
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A flat rectangle that looks up."""

    z_mm: float
    left_mm: float
    right_mm: float
    low_mm: float
    high_mm: float

    def place(self, letters: list[Letter], scale: float) -> tuple[Placed, ...] | None:
        """Return letters in a line along x, in the middle; None if they do not fit."""
        gap = scale * GAP_MM
        wide = [scale * each.wide_mm for each in letters]
        whole = sum(wide) + gap * (len(wide) - 1)
        too_long = whole > self.right_mm - self.left_mm - 2 * EDGE_MM
        if too_long or scale * HIGH_MM > self.high_mm - self.low_mm - 2 * EDGE_MM:
            return None
        starts = np.cumsum([0.0, *(each + gap for each in wide[:-1])])
        left = (self.left_mm + self.right_mm - whole) / 2
        middle = (self.low_mm + self.high_mm) / 2
        return tuple(
            Placed(letter=each, at_mm=(left + float(start) + width / 2, middle),
                   turn_rad=0.0, scale=scale)
            for each, start, width in zip(letters, starts, wide, strict=True)
        )  # fmt: skip


Room = Ring | Panel


def spelled(text: str) -> str:
    """Return a mark in the letters that can be engraved.

    >>> spelled("g2-k7m4")
    'G2-K7M4'

    Raises
    ------
    PartError
        If it is too long or has a letter that the font does not have.
    """
    mark = text.upper()
    if not 0 < len(mark) <= MOST_LETTERS:
        raise PartError(f"a mark of {len(mark)} letters; give 1 to {MOST_LETTERS}")
    if strange := next((each for each in mark if each not in STROKES), None):
        raise PartError(f"a mark has no {strange!r}; use A to Z, 0 to 9, - / and .")
    return mark


def placed(room: Room, text: str) -> tuple[Placed, ...]:
    """Return the places of a mark's letters, as large as they fit.

    Raises
    ------
    PartError
        If there is no room for it; says how many letters there is room for.
    """
    mark = spelled(text)
    found = _fitted(room, mark)
    if found is None:
        shorter = (mark[:length] for length in range(len(mark) - 1, 0, -1))
        fits = longest(room, shorter)
        raise no_room(mark, f"only '{fits}' has room" if fits else "the face is too small")
    return found


def _fitted(room: Room, mark: str) -> tuple[Placed, ...] | None:
    letters = [letter(each) for each in mark]
    return next((found for scale in SCALES if (found := room.place(letters, scale))), None)


def no_room(mark: str, why: str) -> PartError:
    """Return the refusal of a mark, with what to do instead."""
    return PartError(f"mark '{mark:.40}': {why}; hang a tag on the part ('fieldlab part tag')")


def longest(room: Room | None, texts: Iterable[str]) -> str:
    """Return the first of texts that has room; empty if none has."""
    return next((text for text in texts if room and _fitted(room, spelled(text))), "")
