import pytest

from fieldlab.core.errors import InputError
from fieldlab.core.messages import Inspection, Measurement
from printing.inspection import inspect


def look(mass_g: float = 10.0, **sizes: float) -> Inspection:
    return inspect(
        Measurement(mass_g=mass_g, sizes=sizes),
        expected_mass_g=10.0,
        sizes={"bore_mm": 8.0, "width_mm": 12.0},
        critical_mm={"bore_mm": 0.1},
    )


def test_a_part_as_ordered_is_accepted() -> None:
    assert look(10.2, bore_mm=8.05).verdict == "accept"


@pytest.mark.parametrize("mass_g", [8.5, 9.5, 10.5, 0.0, float("nan")])
def test_a_part_of_another_mass_is_rejected(mass_g: float) -> None:
    found = look(mass_g, bore_mm=8.0)

    assert found.verdict == "reject"
    assert "mass_g" in found.reason


@pytest.mark.parametrize(("bore_mm", "verdict"), [(7.85, "rework"), (7.5, "reject")])
def test_a_size_that_misses_is_reworked_if_it_is_near(bore_mm: float, verdict: str) -> None:
    assert look(bore_mm=bore_mm).verdict == verdict


def test_a_critical_size_that_nobody_measured_is_named() -> None:
    found = look()

    assert found.verdict == "accept"
    assert "not measured: bore_mm" in found.reason


def test_a_size_that_is_no_number_is_rejected() -> None:
    assert look(bore_mm=float("nan")).verdict == "reject"


def test_a_critical_size_that_was_not_ordered_is_refused() -> None:
    with pytest.raises(InputError, match="keyway_mm"):
        inspect(
            Measurement(mass_g=1.0, sizes={}),
            expected_mass_g=1.0,
            sizes={},
            critical_mm={"keyway_mm": 0.1},
        )
