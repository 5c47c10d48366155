"""What a printer does to a calibration plate is undone in the parts that are ordered."""

import numpy as np
import pytest

from fieldlab.core.errors import InputError, PartError
from fieldlab.core.messages import PartOrder
from partgen.compose import compose, make
from partgen.export import from_stl
from partgen.families import FAMILIES
from partgen.fits import NAMES, Fit, compensated, fit_of
from partgen.verify import verify

TIGHT = Fit(scale_ratio=0.996, hole_mm=0.21, outer_mm=0.08)


def printed(name: str, fit: Fit) -> float:
    """Return what a calliper finds on a plate that a printer of this fit has printed."""
    kind, nominal, _ = name.split("_")
    return fit.scale_ratio * float(nominal) + (fit.outer_mm if kind == "outer" else -fit.hole_mm)


def test_the_fit_of_a_printer_is_found_on_its_plate() -> None:
    rng = np.random.default_rng(3)

    fit = fit_of({name: printed(name, TIGHT) + rng.normal(0, 0.01) for name in NAMES})

    assert fit.scale_ratio == pytest.approx(TIGHT.scale_ratio, abs=5e-4)
    assert fit.hole_mm == pytest.approx(TIGHT.hole_mm, abs=0.03)
    assert fit.outer_mm == pytest.approx(TIGHT.outer_mm, abs=0.03)
    assert fit.scatter_mm < 0.03


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"hole_7_mm": 7.0}, "it has hole_5_mm"),
        ({"hole_8_mm": 78.0}, "a calliper finds 8 ± 1 mm"),
        ({"hole_8_mm": float("nan")}, "a calliper finds 8 ± 1 mm"),
        ({"hole_8_mm": 7.8, "hole_5_mm": 4.8, "outer_10_mm": 10.1}, ""),
        ({"hole_8_mm": 7.8, "hole_5_mm": 4.8}, "measure a hole and two outsides"),
        ({}, "too few sizes"),
    ],
)
def test_what_no_calliper_finds_is_refused(found: dict[str, float], says: str) -> None:
    if not says:
        assert fit_of(found).scale_ratio == pytest.approx(1.0, abs=0.01)
        return
    with pytest.raises(InputError, match=says.replace("±", ".")):
        fit_of(found)


def test_a_bore_is_as_ordered_once_it_is_printed() -> None:
    order = PartOrder(family="flanged_bushing", material="PLA", sizes={"bore_mm": 8.0})

    part = compose(compensated(order, TIGHT))

    reach = np.hypot(*from_stl(part.stl).vertices.T[:2])
    assert TIGHT.scale_ratio * 2 * reach.min() - TIGHT.hole_mm == pytest.approx(8.0, abs=1e-3)
    collar = 2 * reach.max() * TIGHT.scale_ratio + TIGHT.outer_mm
    assert collar == pytest.approx(20.0, abs=1e-3)
    assert verify(part).ok


def test_a_printer_that_changes_nothing_changes_no_order() -> None:
    order = PartOrder(family="spur_gear", material="PLA", sizes={"teeth": 30})

    assert compensated(order, Fit()) is order


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_fits_for_its_sizes_and_stays_sound(family: str) -> None:
    kind = FAMILIES[family]
    order = PartOrder(family=family, material="PLA", sizes={})

    drawn = compensated(order, TIGHT)

    assert set(kind.fits) <= {info.name for info in kind.sizes()}
    assert "hole" in kind.fits.values()
    for name, role in kind.fits.items():
        if role == "hole" and getattr(make(family, {}), name):
            assert float(drawn.sizes[name]) > getattr(make(family, {}), name)
    try:
        assert verify(compose(drawn), level="batch").ok
    except PartError as refusal:
        pytest.fail(f"a usual fit cannot be drawn: {refusal}")
