import base64
import math
import struct
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from manifold3d import CrossSection, Manifold, OpType

from fieldlab.core.errors import InputError, MeshError, NeedsSupportError, SliceError
from fieldlab.core.messages import Sliced
from printing.gcode.gate import check
from printing.gcode.preview import layers
from printing.profiles import quality
from printing.slicers.embedded import EmbeddedSlicer
from printing.slicers.hatching import zigzags
from printing.slicers.toolpaths import Fill, island_paths, length_mm
from printing.slicers.travel import Island
from tests.unit.printing import shapes

PARTS = {
    "gear": (lambda: shapes.gear(width=3.0), "PA12"),
    "bushing": (shapes.bushing, "PA12-CF"),
    "spider": (shapes.spider, "TPU"),
    "impeller": (shapes.impeller, "PETG"),
    "washer": (shapes.washer, "PLA"),
}


@cache
def sliced(name: str) -> tuple[bytes, Sliced, float]:
    make, material = PARTS[name]
    solid = make()
    stl = shapes.stl_of(solid)
    result = EmbeddedSlicer().slice(stl, printer="virtual", material=material)
    return stl, result, solid.volume()


@pytest.mark.parametrize("name", PARTS)
def test_the_filament_is_the_volume_of_the_part(name: str) -> None:
    _, result, volume_mm3 = sliced(name)

    extruded_mm3 = result.filament_mm * math.pi * 1.75**2 / 4

    assert extruded_mm3 == pytest.approx(volume_mm3, rel=0.02)


@pytest.mark.parametrize("name", PARTS)
def test_what_we_slice_passes_the_gate_as_this_part(name: str) -> None:
    stl, result, _ = sliced(name)

    report = check(result.gcode, printer="virtual", material=PARTS[name][1], stl=stl)

    assert report.refusals == ()
    assert report.layers == result.layers
    assert report.sha256 == result.sha256


def block() -> Manifold:
    return Manifold.cube((24, 24, 4)) - Manifold.cylinder(10, 3, 3, 48).translate((12, 12, -1))


SPARSE = [
    {"infill": 0.2, "skirts": 1},
    {"infill": 0.5, "skins": 2},
    {"infill": 0.2, "pattern": "gyroid"},
    {"infill": 0.35, "pattern": "gyroid", "walls": 3},
    {"brim_mm": 4.0, "skirts": 2},
    {"layer_mm": 0.12, "walls": 1},
    {"layer_mm": 0.28},
]


@pytest.mark.parametrize("changes", SPARSE)
def test_every_quality_passes_the_gate(changes: dict[str, object]) -> None:
    stl = shapes.stl_of(block())
    slicer = EmbeddedSlicer(quality("normal").model_copy(update=changes))

    result = slicer.slice(stl, printer="virtual", material="PLA")

    assert check(result.gcode, printer="virtual", material="PLA", stl=stl).refusals == ()
    filled_mm3 = result.filament_mm * math.pi * 1.75**2 / 4
    assert (filled_mm3 < 0.95 * block().volume()) == ("infill" in changes)


@pytest.mark.parametrize("pattern", ["lines", "gyroid"])
def test_sparse_infill_is_as_full_as_asked(pattern: str) -> None:
    square = CrossSection.square((60, 60))
    filled = []
    for z_mm in np.arange(0.0, 4.0, 0.2):
        fill = Fill(
            line_mm=0.4,
            infill_ratio=0.2,
            pattern=pattern,
            z_mm=float(z_mm),
            walls=1,  # type: ignore[arg-type]
        )
        paths = island_paths(square, fill, CrossSection())
        filled += [sum(length_mm(path.points) * 0.4 for path in paths if path.kind == "sparse")]

    assert np.mean(filled) / 59.2**2 == pytest.approx(0.2, rel=0.1)


def test_sparse_lines_are_not_joined_across_a_bore() -> None:
    ring = CrossSection.circle(9, 96) - CrossSection.circle(3, 96)

    for line in zigzags(ring.to_polygons(), 2.0, 45.0, 0.4):
        middles = (line[1:] + line[:-1]) / 2
        assert np.hypot(*middles.T).min() > 2.9


@pytest.mark.parametrize("stands", [True, False])
def test_a_part_that_needs_supports_is_refused(stands: bool) -> None:
    leg = Manifold.cube((6, 30, 20))
    roof = Manifold.cube((40, 30, 3)).translate((0, 0, 19))
    far_leg = leg.translate((18 if stands else 34, 0, 0))
    stl = shapes.stl_of(leg + far_leg + roof.scale((0.6 if stands else 1.0, 1, 1)))

    if stands:
        assert EmbeddedSlicer().slice(stl, printer="virtual", material="PLA").layers == 110
    else:
        with pytest.raises(NeedsSupportError, match="needs supports"):
            EmbeddedSlicer().slice(stl, printer="virtual", material="PLA")


def test_a_piece_that_starts_in_the_air_is_refused() -> None:
    hook = (
        Manifold.cube((5, 5, 20))
        + Manifold.cube((15, 5, 3)).translate((0, 0, 17))
        + Manifold.cube((3, 5, 9)).translate((12, 0, 8))
    )

    with pytest.raises(NeedsSupportError, match="in the air"):
        EmbeddedSlicer().slice(shapes.stl_of(hook), printer="virtual", material="PLA")


def test_the_file_holds_a_picture_of_the_part() -> None:
    _, result, _ = sliced("gear")
    lines = result.gcode.decode().splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("; thumbnail begin"))
    last = lines.index("; thumbnail end")

    png = base64.b64decode("".join(line[2:] for line in lines[first + 1 : last]))

    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (160, 120)
    rows = np.frombuffer(zlib.decompress(png[41:-16]), np.uint8).reshape(120, 1 + 4 * 160)
    shown = (rows[:, 1:].reshape(120, 160, 4)[:, :, 3] > 0).mean()
    assert 0.2 < shown < 0.9


def test_the_nozzle_crosses_no_wall_inside_an_island() -> None:
    ring = CrossSection.circle(12, 96) - CrossSection.circle(6, 96)
    island = Island([], ring)

    way = island.way(np.array([-9.0, 0.0]), np.array([9.0, 0.1]))

    assert way is not None
    assert np.hypot(*way.T).min() > 6.0
    assert length_mm(way) < 45.0
    assert len(island.way(np.array([0.0, 9.0]), np.array([3.0, 9.0]))) == 2


def test_the_same_part_gives_the_same_bytes() -> None:
    stl, result, _ = sliced("gear")

    again = EmbeddedSlicer().slice(stl, printer="virtual", material="PA12")

    assert again == result


@pytest.mark.parametrize("make", [shapes.gear, shapes.spider, shapes.impeller, shapes.bushing])
def test_the_lines_of_a_layer_have_the_silhouette_of_the_part(make: Callable[[], Manifold]) -> None:
    assert likeness(make().slice(1.0)) >= 0.97


@pytest.mark.parametrize("wall_mm", [0.5, 0.7, 0.9, 1.1, 1.3, 1.7, 1.9, 2.1, 2.6, 3.1, 4.3, 5.5])
@pytest.mark.parametrize("corners", [6, 128])
def test_a_narrow_ring_is_as_full_as_a_wide_one(wall_mm: float, corners: int) -> None:
    ring = CrossSection.circle(9, corners) - CrossSection.circle(9 - wall_mm, corners)

    assert likeness(ring) >= 0.97


def likeness(section: CrossSection) -> float:
    """Return how much of a section and its lines, at their own width, is both."""
    pieces = []
    for island in section.decompose():
        for path in island_paths(island, Fill(line_mm=0.4), CrossSection()):
            for start, end in zip(path.points[:-1], path.points[1:], strict=True):
                pieces.append(_bar(start, end, path.width_mm * path.flow_ratio))
    drawn = CrossSection.batch_boolean(pieces, OpType.Add)
    return float((drawn ^ section).area() / (drawn + section).area())


def _bar(start: np.ndarray, end: np.ndarray, width: float) -> CrossSection:
    step = (end - start) / max(1e-9, float(np.hypot(*(end - start))))
    side = np.array([-step[1], step[0]]) * width / 2
    cap = step * width / 4  # a round end covers about as much as half a square one
    corners = [start - cap - side, end + cap - side, end + cap + side, start - cap + side]
    return CrossSection([np.array(corners)])


def test_the_part_stands_at_the_centre_of_the_bed() -> None:
    _, result, _ = sliced("gear")

    points = np.array([xy for _, lines in layers(result.gcode) for line in lines for xy in
                       zip(line[0::2], line[1::2], strict=True)]) / 100  # fmt: skip

    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    assert centre == pytest.approx([125.0, 105.0], abs=0.05)


def test_a_preview_holds_every_layer_at_its_height() -> None:
    _, result, _ = sliced("washer")

    found = layers(result.gcode)

    assert [z for z, _ in found] == [0.2, 0.4, 0.6]
    assert all(len(line) >= 4 for _, lines in found for line in lines)


def _binary(count: int, body: bytes) -> bytes:
    return bytes(80) + struct.pack("<I", count) + body


def _open_box() -> bytes:
    good = shapes.stl_of(Manifold.cube((10, 10, 10)))
    return _binary(11, good[84 : 84 + 11 * 50])


def _poisoned(value: float) -> bytes:
    good = bytearray(shapes.stl_of(Manifold.cube((10, 10, 10))))
    good[96:100] = struct.pack("<f", value)
    return bytes(good)


def _inside_out() -> bytes:
    good = np.frombuffer(shapes.stl_of(Manifold.cube((10, 10, 10))), np.uint8, offset=84).copy()
    facets = good.reshape(-1, 50)
    facets[:, 12:24], facets[:, 24:36] = facets[:, 24:36].copy(), facets[:, 12:24].copy()
    return _binary(len(facets), facets.tobytes())


BAD_MESHES = {
    "nothing": b"",
    "a word": b"hello",
    "no triangles": _binary(0, b""),
    "a claim of 4e9 triangles": _binary(4_000_000_000, b"\0" * 50),
    "cut short": shapes.stl_of(Manifold.cube((1, 1, 1)))[:-1],
    "an open box": _open_box(),
    "a NaN": _poisoned(float("nan")),
    "an infinity": _poisoned(float("inf")),
    "1e30": _poisoned(1e30),
    "inside out": _inside_out(),
    "an empty text": b"solid x\nfacet normal 0 0 1\nendfacet\nendsolid x\n",
    "a text with words": b"solid x\nfacet\n" + b"vertex a b c\n" * 3,
}


@pytest.mark.parametrize("name", BAD_MESHES)
def test_a_bad_mesh_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(MeshError) as caught:
        EmbeddedSlicer().slice(BAD_MESHES[name], printer="virtual", material="PLA")

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [(300, 10, 10), (10, 250, 10), (10, 10, 300), (10, 10, 0.05)])
def test_a_part_that_does_not_fit_is_refused(size: tuple[float, float, float]) -> None:
    stl = shapes.stl_of(Manifold.cube(size))

    with pytest.raises(SliceError, match="mm"):
        EmbeddedSlicer().slice(stl, printer="virtual", material="PLA")


def test_an_unknown_material_names_those_that_exist() -> None:
    with pytest.raises(InputError, match="PA12-CF"):
        EmbeddedSlicer().slice(b"", printer="virtual", material="wood")


def test_an_ascii_stl_is_read() -> None:
    mesh = Manifold.cube((9, 9, 9)).to_mesh()
    corners = np.array(mesh.vert_properties)[:, :3]
    text = b"solid t\n"
    for triangle in np.array(mesh.tri_verts):
        text += b"facet normal 0 0 0\nouter loop\n"
        text += b"".join(b"vertex %f %f %f\n" % tuple(corner) for corner in corners[triangle])
        text += b"endloop\nendfacet\n"
    text += b"endsolid t\n"

    result = EmbeddedSlicer().slice(text, printer="virtual", material="PLA")

    assert result.layers == 45
    assert check(result.gcode, printer="virtual", material="PLA", stl=text).ok


def test_no_line_of_an_island_is_empty() -> None:
    for island in shapes.gear().slice(1.0).decompose():
        for path in island_paths(island, Fill(line_mm=0.4), CrossSection()):
            assert length_mm(path.points) > 0.0
