"""A mesh to a shaded picture: a depth buffer in numpy, and the bytes of a PNG."""

import struct
import zlib

import numpy as np
import numpy.typing as npt

from partgen.solid import Mesh, crosses

Image = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
FINE = 3  # drawn this much larger, then averaged
AZIMUTH_DEG, ELEVATION_DEG = -58.0, 32.0
LIGHT = np.array([-0.35, -0.55, 0.76])  # from the left, before and above
BODY = np.array([92.0, 142.0, 190.0])
INK = np.array([24.0, 34.0, 48.0])
PAPER = np.array([250.0, 250.0, 248.0])


def picture(mesh: Mesh, *, wide_px: int = 480, high_px: int = 360) -> Image:
    """Return a mesh as seen from before, right and above, (high, wide, 3)."""
    seen = mesh.vertices @ _view().T
    shape = (high_px * FINE, wide_px * FINE)
    spots = _fit(seen, shape)
    depth, facing = _buffers(spots, mesh, shape)
    image = _shaded(depth, facing, float(np.ptp(spots[:, 2])))
    fine = image.reshape(high_px, FINE, wide_px, FINE, 3).mean(axis=(1, 3))
    coarse: Image = np.clip(fine, 0, 255).astype(np.uint8)
    return coarse


def _view() -> Points:
    """Return rows: right, up and toward the eye."""
    turn, lift = np.radians(AZIMUTH_DEG), np.radians(ELEVATION_DEG)
    toward = np.array([np.cos(turn) * np.cos(lift), np.sin(turn) * np.cos(lift), np.sin(lift)])
    right = np.array([-np.sin(turn), np.cos(turn), 0.0])
    return np.stack([right, np.cross(toward, right), toward])


def _fit(seen: Points, shape: tuple[int, int]) -> Points:
    """Return corners in pixels: x to the right, y down, and the height toward the eye."""
    low, high = seen.min(axis=0), seen.max(axis=0)
    room = 0.86 * np.array([shape[1], shape[0]])
    scale = float(min(room / (high - low)[:2]))
    middle = (low + high) / 2
    spots = (seen - middle) * scale
    spots[:, 0] += shape[1] / 2
    spots[:, 1] = shape[0] / 2 - spots[:, 1]
    return np.asarray(spots)


def _buffers(
    spots: Points, mesh: Mesh, shape: tuple[int, int]
) -> tuple[Points, npt.NDArray[np.float64]]:
    """Return for each pixel how near it is, and the normal of what is seen there."""
    depth = np.full(shape, -np.inf)
    facing = np.zeros((*shape, 3))
    normals = crosses(mesh.corners)
    length = np.linalg.norm(normals, axis=1)
    shown = (normals @ _view()[2] > 0) & (length > 1e-12)
    for corners, normal in zip(
        spots[mesh.faces[shown]], normals[shown] / length[shown, None], strict=True
    ):
        _fill(depth, facing, corners, normal)
    return depth, facing


def _fill(depth: Points, facing: Points, corners: Points, normal: Points) -> None:
    """Draw one triangle where it is nearer than what is there."""
    left, top = np.maximum(np.floor(corners[:, :2].min(axis=0)).astype(int), 0)
    right, low = np.ceil(corners[:, :2].max(axis=0)).astype(int) + 1
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = corners
    twice = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    if abs(twice) < 1e-9:
        return
    x, y = np.arange(left, right) + 0.5, (np.arange(top, low) + 0.5)[:, None]
    one = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / twice
    two = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / twice
    near = az + one * (bz - az) + two * (cz - az)
    window = depth[top:low, left:right]
    inside = (one >= -1e-6) & (two >= -1e-6) & (one + two <= 1 + 1e-6) & (near > window)
    window[inside] = near[inside]
    facing[top:low, left:right][inside] = normal


def _shaded(depth: Points, facing: Points, deep_px: float) -> Points:
    """Return the colours: two lights, and ink where a form begins or bends sharply."""
    part = np.isfinite(depth)
    key = np.clip(facing @ (LIGHT / np.linalg.norm(LIGHT)), 0, 1)
    fill = np.clip(facing @ np.array([0.8, -0.45, 0.4]), 0, 1)
    glow = 0.42 + 0.62 * key + 0.16 * fill
    image = np.where(part[..., None], BODY * glow[..., None], PAPER)
    far = np.where(part, depth, -1e6)
    edge = np.zeros(part.shape, dtype=bool)
    for axis in (0, 1):
        bend = np.einsum("ijk,ijk->ij", facing, np.roll(facing, 1, axis=axis)) < 0.75
        jump = np.abs(far - np.roll(far, 1, axis=axis)) > 0.02 * deep_px + 4 * FINE
        edge |= (bend | jump) & (part | np.roll(part, 1, axis=axis))
    image[edge] = INK
    return np.asarray(image)


def to_png(image: Image) -> bytes:
    """Return an image (high, wide, 3) as PNG; the same image gives the same bytes."""
    high, wide, _ = image.shape
    rows = np.concatenate([np.zeros((high, 1), np.uint8), image.reshape(high, -1)], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
