"""Whether the bytes that ship are a printable solid with the sizes that were ordered."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import manifold3d
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from fieldlab.core.errors import FieldlabError
from fieldlab.core.messages import Check, Part, Verification
from partgen.compose import make
from partgen.engineering.checks import Duty
from partgen.export import corners_of, weld
from partgen.families.family import Family
from partgen.solid import Mesh, crosses
from partgen.strength import strength

Level = Literal["batch", "full"]
Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.int64]
Keys = npt.NDArray[np.integer[Any]]
OVERHANG_COS = np.cos(np.radians(45.0 - 0.5))  # half a degree for rounding
FLAT_MM = 1e-4


def verify(
    part: Part,
    *,
    level: Level = "full",
    bed_mm: tuple[float, float, float] = (250.0, 210.0, 210.0),
    min_wall_mm: float = 0.8,
    duty: Duty | None = None,
) -> Verification:
    """Return what was found on the bytes of a part; never raises for a broken part.

    With a `duty` its strength under that load is judged too.
    """
    try:
        design = make(part.order.family, part.order.sizes)
        vertices, faces = weld(corners_of(part.stl))
        solid = Mesh(vertices=vertices, faces=faces)
        checks = [*_batch(part, design, solid)]
        if level == "full":
            checks.extend(_full(solid, bed_mm, min_wall_mm))
        if duty is not None:
            checks.extend(strength(design, part.order.material, duty))
    except FieldlabError as error:
        checks = [Check(name="readable", ok=False, found=str(error), wanted="a part")]
    return Verification(
        level=level, ok=all(check.ok for check in checks), sha256=part.sha256, checks=tuple(checks)
    )


def _batch(part: Part, design: Family, solid: Mesh) -> Iterator[Check]:
    found = sha256(part.stl).hexdigest()
    yield Check(name="fingerprint", ok=found == part.sha256, found=found, wanted=part.sha256)
    edges = _Edges.of(solid)
    yield edges.closed()
    bodies, genus = edges.bodies(), _genus(solid)
    yield Check(name="bodies", ok=bodies == 1, found=str(bodies), wanted="1")
    yield Check(
        name="genus", ok=genus == design.genus, found=f"{genus:g}", wanted=str(design.genus)
    )
    lowest = float(solid.vertices[:, 2].min())
    yield Check(name="stands_on_bed", ok=lowest == 0.0, found=f"{lowest:.4f} mm", wanted="0 mm")
    mark = part.order.mark
    volume, wanted = solid.volume_mm3, design.marked_volume_mm3(mark)
    yield Check(
        name="volume", ok=abs(volume - wanted) <= 1e-3 * wanted,
        found=f"{volume:.2f} mm3", wanted=f"{wanted:.2f} mm3",
    )  # fmt: skip
    if mark:
        told = design.told(solid, mark)
        yield Check(name="mark", ok=told.upper() == mark.upper(), found=told, wanted=mark)
    for each in design.measure(solid.vertices):
        yield Check(
            name=each.name, ok=bool(each.ok), found=f"{each.found:.4f}".rstrip("0").rstrip("."),
            wanted=f"{each.wanted:.4f} ± {each.tolerance:g}",
        )  # fmt: skip


def _full(solid: Mesh, bed_mm: tuple[float, float, float], min_wall_mm: float) -> Iterator[Check]:
    import trimesh  # another reader's opinion; it takes a second to load

    mesh = trimesh.Trimesh(vertices=solid.vertices, faces=solid.faces, process=False)
    sound = bool(mesh.is_watertight and mesh.is_winding_consistent)
    yield Check(name="watertight", ok=sound, found=str(sound).lower(), wanted="true")
    body = solid.solid()
    accepted = body.status() == manifold3d.Error.NoError and not body.is_empty()
    yield Check(name="manifold", ok=accepted, found=body.status().name, wanted="NoError")
    area = _overhang_mm2(solid)
    yield Check(name="overhang", ok=area < 0.5, found=f"{area:.2f} mm2", wanted="< 0.5 mm2")
    box = np.ptp(solid.vertices, axis=0)
    fits = bool((box <= np.asarray(bed_mm)).all())
    yield Check(name="fits_bed", ok=fits, found=_by(box), wanted=_by(np.asarray(bed_mm)))
    thin = _thin_mm2(body, solid, min_wall_mm) if accepted else float("inf")
    yield Check(
        name="min_wall", ok=thin == 0.0, found=f"{thin:.3f} mm2 thinner",
        wanted=f"nothing thinner than {min_wall_mm:g} mm",
    )  # fmt: skip


def _by(box: npt.NDArray[np.float64]) -> str:
    return " x ".join(f"{side:.2f}" for side in box) + " mm"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edges:
    """The edges of a mesh as sorted numbers low * count + high, once for each way they are used."""

    count: int
    forth: Keys
    back: Keys

    @classmethod
    def of(cls, solid: Mesh) -> "_Edges":
        count = len(solid.vertices)
        small = np.uint32 if count < 65_536 else np.int64  # half the bytes sort in half the time
        faces: Keys = solid.faces.astype(small)
        start, end = faces.ravel(), faces[:, (1, 2, 0)].ravel()
        key = np.minimum(start, end) * count + np.maximum(start, end)
        rises = start < end
        return cls(count=count, forth=np.sort(key[rises]), back=np.sort(key[~rises]))

    def closed(self) -> Check:
        """Return whether each edge is used once each way."""
        twice = sum(int(np.count_nonzero(np.diff(way) == 0)) for way in (self.forth, self.back))
        if np.array_equal(self.forth, self.back):
            unmatched = 0
        else:
            unmatched = len(np.setxor1d(self.forth, self.back)) or 1
        return Check(
            name="closed", ok=unmatched == 0 and twice == 0,
            found=f"{unmatched} open, {twice} doubled edges", wanted="0, 0 doubled edges",
        )  # fmt: skip

    def _all(self) -> Keys:
        return np.union1d(self.forth, self.back)

    def bodies(self) -> int:
        """Return how many bodies the edges join."""
        keys = self.forth if np.array_equal(self.forth, self.back) else self._all()
        starts = np.searchsorted(keys, np.arange(self.count + 1) * self.count)
        links = csr_array(
            (np.ones(len(keys), np.int8), keys % self.count, starts), shape=(self.count, self.count)
        )
        bodies, _ = connected_components(links, directed=False)
        return int(bodies)


def _genus(solid: Mesh) -> float:
    """Return the number of holes through a closed body, from Euler's formula."""
    return 1 - (len(solid.vertices) - len(solid.faces) / 2) / 2


def _overhang_mm2(solid: Mesh) -> float:
    """Return the area that hangs over by more than 45 degrees, the bottom left out."""
    corners = solid.corners
    across = crosses(corners)
    twice = np.linalg.norm(across, axis=1)
    hangs = (-across[:, 2] > OVERHANG_COS * twice) & (corners[:, :, 2].max(axis=1) > FLAT_MM)
    return float(twice[hangs].sum()) / 2


def _thin_mm2(body: manifold3d.Manifold, solid: Mesh, wall_mm: float) -> float:
    """Return the area of sections that a disc of the wall's width cannot reach.

    Corners that a disc cannot fill either are not walls: what is lost counts only when it is
    larger than the disc's square, or wide enough to be a wall of a quarter of its width.
    """
    levels = np.unique(np.round(solid.vertices[:, 2], 3))
    middles = (levels[1:] + levels[:-1]) / 2
    if len(middles) > 6:
        middles = middles[np.linspace(0, len(middles) - 1, 6).astype(int)]
    return sum(_thin_in_section(body.slice(float(at)), wall_mm) for at in middles)


def _thin_in_section(section: manifold3d.CrossSection, wall_mm: float) -> float:
    half = wall_mm / 2 - 0.005
    reached = (
        section.simplify(0.005)
        .offset(-half, manifold3d.JoinType.Round, 2.0, 24)
        .offset(half + 0.01, manifold3d.JoinType.Round, 2.0, 24)
    )
    lost = section - reached
    lost_mm2 = [
        float(piece.area())
        for piece in lost.decompose()
        if piece.area() > wall_mm**2 or not piece.offset(-0.15 * wall_mm).is_empty()
    ]
    return sum(lost_mm2)
