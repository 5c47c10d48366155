"""A mesh to STEP (ISO 10303-21, AP214): a faceted solid of flat faces.

Triangles that lie in one plane are one face; arcs and flanks stay the chords that the mesh has.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from partgen.solid import Faces, Mesh, Points, crosses

_ALIKE = 1 - 1e-9  # cosine of the angle between triangles of one face
Ring = list[int]


def to_step(mesh: Mesh, name: str) -> bytes:
    """Return a closed mesh as STEP text; the same mesh gives the same bytes."""
    lines = _Lines()
    points = [lines.add(f"CARTESIAN_POINT('',{_triple(point)})") for point in mesh.vertices]
    faces = [_face(lines, mesh, points, rings, normal) for rings, normal in _faces(mesh)]
    shell = lines.add(f"CLOSED_SHELL('',{_refs(faces)})")
    solid = lines.add(f"FACETED_BREP('',#{shell})")
    _product(lines, solid, name)
    head = (
        "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION(('faceted solid'),'2;1');\n"
        f"FILE_NAME('{name}','1980-01-01T00:00:00',(''),(''),'','fieldlab','');\n"
        "FILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\n"
    )
    return (head + "\n".join(lines.said) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode("ascii")


class _Lines:
    """The entities of a file, numbered as they come."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def add(self, entity: str) -> int:
        """Add an entity and return its number."""
        self.said.append(f"#{len(self.said) + 1}={entity};")
        return len(self.said)


def _triple(values: Points) -> str:
    return "({})".format(",".join(_real(float(value)) for value in values))


def _real(value: float) -> str:
    """Return a number as STEP writes it, with a point.

    >>> _real(3.0), _real(0.25), _real(1e-7)
    ('3.', '0.25', '1.E-07')
    """
    mantissa, _, power = f"{value:.9G}".partition("E")
    return (mantissa if "." in mantissa else f"{mantissa}.") + (f"E{power}" if power else "")


def _refs(numbers: list[int]) -> str:
    return "({})".format(",".join(f"#{number}" for number in numbers))


def _faces(mesh: Mesh) -> Iterator[tuple[list[Ring], Points]]:
    """Yield the rings of each flat face, the outer one first, and its normal."""
    across = crosses(mesh.corners)
    normals = across / np.linalg.norm(across, axis=1)[:, None]
    group = _groups(mesh.faces, normals)
    order = np.argsort(group, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        largest = members[np.argmax(np.abs(across[members]).sum(axis=1))]
        rings = _rings(mesh.faces[members])
        if rings is None:  # rings that touch in a corner: as triangles
            yield from (([list(map(int, mesh.faces[at]))], normals[at]) for at in members)
            continue
        rings.sort(key=lambda ring: -_reach(mesh.vertices[ring]))
        yield rings, normals[largest]


def _groups(faces: Faces, normals: Points) -> Faces:
    """Return a number for each triangle: the same for neighbours that lie in one plane."""
    count = len(faces)
    start, end = faces.ravel(), faces[:, (1, 2, 0)].ravel()
    owner = np.repeat(np.arange(count), 3)
    key = np.minimum(start, end) * (int(faces.max()) + 1) + np.maximum(start, end)
    order = np.argsort(key, kind="stable")
    one, other = owner[order][::2], owner[order][1::2]
    flat = np.einsum("ij,ij->i", normals[one], normals[other]) > _ALIKE
    links = coo_array((np.ones(int(flat.sum())), (one[flat], other[flat])), shape=(count, count))
    _, group = connected_components(links, directed=False)
    return np.asarray(group, np.int64)


def _rings(faces: Faces) -> list[Ring] | None:
    """Return the edges that only one triangle has, joined to rings; None if rings touch."""
    edges = {
        (int(a), int(b)) for face in faces for a, b in zip(face, np.roll(face, -1), strict=True)
    }
    ahead: dict[int, list[int]] = defaultdict(list)
    for start, end in sorted(edges):
        if (end, start) not in edges:
            ahead[start].append(end)
    if any(len(ends) != 1 for ends in ahead.values()):
        return None
    rings: list[Ring] = []
    while ahead:
        first = next(iter(ahead))
        ring, at = [first], ahead.pop(first)[0]
        while at != first:
            ring.append(at)
            at = ahead.pop(at)[0]
        rings.append(ring)
    return rings


def _reach(points_mm: Points) -> float:
    """Return how far a ring reaches: the outer one of a face reaches farthest."""
    return float(np.linalg.norm(np.ptp(points_mm, axis=0)))


def _face(lines: _Lines, mesh: Mesh, points: list[int], rings: list[Ring], normal: Points) -> int:
    bounds = []
    for number, ring in enumerate(rings):
        loop = lines.add(f"POLY_LOOP('',{_refs([points[at] for at in ring])})")
        kind = "FACE_BOUND" if number else "FACE_OUTER_BOUND"
        bounds.append(lines.add(f"{kind}('',#{loop},.T.)"))
    along = mesh.vertices[rings[0][1]] - mesh.vertices[rings[0][0]]
    up = lines.add(f"DIRECTION('',{_triple(normal)})")
    side = lines.add(f"DIRECTION('',{_triple(along / np.linalg.norm(along))})")
    place = lines.add(f"AXIS2_PLACEMENT_3D('',#{points[rings[0][0]]},#{up},#{side})")
    plane = lines.add(f"PLANE('',#{place})")
    return lines.add(f"FACE_SURFACE('',{_refs(bounds)},#{plane},.T.)")


def _product(lines: _Lines, solid: int, name: str) -> None:
    """Add what makes a solid a product, in millimetres."""
    add = lines.add
    context = add("APPLICATION_CONTEXT('core data for automotive mechanical design processes')")
    standard = "'international standard','automotive_design',2000"
    add(f"APPLICATION_PROTOCOL_DEFINITION({standard},#{context})")
    scope = add(f"PRODUCT_CONTEXT('',#{context},'mechanical')")
    made = add(f"PRODUCT('{name}','{name}','',(#{scope}))")
    formation = add(f"PRODUCT_DEFINITION_FORMATION('','',#{made})")
    design = add(f"PRODUCT_DEFINITION_CONTEXT('part definition',#{context},'design')")
    definition = add(f"PRODUCT_DEFINITION('design','',#{formation},#{design})")
    shape = add(f"PRODUCT_DEFINITION_SHAPE('','',#{definition})")
    length = add("(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.))")
    angle = add("(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.))")
    solid_angle = add("(NAMED_UNIT(*)SI_UNIT($,.STERADIAN.)SOLID_ANGLE_UNIT())")
    near = add(f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-4),#{length},'accuracy','')")
    space = add(
        "(GEOMETRIC_REPRESENTATION_CONTEXT(3)"
        f"GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT((#{near}))"
        f"GLOBAL_UNIT_ASSIGNED_CONTEXT((#{length},#{angle},#{solid_angle}))"
        "REPRESENTATION_CONTEXT('',''))"
    )
    drawn = add(f"FACETED_BREP_SHAPE_REPRESENTATION('',(#{solid}),#{space})")
    add(f"SHAPE_DEFINITION_REPRESENTATION(#{shape},#{drawn})")
