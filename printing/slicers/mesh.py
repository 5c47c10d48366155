"""Bytes of an STL file to a closed solid, or one line that says why not."""

import numpy as np
import numpy.typing as npt
from manifold3d import Error, Manifold, Mesh

from fieldlab.core.errors import MeshError

MAX_TRIANGLES = 2_000_000
MAX_TEXT_TRIANGLES = 200_000  # text takes ten times the memory
MAX_COORDINATE_MM = 10_000.0
_HEADER = 84
_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def solid_of(stl: bytes) -> Manifold:
    """Return the solid that an STL file describes.

    Raises
    ------
    MeshError
        If the file is no STL, empty, too large, not finite, open, or inside out.
    """
    corners = _triangles(stl)
    if not np.isfinite(corners).all():
        raise MeshError("the mesh holds a coordinate that is not a number; export it again")
    if np.abs(corners).max() > MAX_COORDINATE_MM:
        raise MeshError(
            f"the mesh reaches beyond {MAX_COORDINATE_MM:.0f} mm; is it in millimetres?"
        )
    points = np.ascontiguousarray(corners.reshape(-1, 3) + np.float32(0.0))
    unique, inverse = np.unique(points.view("V12").ravel(), return_inverse=True)
    vertices = unique.view(np.float32).reshape(-1, 3)
    faces = inverse.reshape(-1, 3).astype(np.uint32)
    solid = Manifold(Mesh(vert_properties=vertices, tri_verts=faces))
    if solid.status() != Error.NoError:
        raise MeshError(f"the mesh is not a closed solid ({solid.status().name}); repair it first")
    if solid.is_empty() or solid.volume() <= 0:
        raise MeshError("the mesh encloses no volume, or its faces point inwards")
    return solid


def _triangles(stl: bytes) -> npt.NDArray[np.float32]:
    if len(stl) >= _HEADER:
        count = int.from_bytes(stl[80:84], "little")
        if len(stl) == _HEADER + count * _FACET.itemsize:
            return _binary(stl, count)
    if stl[:5].lower() == b"solid" and b"facet" in stl:
        return _ascii(stl)
    raise MeshError(f"not an STL file, or cut short ({len(stl)} bytes)")


def _binary(stl: bytes, count: int) -> npt.NDArray[np.float32]:
    if not 0 < count <= MAX_TRIANGLES:
        raise MeshError(f"{count} triangles; 1 to {MAX_TRIANGLES} can be sliced")
    facets = np.frombuffer(stl, dtype=_FACET, offset=_HEADER, count=count)
    return np.ascontiguousarray(facets["corners"])


def _ascii(stl: bytes) -> npt.NDArray[np.float32]:
    if stl.count(b"vertex") > 3 * MAX_TEXT_TRIANGLES:
        raise MeshError(f"an STL text of more than {MAX_TEXT_TRIANGLES} triangles; save it binary")
    found = [line.split()[1:] for line in stl.splitlines() if line.lstrip().startswith(b"vertex")]
    if not found or len(found) % 3:
        raise MeshError(f"an STL text with {len(found)} corners; every triangle has three")
    try:
        return np.array(found, dtype=np.float32).reshape(-1, 3, 3)
    except ValueError as error:
        raise MeshError("an STL text with a corner that is not three numbers") from error
