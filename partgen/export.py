"""A mesh to the bytes of STL and 3MF, and an STL's bytes back to a mesh, with every check."""

from collections.abc import Mapping
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt

from fieldlab.core.errors import MeshError
from partgen.solid import Mesh, crosses

HEADER = b"fieldlab part, millimetres".ljust(80, b"\0")
TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("extra", "<u2")])
MOST_TRIANGLES = 4_000_000
FARTHEST_MM = 10_000.0
_PREFIX = 84


def to_stl(mesh: Mesh) -> bytes:
    """Return a mesh as binary STL with a fixed header."""
    corners = np.asarray(mesh.vertices, dtype=np.float32)[np.asarray(mesh.faces)]
    records = np.zeros(len(corners), dtype=TRIANGLE)
    records["corners"] = corners
    normals = crosses(corners.astype(np.float64))
    length = np.sqrt(np.einsum("ij,ij->i", normals, normals))
    length[length == 0] = 1.0
    records["normal"] = normals / length[:, None]
    return HEADER + np.uint32(len(records)).tobytes() + records.tobytes()


def corners_of(stl: bytes) -> npt.NDArray[np.float32]:
    """Return the corners of an STL's triangles, (n, 3, 3) in mm.

    Raises
    ------
    MeshError
        If it is text, cut off, empty, too large, or holds a number that is none.
    """
    if len(stl) < _PREFIX:
        raise MeshError(f"an STL has at least {_PREFIX} bytes; found {len(stl)}")
    count = int.from_bytes(stl[80:_PREFIX], "little")
    if stl[:5] == b"solid" and len(stl) != _PREFIX + count * TRIANGLE.itemsize:
        raise MeshError("this is a text STL; export it as binary STL")
    if count == 0:
        raise MeshError("the STL holds no triangles")
    if count > MOST_TRIANGLES:
        raise MeshError(f"the STL claims {count} triangles; at most {MOST_TRIANGLES} are read")
    if len(stl) != _PREFIX + count * TRIANGLE.itemsize:
        wanted = _PREFIX + count * TRIANGLE.itemsize
        raise MeshError(f"the STL claims {count} triangles, {wanted} bytes, but has {len(stl)}")
    corners = np.frombuffer(stl, dtype=TRIANGLE, offset=_PREFIX)["corners"]
    if not np.isfinite(corners).all():
        raise MeshError("the STL holds a coordinate that is not a number")
    far = float(np.abs(corners).max())
    if far > FARTHEST_MM:
        raise MeshError(f"the STL reaches {far:.3g} mm; at most {FARTHEST_MM:g} mm is a part")
    return np.ascontiguousarray(corners)


def weld(
    corners_mm: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return vertices (v, 3) and faces (n, 3): corners that are the same bits are one vertex."""
    flat = corners_mm.reshape(-1, 3) + np.float32(0.0)  # -0 is 0
    bits = flat.view(np.uint32).astype(np.uint64)
    keys = (bits[:, 0] << np.uint64(32)) | bits[:, 1]
    order = np.lexsort((bits[:, 2], keys))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(keys[order]) != 0) | (np.diff(bits[order, 2]) != 0)
    index = np.empty(len(order), dtype=np.int64)
    index[order] = np.cumsum(first) - 1
    return flat[order[first]].astype(np.float64), index.reshape(-1, 3)


def from_stl(stl: bytes) -> Mesh:
    """Return the mesh of a binary STL, corners welded; raises MeshError."""
    vertices, faces = weld(corners_of(stl))
    return Mesh(vertices=vertices, faces=faces)


def to_3mf(mesh: Mesh, metadata: Mapping[str, str] | None = None) -> bytes:
    """Return a mesh as 3MF (core specification 1.3); the same mesh gives the same bytes."""
    corners = np.asarray(mesh.vertices, dtype=np.float32)
    points = "".join(f'<vertex x="{x:.7g}" y="{y:.7g}" z="{z:.7g}"/>' for x, y, z in corners)
    sides = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in mesh.faces)
    notes = "".join(
        f"<metadata name={quoteattr(name)}>{escape(text)}</metadata>"
        for name, text in sorted((metadata or {}).items())
    )
    model = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<model unit="millimeter" xml:lang="en"'
        ' xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"'
        ' xmlns:fieldlab="urn:fieldlab:part:1">'
        f'{notes}<resources><object id="1" type="model"><mesh><vertices>{points}</vertices>'
        f"<triangles>{sides}</triangles></mesh></object></resources>"
        '<build><item objectid="1"/></build></model>'
    )
    files = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "3D/3dmodel.model": model}
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in files.items():
            entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 3
            archive.writestr(entry, text)
    return packed.getvalue()


_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
    '.relationships+xml"/><Default Extension="model"'
    ' ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>'
    "</Types>"
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rel0" Target="/3D/3dmodel.model"'
    ' Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
)
