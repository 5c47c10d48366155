"""A slow, obvious reader of QR codes of level M, versions 1 to 6, written from the standard."""

import numpy as np

# version: alignment spot, blocks, data codewords of a block, correction codewords of a block
LAYOUTS = {1: (None, 1, 16, 10), 2: (18, 1, 28, 16), 3: (22, 1, 44, 26), 4: (26, 2, 32, 18),
           5: (30, 2, 43, 24), 6: (34, 4, 27, 16)}  # fmt: skip
RULES = (
    lambda i, j: (i + j) % 2 == 0,
    lambda i, j: (i + 0 * j) % 2 == 0, lambda i, j: (j + 0 * i) % 3 == 0,
    lambda i, j: (i + j) % 3 == 0, lambda i, j: (i // 2 + j // 3) % 2 == 0,
    lambda i, j: (i * j) % 2 + (i * j) % 3 == 0,
    lambda i, j: ((i * j) % 2 + (i * j) % 3) % 2 == 0,
    lambda i, j: ((i + j) % 2 + (i * j) % 3) % 2 == 0,
)  # fmt: skip


def read_qr(dark: np.ndarray) -> str:
    """Return the text of a code; ValueError if it is none, or a codeword is wrong."""
    side = len(dark)
    spot, blocks, data, check = LAYOUTS[(side - 17) // 4]
    bits = "".join("1" if dark[8, at] else "0" for at in (0, 1, 2, 3, 4))
    said = int(bits, 2) ^ 0b10101
    if said >> 3 != 0b00:
        raise ValueError(f"level {said >> 3:02b} is not M")
    rule, words, word = RULES[said & 7], [], ""
    for row, column in _path(side, spot):
        word += "1" if dark[row, column] != rule(row, column) else "0"
        if len(word) == 8:
            words.append(int(word, 2))
            word = ""
    plain = []
    for block in range(blocks):
        mine = (
            words[block : data * blocks : blocks] + words[data * blocks + block :: blocks][:check]
        )
        if any(_syndrome(mine, root) for root in range(check)):
            raise ValueError(f"block {block} does not hold")
        plain += mine[:data]
    stream = "".join(f"{each:08b}" for each in plain)
    if stream[:4] != "0100":
        raise ValueError("not bytes")
    count = int(stream[4:12], 2)
    return bytes(int(stream[12 + 8 * at : 20 + 8 * at], 2) for at in range(count)).decode()


def _path(side: int, spot: int | None) -> list[tuple[int, int]]:
    columns = [at for at in range(side - 1, -1, -1) if at != 6]
    path = []
    for pair in range(0, len(columns), 2):
        rows = range(side - 1, -1, -1) if pair % 4 == 0 else range(side)
        for row in rows:
            path += [(row, columns[pair]), (row, columns[pair + 1])]
    return [place for place in path if not _is_fixed(*place, side, spot)]


def _is_fixed(row: int, column: int, side: int, spot: int | None) -> bool:
    corner = (row < 9 and column < 9) or (row < 9 and column >= side - 8)
    corner = corner or (row >= side - 8 and column < 9)
    near = spot is not None and abs(row - spot) <= 2 and abs(column - spot) <= 2
    return corner or near or row == 6 or column == 6


def _syndrome(words: list[int], root: int) -> int:
    total, point = 0, 1
    for _ in range(root):
        point = _times(point, 2)
    for word in words:
        total = _times(total, point) ^ word
    return total


def _times(one: int, other: int) -> int:
    found = 0
    while other:
        if other & 1:
            found ^= one
        one = one << 1 ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return found
