"""A part carries its own name: engraved where there is room, and read again on the bytes."""

from dataclasses import replace
from hashlib import sha256
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldlab.core.errors import PartError
from fieldlab.core.messages import Part, PartOrder
from partgen.batch import batch_row
from partgen.compose import compose, make
from partgen.export import to_stl
from partgen.families import FAMILIES
from partgen.marking.letters import PITCH_MM, STROKE_MM, STROKES, letter
from partgen.marking.room import longest
from partgen.verify import verify
from tests.unit.partgen.test_properties import CALM, any_sizes

ROOMY: dict[str, dict[str, float]] = {
    "spur_gear": {"hub_mm": 12, "hub_length_mm": 6, "set_screw_mm": 2.5},
    "herringbone_gear": {"width_mm": 4},
    "gt2_pulley": {"teeth": 60, "bore_mm": 8, "hub_mm": 14, "hub_length_mm": 6},
    "flanged_bushing": {"bore_mm": 20, "outer_mm": 36, "flange_mm": 44},
    "pillow_block": {},
    "impeller": {"hub_mm": 30, "outer_mm": 90},
    "roller": {"outer_mm": 50, "crown_mm": 2, "seat_mm": 22, "seat_depth_mm": 7},
    "lever": {"thickness_mm": 2},
    "tensioner_arm": {"length_mm": 80},
}
NO_FACE = {"jaw_spider", "damper_mount", "wear_strip", "gasket"}  # elastic, sliding or sealing


def order_of(family: str, mark: str, sizes: dict[str, float] | None = None) -> PartOrder:
    return PartOrder(family=family, material="PA12", sizes=sizes or {}, mark=mark)


def found(part: Part) -> dict[str, str]:
    return {check.name: check.found for check in verify(part, level="batch").checks}


def test_each_family_declares_its_room_or_that_it_has_none() -> None:
    assert set(ROOMY) | NO_FACE == set(FAMILIES)
    assert {name for name, kind in FAMILIES.items() if kind().mark_room is None} == NO_FACE


@pytest.mark.parametrize("family", ROOMY)
def test_a_marked_part_passes_its_full_verification_with_every_letter(family: str) -> None:
    room = make(family, ROOMY[family]).mark_room
    for asked in ("K7M4QR", "-W./N"):
        text = longest(room, iter((asked, asked[:3])))

        part = compose(order_of(family, text, ROOMY[family]))

        checks = verify(part)
        assert checks.ok, [check for check in checks.checks if not check.ok]
        assert {check.name: check.found for check in checks.checks}["mark"] == text
        assert part.stl == compose(part.order).stl


@pytest.mark.parametrize("family", ROOMY)
def test_any_size_takes_a_mark_or_says_that_there_is_no_room(family: str) -> None:
    marked = 0

    @CALM
    @given(
        any_sizes(family, ROOMY[family]),
        st.text(st.sampled_from(sorted(STROKES)), min_size=1, max_size=6),
    )
    def check(sizes: dict[str, float | int], text: str) -> None:
        nonlocal marked
        try:
            plain = make(family, sizes)
        except PartError:
            return
        try:
            part = compose(order_of(family, text, sizes))
        except PartError:
            assert longest(plain.mark_room, iter((text,))) == ""
            return
        checks = verify(part, level="batch")
        assert checks.ok, [check for check in checks.checks if not check.ok]
        marked += 1

    check()

    assert marked > 0


def test_every_letter_leaves_walls_that_print() -> None:
    letters = "".join(STROKES)
    for text in (letters[:20], letters[20:]):
        checks = verify(compose(order_of("spur_gear", text, {"module_mm": 3, "teeth": 40})))

        assert checks.ok, [check for check in checks.checks if not check.ok]


def test_a_mark_leaves_the_interfaces_and_the_flanks_as_they_were() -> None:
    plain, marked = (found(compose(order_of("spur_gear", mark))) for mark in ("", "A1"))

    same = set(plain) - {"fingerprint", "volume"}
    assert {"bore_mm", "flank_deviation_mm", "teeth", "height_mm", "genus"} <= same
    assert {name: marked[name] for name in same} == {name: plain[name] for name in same}


def test_a_part_without_a_mark_has_the_bytes_that_it_always_had() -> None:
    bare = make("spur_gear", {})

    assert compose(order_of("spur_gear", "")).stl == to_stl(bare.mesh())
    assert compose(order_of("spur_gear", "A1")).stl != to_stl(bare.mesh())


@pytest.mark.parametrize("shipped", ["A2", "", "A"])
def test_verification_sees_another_mark_and_a_missing_one(shipped: str) -> None:
    part = compose(order_of("lever", shipped))

    checks = verify(replace(part, order=order_of("lever", "A1")), level="batch")

    assert "mark" in {check.name for check in checks.checks if not check.ok}


def test_verification_sees_a_mark_that_is_too_shallow() -> None:
    part = compose(order_of("lever", "A1"))
    mesh = make("lever", {}).mesh("A1")
    floor = np.abs(mesh.vertices[:, 2] - 7.4) < 1e-3
    mesh.vertices[floor, 2] += 0.3
    stl = to_stl(mesh)

    checks = verify(replace(part, stl=stl, sha256=sha256(stl).hexdigest()), level="batch")

    assert [check.found for check in checks.checks if check.name == "mark"] == ["??"]


@pytest.mark.parametrize(
    ("family", "text", "says"),
    [
        ("gasket", "A1", "mark 'A1': the part has no face for it; hang a tag on the part"),
        ("flanged_bushing", "A1", "the face is too small; hang a tag on the part"),
        ("tensioner_arm", "K7M4QR", "only 'K7M4Q' has room; hang a tag on the part"),
        ("lever", "é", "a mark has no 'É'; use A to Z, 0 to 9, - / and ."),
        ("lever", "A" * 25, "a mark of 25 letters; give 1 to 24"),
    ],
)
def test_a_mark_that_cannot_be_engraved_is_refused_with_what_to_do(
    family: str, text: str, says: str
) -> None:
    with pytest.raises(PartError) as refusal:
        compose(order_of(family, text))

    assert says in str(refusal.value)


def test_a_batch_row_may_ask_for_a_mark() -> None:
    plain, _ = batch_row({"family": "roller"})
    marked, report = batch_row({"family": "roller", "mark": "r-17"})
    none, refused = batch_row({"family": "gasket", "mark": "r-17"})

    assert report["ok"]
    assert marked != plain
    assert none is None
    assert "hang a tag" in refused["reason"]


def test_no_two_letters_of_one_width_are_read_alike() -> None:
    for one, other in combinations(STROKES, 2):
        dark, light = letter(one).dark, letter(other).dark
        assert len(dark) != len(light) or (dark != light).any(), (one, other)


def test_strokes_and_what_is_between_them_are_two_lines_of_a_nozzle_wide() -> None:
    assert STROKE_MM >= 0.8
    assert 2 * PITCH_MM - STROKE_MM >= 0.8
