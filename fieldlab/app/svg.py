"""Draws plain charts as SVG text: axes with round numbers, lines, bands and marks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 960, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 40, 45
_INK, _GRID = "#333", "#ddd"
_MOST_POINTS = 1200

Floats = npt.NDArray[np.float64]


@dataclass(kw_only=True)
class Chart:
    """One chart: what its axes are called and reach, and what is drawn so far."""

    title: str
    x_name: str
    y_name: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    _drawn: list[str] = field(default_factory=list)

    def band(self, left: float, right: float, colour: str) -> None:
        """Shade a stretch of the x axis."""
        x, end = self._x(left), self._x(right)
        self._drawn.append(
            f'<rect x="{x:.1f}" y="{_TOP}" width="{max(end - x, 0.8):.1f}" '
            f'height="{HEIGHT - _TOP - _BOTTOM}" fill="{colour}"/>'
        )

    def line(self, x: Floats, y: Floats, colour: str) -> None:
        """Draw a line; of many points the largest of each stretch is kept."""
        at, values = _peaks(np.asarray(x, np.float64), np.asarray(y, np.float64))
        points = " ".join(f"{self._x(a):.1f},{self._y(b):.1f}"
                          for a, b in zip(at, values, strict=True))  # fmt: skip
        self._drawn.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.3"/>'
        )

    def level(self, y: float, text: str, colour: str) -> None:
        """Draw a dashed level with its name."""
        at = self._y(y)
        self._drawn.append(
            f'<line x1="{_LEFT}" y1="{at:.1f}" x2="{WIDTH - _RIGHT}" y2="{at:.1f}" '
            f'stroke="{colour}" stroke-dasharray="6 4"/>'
            + _text(WIDTH - _RIGHT - 4, at - 4, text, anchor="end", colour=colour)
        )

    def mark(self, x: float, text: str, colour: str, *, row: int = 0) -> None:
        """Draw an upright line with its name, one row lower for each `row`."""
        at = self._x(x)
        self._drawn.append(
            f'<line x1="{at:.1f}" y1="{_TOP}" x2="{at:.1f}" y2="{HEIGHT - _BOTTOM}" '
            f'stroke="{colour}" stroke-width="0.9" stroke-dasharray="3 3"/>'
            + _text(at + 3, _TOP + 11 + 12 * row, text, colour=colour)
        )

    def body(self) -> str:
        """Return the elements of this chart, its top left at the origin."""
        parts = [
            _text(_LEFT + 40, 20, self.title, size=15),
            _text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 6, self.x_name, anchor="middle"),
            _text(_LEFT - 60, _TOP - 10, self.y_name),
        ]
        for value in ticks(*self.x_range):
            at = self._x(value)
            parts.append(_tick_line(at, _TOP, at, HEIGHT - _BOTTOM))
            parts.append(_text(at, HEIGHT - _BOTTOM + 16, f"{value + 0.0:g}", anchor="middle"))
        for value in ticks(*self.y_range):
            at = self._y(value)
            parts.append(_tick_line(_LEFT, at, WIDTH - _RIGHT, at))
            parts.append(_text(_LEFT - 6, at + 4, f"{value + 0.0:g}", anchor="end"))
        return "\n".join([*parts, *self._drawn])

    def _x(self, value: float) -> float:
        return _place(value, self.x_range, _LEFT, WIDTH - _RIGHT)

    def _y(self, value: float) -> float:
        return _place(value, self.y_range, HEIGHT - _BOTTOM, _TOP)


def picture(charts: Sequence[Chart]) -> str:
    """Return an SVG file of charts, one under the other."""
    bodies = (
        f'<g transform="translate(0 {number * HEIGHT})">\n{chart.body()}\n</g>'
        for number, chart in enumerate(charts)
    )
    high = HEIGHT * len(charts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{high}" '
        f'viewBox="0 0 {WIDTH} {high}" font-family="sans-serif">\n'
        f'<rect width="{WIDTH}" height="{high}" fill="#fff"/>\n' + "\n".join(bodies) + "\n</svg>\n"
    )


def ticks(low: float, high: float, count: int = 6) -> Iterable[float]:
    """Return round numbers from `low` to `high`, about `count` of them.

    >>> [float(x) for x in ticks(0.0, 10.0)]
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    rough = (high - low) / count
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(size * power for size in (1.0, 2.0, 5.0, 10.0) if size * power >= rough * 0.999)
    first = np.ceil(low / step - 1e-9)
    return [
        float(step * number) + 0.0 for number in np.arange(first, np.floor(high / step + 1e-9) + 1)
    ]


def _peaks(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return at most `_MOST_POINTS` points: the largest of each stretch."""
    if len(x) <= _MOST_POINTS:
        return x, y
    edges = np.linspace(0, len(x), _MOST_POINTS + 1).astype(np.int64)
    places = np.array([a + int(np.argmax(y[a:b])) for a, b in pairwise(edges)])
    return x[places], y[places]


def _place(value: float, range_: tuple[float, float], start: float, end: float) -> float:
    share = (value - range_[0]) / (range_[1] - range_[0])
    return start + (end - start) * float(np.clip(share, 0.0, 1.0))


def _tick_line(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{_GRID}"/>'


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, colour: str = _INK
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{colour}">{escape(text)}</text>'
    )
