"""Shapes to slice, and STL bytes of them."""

import struct

import numpy as np
from manifold3d import CrossSection, Manifold

_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def stl_of(solid: Manifold) -> bytes:
    mesh = solid.to_mesh()
    vertices = np.array(mesh.vert_properties)[:, :3]
    triangles = np.array(mesh.tri_verts)
    facets = np.zeros(len(triangles), dtype=_FACET)
    facets["corners"] = vertices[triangles]
    return bytes(80) + struct.pack("<I", len(triangles)) + facets.tobytes()


def gear(module: float = 1.5, teeth: int = 20, width: float = 12.0, bore: float = 8.0) -> Manifold:
    radius, count = module * teeth / 2, teeth * 32
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    tip, root = radius + module, radius - 1.25 * module
    place = (angle * teeth / (2 * np.pi)) % 1
    r = np.interp(place, [0, 0.1, 0.4, 0.6, 0.9, 1], [tip, tip, root, root, tip, tip])
    outline = CrossSection([np.column_stack([r * np.cos(angle), r * np.sin(angle)])])
    return Manifold.extrude(outline - CrossSection.circle(bore / 2, 96), width)


def bushing(length: float = 6.0) -> Manifold:
    body = Manifold.cylinder(2, 8, 8, 96) + Manifold.cylinder(length, 6, 6, 96)
    return body - Manifold.cylinder(length + 2, 4, 4, 96).translate((0, 0, -1))


def spider() -> Manifold:
    star = CrossSection.circle(9, 64)
    for number in range(6):
        star += CrossSection.square((9, 20), False).translate((-4.5, 0)).rotate(60 * number)
    return Manifold.extrude((star ^ CrossSection.circle(20, 96)) - CrossSection.circle(6, 64), 4)


def impeller() -> Manifold:
    body = Manifold.cylinder(2, 25, 25, 128) + Manifold.cylinder(8, 6, 6, 64)
    for number in range(7):
        blade = Manifold.cube((20, 1.4, 5)).translate((4.5, -0.7, 1.5))
        body += blade.rotate((0, 0, 360 / 7 * number))
    return body - Manifold.cylinder(20, 2.5, 2.5, 48).translate((0, 0, -1))


def washer() -> Manifold:
    return Manifold.cylinder(0.6, 6, 6, 48) - Manifold.cylinder(4, 3, 3, 48).translate((0, 0, -1))
