"""Any sizes within the bounds are a printable solid, or are refused with a number that helps."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldlab.core.errors import PartError
from fieldlab.core.messages import PartOrder
from partgen.compose import compose, make
from partgen.families import FAMILIES
from partgen.verify import verify

CALM = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def near_default(low: float, default: float, high: float) -> st.SearchStrategy[float]:
    """Half near the default, half anywhere, so that parts and refusals both occur."""
    close = st.floats(max(low, default * 0.8), min(high, max(default * 1.25, low)))
    return st.one_of(st.just(default), close, st.floats(low, high))


@st.composite
def any_sizes(
    draw: st.DrawFn, family: str, around: Mapping[str, float] = MappingProxyType({})
) -> dict[str, float | int]:
    sizes: dict[str, float | int] = {}
    for info in FAMILIES[family].sizes():
        if info.whole:
            anything = st.integers(int(info.low), min(int(info.high), 60))
            usual = st.just(int(around.get(info.name, info.default)))
            sizes[info.name] = draw(st.one_of(usual, anything) if around else anything)
        else:
            middle = around.get(info.name, info.default)
            number = draw(near_default(info.low, middle, info.high))
            sizes[info.name] = round(number, draw(st.sampled_from((0, 1, 2, 9))))
    return sizes


# What the defaults of a family do not show: sizes around which are drawn too.
KINDS: dict[str, tuple[str, dict[str, float]]] = {
    "rectangular gasket": ("gasket", {"outline": 1, "bolts": 4, "depth_mm": 60, "bore_mm": 30,
                                      "opening_mm": 20, "bolt_circle_mm": 66, "corner_mm": 4}),
    "gasket of six bolts": ("gasket", {"outline": 1, "bolts": 6, "outer_mm": 90, "depth_mm": 70,
                                       "bolt_circle_mm": 74, "bolt_depth_mm": 54}),
    "oval gasket": ("gasket", {"outline": 2, "bolts": 2}),
    "slotted lever": ("lever", {"slot_mm": 4, "slot_length_mm": 14}),
    "cam follower": ("lever", {"end_bore_mm": 0}),
    "HTD 3M pulley": ("gt2_pulley", {"pitch_mm": 3, "teeth": 30, "keyway_mm": 2, "bore_mm": 8}),
    "HTD 5M pulley": ("gt2_pulley", {"pitch_mm": 5, "teeth": 24, "hub_mm": 18, "bore_mm": 8,
                                     "hub_length_mm": 8, "set_screw_mm": 2.5}),
    "gear on a D-shaft": ("spur_gear", {"teeth": 30, "bore_mm": 6, "flat_mm": 5.5}),
    "gear with a key": ("spur_gear", {"teeth": 40, "bore_mm": 14, "keyway_mm": 5}),
    "gear with a set screw": ("spur_gear", {"teeth": 30, "hub_mm": 18, "hub_length_mm": 8,
                                            "set_screw_mm": 2.5, "flat_mm": 7}),
    "roller with a seat": ("roller", {"crown_mm": 1.5, "seat_mm": 22, "seat_depth_mm": 7}),
    **{family: (family, {}) for family in FAMILIES},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_any_sizes_make_a_sound_part_or_are_refused_in_one_line(kind: str) -> None:
    family, around = KINDS[kind]
    made = 0
    refusals: list[str] = []

    @CALM
    @given(any_sizes(family, around))
    def check(sizes: dict[str, float | int]) -> None:
        nonlocal made
        try:
            part = compose(PartOrder(family=family, material="PA12", sizes=sizes))
        except PartError as refusal:
            refusals.append(str(refusal))
            return
        found = verify(part, level="batch")
        assert found.ok, [check for check in found.checks if not check.ok]
        made += 1

    check()

    assert made > 0
    assert all("\n" not in said and any(map(str.isdigit, said)) for said in refusals)


@CALM
@given(
    teeth=st.integers(8, 120),
    module_mm=st.floats(0.5, 6.0),
    shift=st.floats(-0.5, 0.8),
    angle=st.sampled_from((14.5, 20.0, 22.5, 25.0)),
    backlash=st.floats(0.0, 0.15),
)
def test_every_gear_that_is_made_has_true_flanks(
    teeth: int, module_mm: float, shift: float, angle: float, backlash: float
) -> None:
    sizes = {
        "teeth": teeth, "module_mm": module_mm, "profile_shift": shift, "backlash_mm": backlash,
        "pressure_angle_deg": angle, "bore_mm": 1.5, "width_mm": 3.0,
    }  # fmt: skip
    try:
        part = compose(PartOrder(family="spur_gear", material="PA12", sizes=sizes))
    except PartError:
        return

    checks = {check.name: check for check in verify(part, level="batch").checks}

    assert float(checks["flank_deviation_mm"].found) <= 0.005
    assert math.isclose(
        float(checks["tip_diameter_mm"].found), module_mm * (teeth + 2 + 2 * shift), abs_tol=0.002
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_a_size_beyond_its_bounds_is_refused_with_the_bound(family: str) -> None:
    for info in FAMILIES[family].sizes():
        for wrong, bound in ((info.low - 1, info.low), (info.high + 1, info.high)):
            with pytest.raises(PartError, match=f"{info.name} .*{bound:g}"):
                make(family, {info.name: wrong})
