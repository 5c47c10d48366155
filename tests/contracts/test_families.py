"""What every part family promises; a new one only joins the catalogue."""

from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
import trimesh

from fieldlab.core.messages import PartOrder
from partgen.compose import compose, make
from partgen.families import FAMILIES
from partgen.verify import verify


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_as_it_comes_is_a_printable_part(family: str) -> None:
    part = compose(PartOrder(family=family, material="PA12", sizes={}))

    found = verify(part, level="full")

    assert found.ok, [check for check in found.checks if not check.ok]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_stands_on_the_bed_and_measures_as_it_says(family: str) -> None:
    made = make(family, {})

    drawn = made.mesh()
    mesh = trimesh.Trimesh(vertices=drawn.vertices, faces=drawn.faces, process=False)

    assert mesh.is_watertight
    assert mesh.bounds[0][2] == 0.0
    assert np.allclose(np.ptp(mesh.bounds, axis=0), made.box_mm, atol=1e-4)
    assert mesh.volume == pytest.approx(made.volume_mm3, rel=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_its_sizes_and_nothing_else(family: str) -> None:
    kind = FAMILIES[family]

    names = {info.name for info in kind.sizes()}

    assert names == {each.name for each in fields(kind)}
    assert set(kind.interfaces) <= names
    assert set(kind.critical) <= names
    assert kind.__doc__
    with pytest.raises(FrozenInstanceError):
        setattr(kind(), kind.sizes()[0].name, 1.0)
