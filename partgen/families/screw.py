"""Holes across the layers: teardrops, whose roofs print without support; set screws into a hub."""

from math import pi, sin

import manifold3d
import numpy as np

from fieldlab.core.errors import PartError
from partgen.families.bore import Bore
from partgen.families.family import Measured, Points, at_least, at_most, measured
from partgen.solid import Mesh

ROOF_RAD = pi * 44 / 180  # a roof that leans 44 degrees from upright; the limit is 45


def teardrop(diameter_mm: float) -> Points:
    """Return a circle with a roof on it, counter-clockwise; its round part has full width."""
    radius = diameter_mm / 2
    turn = np.linspace(pi - ROOF_RAD, 2 * pi + ROOF_RAD, 61)
    arc = radius * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.vstack([arc, [[0.0, radius / sin(ROOF_RAD)]]])


def teardrop_height_mm(diameter_mm: float, across_mm: Points) -> Points:
    """Return how high the teardrop's polygon is at distances from its middle."""
    drop = teardrop(diameter_mm)
    half = diameter_mm / 2
    off = np.abs(across_mm)
    low = np.interp(off, *_side(drop, upper=False))
    high = np.interp(off, *_side(drop, upper=True))
    return np.where(off <= half, high - low, 0.0)


def _side(drop: Points, *, upper: bool) -> tuple[Points, Points]:
    """Return across and height of the right half's lower or upper edge, rising."""
    right = drop[drop[:, 0] >= -1e-9]
    widest = float(right[np.argmax(right[:, 0]), 1])
    edge = right[right[:, 1] >= widest - 1e-9] if upper else right[right[:, 1] <= widest + 1e-9]
    edge = edge[np.argsort(edge[:, 0], kind="stable")]
    return edge[:, 0], edge[:, 1]


def screw_volume_mm3(screw_mm: float, bore: Bore, hub_mm: float) -> float:
    """Return what a radial hole along x takes from a hub: from the bore's wall to the outside."""
    across = np.linspace(-screw_mm / 2, screw_mm / 2, 2001)
    radius = bore.bore_mm / 2
    inner = np.sqrt(np.maximum(radius**2 - across**2, 0.0))
    if bore.flat_mm:
        inner = np.minimum(inner, bore.flat_mm - radius)
    if bore.keyway_mm:
        inside = np.abs(across) < bore.keyway_mm / 2
        inner = np.where(inside, radius + bore.key_depth_mm, inner)
    outer = np.sqrt(hub_mm**2 / 4 - across**2)
    return float(np.trapezoid(teardrop_height_mm(screw_mm, across) * (outer - inner), across))


def check_screw(screw_mm: float, bore: Bore, hub_mm: float, hub_length_mm: float) -> None:
    """Raise PartError for a set screw without a hub, or one too thick for its hub or bore."""
    if not hub_mm:
        raise PartError("a set screw needs a hub; give hub_mm and hub_length_mm, such as 18 and 8")
    at_least("set_screw_mm", screw_mm, 1.2, "a hole this narrow closes in print")
    at_most("set_screw_mm", screw_mm, 0.6 * bore.bore_mm, "the screw is as wide as the shaft")
    if bore.keyway_mm:
        most = 0.8 * bore.keyway_mm
        at_most("set_screw_mm", screw_mm, most, "the screw is wider than the key")
    if bore.flat_mm:
        most = 1.9 * (bore.bore_mm * bore.flat_mm - bore.flat_mm**2) ** 0.5
        at_most("set_screw_mm", screw_mm, most, "the screw is wider than the flat")
    least = 2 * screw_mm / 2 / sin(ROOF_RAD) + 1.6
    at_least("hub_length_mm", hub_length_mm, least, f"a screw of {screw_mm:g} mm breaks out")


def drilled(mesh: Mesh, screw_mm: float, middle_mm: float, hub_mm: float) -> Mesh:
    """Return a part with a teardrop hole along x from its bore to the outside."""
    drop = manifold3d.CrossSection([teardrop(screw_mm)])
    hole = manifold3d.Manifold.extrude(drop, hub_mm / 2 + 1.0)
    # the drop's tip looks along z and its length along x
    lying = hole.rotate((90.0, 0.0, 0.0)).rotate((0.0, 0.0, 90.0)).translate((0.0, 0.0, middle_mm))
    found = (mesh.solid() - lying).to_mesh()
    vertices = np.array(found.vert_properties[:, :3], dtype=np.float64)
    return Mesh(vertices=vertices, faces=np.array(found.tri_verts, dtype=np.int64))


def screw_found(points_mm: Points, screw_mm: float, hub_mm: float, *, above_mm: float) -> Measured:
    """Return the hole's width where it leaves a hub: its only corners between foot and top."""
    heights = points_mm[:, 2]
    between = (heights > above_mm + 1e-3) & (heights < heights.max() - 1e-3)
    outer = np.hypot(points_mm[:, 0], points_mm[:, 1]) > hub_mm / 2 - 0.02
    drop = points_mm[between & outer]
    return measured("set_screw_mm", float(np.ptp(drop[:, 1])) if len(drop) else 0.0, screw_mm)
