"""A small picture of a part, as PrusaSlicer writes it: a PNG in comments."""

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt
from manifold3d import Manifold

Numbers = npt.NDArray[np.float64]

WIDTH, HEIGHT = 160, 120
_PER_PIXEL = 4.0  # points that are drawn for each pixel of a face
_LIGHT = np.array([-0.35, -0.55, 0.76])
_COLOUR = np.array([250.0, 130.0, 40.0])
_LINE = 76


def thumbnail(solid: Manifold) -> list[str]:
    """Return the notes that hold a picture of a solid, seen from the front and above."""
    text = base64.b64encode(_png(_picture(solid))).decode("ascii")
    rows = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
    return [f"thumbnail begin {WIDTH}x{HEIGHT} {len(text)}", *rows, "thumbnail end"]


def _picture(solid: Manifold) -> npt.NDArray[np.uint8]:
    """Return the pixels (height, width, 4), red, green, blue and opacity."""
    mesh = solid.to_mesh()
    corners = np.array(mesh.vert_properties, dtype=np.float64)[:, :3][np.array(mesh.tri_verts)]
    seen = _view(corners)
    low, high = seen.min(axis=(0, 1)), seen.max(axis=(0, 1))
    sides = seen[:, 1:, :2] - seen[:, :1, :2]
    facing = sides[:, 0, 0] * sides[:, 1, 1] > sides[:, 0, 1] * sides[:, 1, 0]
    corners, seen = corners[facing], seen[facing]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(normal, axis=1)
    scale = float(min((WIDTH - 4) / (high[0] - low[0]), (HEIGHT - 4) / (high[1] - low[1])))
    points, face = _sampled(seen, size / 2 * scale**2)
    middle = (low + high) / 2
    column = (WIDTH / 2 + (points[:, 0] - middle[0]) * scale).astype(np.int64)
    row = (HEIGHT / 2 - (points[:, 1] - middle[1]) * scale).astype(np.int64)
    order = np.argsort(points[:, 2], kind="stable")  # the nearest is drawn last
    shade = 0.35 + 0.65 * np.clip(normal @ _LIGHT / np.maximum(1e-12, size), 0.0, 1.0)
    picture = np.zeros((HEIGHT, WIDTH, 4), dtype=np.uint8)
    colours = np.column_stack([shade[face, None] * _COLOUR, np.full(len(face), 255.0)])
    picture[row[order], column[order]] = colours[order].astype(np.uint8)
    return picture


def _view(corners: Numbers) -> Numbers:
    """Return right, up and nearness of points, seen from the front, turned and from above."""
    turn, tilt = np.deg2rad(30.0), np.deg2rad(35.0)
    x, y, z = np.moveaxis(corners, -1, 0)
    right, back = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    up, near = z * np.cos(tilt) + back * np.sin(tilt), z * np.sin(tilt) - back * np.cos(tilt)
    return np.stack([right, up, near], axis=-1)


def _sampled(corners: Numbers, pixels: Numbers) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """Return points spread evenly over triangles, and the triangle of each.

    The spread is the R2 sequence (Roberts, "The unreasonable effectiveness of quasirandom
    sequences", 2018), so the same part gives the same picture.
    """
    count = np.ceil(_PER_PIXEL * pixels).astype(np.int64) + 1
    face = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(face), dtype=np.float64)
    u, v = (number * 0.7548776662466927) % 1.0, (number * 0.5698402909980532) % 1.0
    fold = u + v > 1.0
    u, v = np.where(fold, 1.0 - u, u), np.where(fold, 1.0 - v, v)
    a, b, c = corners[face, 0], corners[face, 1], corners[face, 2]
    return a + u[:, None] * (b - a) + v[:, None] * (c - a), face


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return a PNG (ISO/IEC 15948): signature, header, one block of rows, end."""
    rows = np.pad(pixels.reshape(HEIGHT, -1), ((0, 0), (1, 0)))  # each row starts with filter 0
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    checked = kind + body
    return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))
