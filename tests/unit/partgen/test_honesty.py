"""What is quoted from memory says so, in the data and wherever it is shown."""

import pytest

from partgen.catalogue import catalogue
from partgen.engineering.checks import CHECKS, Duty
from partgen.engineering.materials import MATERIALS, Known
from partgen.families import FAMILIES
from partgen.strength import strength

LOADED = Duty(torque_nm=0.5, force_n=5.0, speed_rpm=300.0, ambient_degc=20.0, mate_teeth=40,
              lubrication="grease")  # fmt: skip
GUESSES = {"tooth-temperature", "pressure-velocity", "lobe-pressure", "disc-stress", "blade-stress",
           "roller-sag", "bending-stress", "mount-squeeze"}  # fmt: skip


def test_every_value_of_a_material_has_a_source_and_its_range() -> None:
    for material in MATERIALS.values():
        for name in material.__dataclass_fields__:
            value = getattr(material, name)
            if isinstance(value, Known):
                assert value.source, (material.name, name)
                assert value.low <= value.value <= value.high
                assert value.remembered == ("from memory" in value.source)


def test_every_size_of_a_family_tells_where_its_default_is_from() -> None:
    sources = [size["source"] for entry in catalogue() for size in entry["sizes"]]

    assert all(sources)
    for standard in ("ISO 54", "ISO 53", "608 bearing", "on 5 mm"):  # not looked up
        assert all("from memory" in each for each in sources if standard in each)


@pytest.mark.parametrize("family", [name for name, kind in FAMILIES.items() if kind in CHECKS])
def test_a_strength_that_rests_on_memory_is_shown_so(family: str) -> None:
    material = "TPU" if family == "damper_mount" else "PA12"

    checks = list(strength(FAMILIES[family](), material, LOADED))

    assert checks
    for check in checks:
        assert "not judged" not in check.found, check
        rests = check.name.removeprefix("strength_") in GUESSES
        assert ("from memory" in check.wanted) == rests, check
