"""A QR code (ISO/IEC 18004): bytes, level M, versions 1 to 6, up to 106 letters."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from fieldlab.core.errors import PartError

Grid = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """How many codewords of data a version holds at level M, in how many equal blocks."""

    number: int
    data: int
    blocks: int
    check: int  # codewords that correct one block

    @property
    def side(self) -> int:
        """How many modules it is wide."""
        return 17 + 4 * self.number


VERSIONS = (
    Version(number=1, data=16, blocks=1, check=10), Version(number=2, data=28, blocks=1, check=16),
    Version(number=3, data=44, blocks=1, check=26), Version(number=4, data=64, blocks=2, check=18),
    Version(number=5, data=86, blocks=2, check=24), Version(number=6, data=108, blocks=4, check=16),
)  # fmt: skip
MOST_BYTES = VERSIONS[-1].data - 2
_FINDER = re.compile("(?=10111010000|00001011101)")  # what could be taken for a finder
MASKS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda y, x: (y + x) % 2,
    lambda y, x: y % 2 + 0 * x,
    lambda y, x: x % 3 + 0 * y,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)


@lru_cache(maxsize=8)
def qr(text: str) -> Grid:
    """Return a code's modules, dark is true, (n, n) from the upper left; raises PartError."""
    content = text.encode()
    version = next((each for each in VERSIONS if len(content) <= each.data - 2), None)
    if not content or version is None:
        raise PartError(f"a code of {len(content)} bytes; give 1 to {MOST_BYTES}")
    fixed, taken = _fixed(version)
    bits = np.unpackbits(np.frombuffer(bytes(_codewords(content, version)), np.uint8))
    drawn = fixed.copy()
    for (row, column), bit in zip(_way(taken), bits, strict=False):
        drawn[row, column] = bool(bit)
    tried = [_masked(drawn, taken, mask) for mask in range(len(MASKS))]
    best = min(tried, key=_penalty)
    best.flags.writeable = False  # it is kept
    return best


def _codewords(content: bytes, version: Version) -> Iterator[int]:
    """Yield data and correction, the blocks' codewords in turn."""
    bits = f"0100{len(content):08b}" + "".join(f"{each:08b}" for each in content) + "0000"
    data = [int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8)]
    data += [(0xEC, 0x11)[at % 2] for at in range(version.data - len(data))]
    long = version.data // version.blocks
    blocks = [data[at : at + long] for at in range(0, version.data, long)]
    yield from (block[at] for at in range(long) for block in blocks)
    checks = [corrected(block, version.check) for block in blocks]
    yield from (check[at] for at in range(version.check) for check in checks)


@cache
def _powers() -> tuple[list[int], list[int]]:
    """Return the powers of 2 in GF(256) with polynomial 0x11D, and their logarithms."""
    powers, logs, value = [0] * 510, [0] * 256, 1
    for at in range(255):
        powers[at] = powers[at + 255] = value
        logs[value] = at
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return powers, logs


def _times(one: int, other: int) -> int:
    powers, logs = _powers()
    return powers[logs[one] + logs[other]] if one and other else 0


def corrected(data: Sequence[int], count: int) -> list[int]:
    """Return the Reed-Solomon codewords of a block: the rest of its division by the generator."""
    generator = [1]
    for at in range(count):
        root = _powers()[0][at]
        generator = [
            a ^ _times(b, root) for a, b in zip([*generator, 0], [0, *generator], strict=True)
        ]
    rest = [*data, *[0] * count]
    for at in range(len(data)):
        factor = rest[at]
        for place, value in enumerate(generator):
            rest[at + place] ^= _times(value, factor)
    return rest[len(data) :]


def _fixed(version: Version) -> tuple[Grid, Grid]:
    """Return finders, timing and alignment, and which modules they and the format take."""
    side = version.side
    dark, taken = np.zeros((side, side), bool), np.zeros((side, side), bool)
    dark[6], dark[:, 6] = np.arange(side) % 2 == 0, np.arange(side) % 2 == 0
    taken[6] = taken[:, 6] = True
    for row, column in ((0, 0), (0, side - 7), (side - 7, 0)):
        around = slice(max(row - 1, 0), row + 8), slice(max(column - 1, 0), column + 8)
        dark[around], taken[around] = False, True
        dark[row : row + 7, column : column + 7] = _rings(7)
    taken[8, :9] = taken[:9, 8] = taken[8, side - 8 :] = taken[side - 8 :, 8] = True
    dark[side - 8, 8] = True
    if version.number > 1:
        spot = slice(side - 9, side - 4)
        dark[spot, spot], taken[spot, spot] = _rings(5), True
    return dark, taken


def _rings(side: int) -> Grid:
    """Return a square, a gap and a heart: the finder of 7, the alignment of 5."""
    away = np.abs(np.arange(side) - side // 2)
    reach = np.maximum(away[:, None], away[None])
    return np.asarray(reach != side // 2 - 1)


def _way(taken: Grid) -> Iterator[tuple[int, int]]:
    """Yield the free modules in pairs of columns from the right, up and down in turn."""
    side, up = len(taken), True
    for right in (*range(side - 1, 6, -2), *range(5, 0, -2)):
        for row in range(side - 1, -1, -1) if up else range(side):
            yield from ((row, at) for at in (right, right - 1) if not taken[row, at])
        up = not up


def _masked(drawn: Grid, taken: Grid, mask: int) -> Grid:
    """Return a code under a mask, with the format that names it and level M (00)."""
    y, x = np.indices(drawn.shape)
    found: Grid = drawn ^ ((MASKS[mask](y, x) == 0) & ~taken)
    side = len(found)
    first = [(8, at) for at in (0, 1, 2, 3, 4, 5, 7, 8)] + [(at, 8) for at in (7, 5, 4, 3, 2, 1, 0)]
    second = [(side - 1 - at, 8) for at in range(7)] + [(8, side - 8 + at) for at in range(8)]
    for bit, one, other in zip(format_bits(mask), first, second, strict=True):
        found[one] = found[other] = bit == "1"
    return found


def format_bits(mask: int) -> str:
    """Return the fifteen bits that name level M and a mask (BCH code, masked).

    >>> format_bits(0)
    '101010000010010'
    """
    rest = mask << 10
    for at in range(4, -1, -1):
        if rest >> (at + 10) & 1:
            rest ^= 0x537 << at
    return f"{(mask << 10 | rest) ^ 0x5412:015b}"


def _penalty(grid: Grid) -> int:
    """Return how hard a code is to read, by the four rules of the standard."""
    lines = [*grid, *grid.T]
    runs = sum(_runs(line) for line in lines)
    squares = grid[:-1, :-1].astype(int) + grid[1:, :-1] + grid[:-1, 1:] + grid[1:, 1:]
    finders = sum(_finders(line) for line in lines)
    share = abs(float(grid.mean()) - 0.5) * 100
    return int(runs + 3 * np.isin(squares, (0, 4)).sum() + 40 * finders + 10 * int(share // 5))


def _runs(line: Grid) -> int:
    edges = np.flatnonzero(np.diff(line)) + 1
    long = np.diff(np.concatenate([[0], edges, [len(line)]]))
    return int((long[long >= 5] - 2).sum())


def _finders(line: Grid) -> int:
    return len(_FINDER.findall("".join("1" if each else "0" for each in line)))
