"""A part as STEP: one faceted solid, whole by itself, the same bytes each time, read by others."""

import re
from pathlib import Path

import pytest

from fieldlab.app.cli.main import main
from fieldlab.core.messages import PartOrder
from partgen.compose import compose
from partgen.export import from_stl
from partgen.solid import Mesh
from partgen.step import to_step

PARTS = (
    ("flanged_bushing", {}, ""),
    ("lever", {}, "A7"),
    ("spur_gear", {"teeth": 20, "hub_mm": 18, "hub_length_mm": 8, "set_screw_mm": 2.5}, ""),
    ("pillow_block", {}, ""),
)


def mesh_of(family: str, sizes: dict[str, float], mark: str) -> Mesh:
    return from_stl(compose(PartOrder(family=family, material="PA12", sizes=sizes, mark=mark)).stl)


@pytest.mark.parametrize(("family", "sizes", "mark"), PARTS)
def test_every_reference_is_there_and_every_edge_is_walked_once_each_way(
    family: str, sizes: dict[str, float], mark: str
) -> None:
    mesh = mesh_of(family, sizes, mark)

    text = to_step(mesh, family).decode("ascii")

    assert text == to_step(mesh, family).decode("ascii")
    numbers = re.findall(r"^#(\d+)=", text, re.MULTILINE)
    assert numbers == [str(at + 1) for at in range(len(numbers))]
    assert max(map(int, re.findall(r"#(\d+)", text))) <= len(numbers)
    loops = [re.findall(r"\d+", refs) for refs in re.findall(r"POLY_LOOP\('',\((.*?)\)\)", text)]
    edges = [pair for loop in loops for pair in zip(loop, [*loop[1:], loop[0]], strict=True)]
    assert len(edges) == len(set(edges))
    assert set(edges) == {(end, start) for start, end in edges}
    assert text.count("=FACE_SURFACE(") < len(mesh.faces) / 2


@pytest.mark.parametrize(("family", "sizes", "mark"), PARTS[:2])
def test_opencascade_reads_a_valid_solid_of_the_same_volume(
    family: str, sizes: dict[str, float], mark: str, tmp_path: Path
) -> None:
    pytest.importorskip("OCP", reason="OpenCascade is not installed")
    from OCP.BRepCheck import BRepCheck_Analyzer
    from OCP.BRepGProp import BRepGProp
    from OCP.GProp import GProp_GProps
    from OCP.STEPControl import STEPControl_Reader

    mesh, file = mesh_of(family, sizes, mark), tmp_path / "part.step"
    file.write_bytes(to_step(mesh, family))

    reader = STEPControl_Reader()
    reader.ReadFile(str(file))
    reader.TransferRoots()

    shape, found = reader.OneShape(), GProp_GProps()
    BRepGProp.VolumeProperties_s(shape, found)
    assert BRepCheck_Analyzer(shape).IsValid()
    assert found.Mass() == pytest.approx(mesh.volume_mm3, rel=1e-6)


def test_the_ending_of_the_file_picks_the_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ending, begins in (("step", b"ISO-10303-21;"), ("3mf", b"PK"), ("stl", b"fieldlab part")):
        file = tmp_path / f"b.{ending}"
        assert main(["part", "flanged_bushing", "-o", str(file)]) == 0
        assert file.read_bytes().startswith(begins)
    assert main(["part", "flanged_bushing", "-o", str(tmp_path / "b.obj")]) == 2
    assert "the ending must be .stl, .3mf, .step, .stp" in capsys.readouterr().err
