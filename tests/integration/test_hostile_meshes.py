"""Meshes made to hurt, through the command that an outsider would use: one line, 5 s, 1 GB."""

import io
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from manifold3d import Manifold

from tests.unit.printing import shapes

MOST_S, MOST_MB = 5.0, 1000.0


def binary(count: int, body: bytes) -> bytes:
    return bytes(80) + struct.pack("<I", count) + body


def box() -> bytes:
    return shapes.stl_of(Manifold.cube((10, 10, 10)))


def poisoned(value: float) -> bytes:
    return box()[:96] + struct.pack("<f", value) + box()[100:]


def bomb() -> bytes:
    """Return 200 kB that become 200 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("3D/3dmodel.model", bytes(200 << 20))
    return packed.getvalue()


MESHES: dict[str, Callable[[], bytes]] = {
    "4e9 triangles.stl": lambda: binary(4_000_000_000, bytes(50)),
    "a zip bomb.3mf": bomb,
    "a long text.stl": lambda: b"solid x\nfacet\n" + b"vertex 1 2 3\n" * 3_000_000,
}
MORE: dict[str, Callable[[], bytes]] = {
    "a zip bomb.stl": bomb,
    "NaN.stl": lambda: poisoned(float("nan")),
    "1e30.stl": lambda: poisoned(1e30),
    "open.stl": lambda: binary(11, box()[84 : 84 + 11 * 50]),
    "empty.stl": lambda: b"",
    "no triangles.stl": lambda: binary(0, b""),
    "one triangle, often.stl": lambda: binary(1_900_000, box()[84:134] * 1_900_000),
    "noise.stl": lambda: binary(1_900_000, os.urandom(50) * 1_900_000),
    "too large.stl": lambda: bytes(300 * 1024 * 1024),
}


@pytest.mark.parametrize(
    "name", [*MESHES, *(pytest.param(name, marks=pytest.mark.soak) for name in MORE)]
)
def test_a_hostile_mesh_is_refused_in_one_line_soon_and_small(name: str, tmp_path: Path) -> None:
    mesh = tmp_path / name
    mesh.write_bytes((MESHES | MORE)[name]())
    argv = [sys.executable, "-m", "fieldlab", "slice", str(mesh), "--material", "PLA", "-o",
            str(tmp_path / "out.gcode")]  # fmt: skip

    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(argv, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)

    words = (tmp_path / "said").read_text()
    assert (process.returncode, words.count("\n")) == (2, 1), words
    assert used.ru_utime + used.ru_stime <= MOST_S
    assert used.ru_maxrss / 1024 <= MOST_MB
    assert not (tmp_path / "out.gcode").exists()
