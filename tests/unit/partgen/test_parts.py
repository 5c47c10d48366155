"""What a part promises: its sizes, its bytes, its verification, its reasons."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import trimesh

from fieldlab.core.errors import MeshError, PartError
from fieldlab.core.machine import parse_machine
from fieldlab.core.messages import Part, PartOrder
from partgen.batch import batch_row
from partgen.catalogue import catalogue
from partgen.compose import compose, make
from partgen.export import from_stl, to_3mf, to_stl
from partgen.solid import Mesh
from partgen.verify import verify

GEAR = PartOrder(
    family="spur_gear",
    material="PA12",
    sizes={"module_mm": 1.5, "teeth": 20, "width_mm": 12, "bore_mm": 8},
)
DEMO = Path(__file__).parents[3] / "machines" / "cookie-line.yaml"
PRINTED = {
    name: component.replace.print
    for name, component in parse_machine(DEMO.read_text()).components.items()
    if component.replace.print is not None
}


@pytest.mark.parametrize("component", PRINTED)
def test_every_printed_component_of_the_demo_is_a_verified_part(component: str) -> None:
    printed = PRINTED[component]

    part = compose(PartOrder(family=printed.family, material=printed.material, sizes=printed.sizes))

    found = verify(part)
    assert found.ok, found.checks
    assert found.level == "full"


def test_the_same_order_gives_the_same_bytes() -> None:
    first, second = compose(GEAR), compose(replace(GEAR, sizes=dict(GEAR.sizes)))

    assert first.stl == second.stl
    assert first.sha256 == sha256(first.stl).hexdigest()


def test_a_gear_with_a_hub_is_as_high_as_both() -> None:
    sizes = {**GEAR.sizes, "hub_mm": 18, "hub_length_mm": 6}

    mesh = as_trimesh(make("spur_gear", sizes).mesh())

    assert mesh.is_watertight
    assert mesh.bounds[1][2] == pytest.approx(18.0)


@pytest.mark.parametrize(
    ("family", "sizes", "says"),
    [
        ("sprocket", {}, "there is no family 'sprocket'; use one of spur_gear"),
        ("spur_gaer", {}, "did you mean 'spur_gear'"),
        ("spur_gear", {"tooth": 20}, "did you mean 'teeth'"),
        ("spur_gear", {"teeth": 20.5}, "whole number, such as 20"),
        ("spur_gear", {"teeth": "many"}, "give a number such as 24"),
        ("spur_gear", {"bore_mm": float("nan")}, "give a number such as 8"),
        ("spur_gear", {"teeth": 10}, "profile_shift must be 0.24 or more"),
        ("spur_gear", {"teeth": 8, "profile_shift": 0.6}, "use more teeth than 8"),
        ("spur_gear", {"bore_mm": 40}, "bore_mm must be 29.85 or less"),
        ("spur_gear", {"hub_mm": 20}, "hub_length_mm must be 1.00 or more"),
        ("spur_gear", {"backlash_mm": 0.9}, "backlash_mm must be 0.45 or less"),
        ("flanged_bushing", {"outer_mm": 10.8}, "wall is 0.40 mm; outer_mm must be 11.60 or more"),
        ("spur_gear", {"flat_mm": 7, "keyway_mm": 2}, "flat_mm or keyway_mm must be 0"),
        ("spur_gear", {"keyway_mm": 5}, "keyway_mm must be 4.00 or less"),
        ("spur_gear", {"set_screw_mm": 3}, "give hub_mm and hub_length_mm, such as 18 and 8"),
        ("gt2_pulley", {"pitch_mm": 4}, "pitch_mm is 2 (GT2), 3 (HTD 3M), 5 (HTD 5M)"),
        ("roller", {"seat_mm": 22}, "seat_depth_mm must be 1.00 or more"),
        ("lever", {"slot_mm": 4}, "give slot_mm and slot_length_mm"),
        ("lever", {"end_bore_mm": 1}, "end_bore_mm must be 1.50 or more"),
        ("gasket", {"corner_mm": 2}, "a ring has no corner_mm; corner_mm must be 0"),
        ("gasket", {"outline": 1, "bolts": 5}, "bolts must be 4"),
        ("gasket", {"outline": 1, "bore_mm": 70, "bolt_circle_mm": 50}, "bolt_circle_mm must be"),
        ("gasket", {"outline": 2}, "an oval has 2 bolts, not 4; bolts must be 2"),
        ("gasket", {"outline": 2, "bolts": 2, "outer_mm": 70}, "outer_mm must be 70.90 or more"),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_would_work(
    family: str, sizes: dict[str, float], says: str
) -> None:
    with pytest.raises(PartError) as refusal:
        make(family, sizes)

    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_whole_numbers_may_come_as_floats_or_text() -> None:
    assert make("spur_gear", {"teeth": 20.0}) == make("spur_gear", {"teeth": "20"})


def as_trimesh(mesh: Mesh) -> trimesh.Trimesh:
    return trimesh.Trimesh(vertices=mesh.vertices, faces=mesh.faces, process=False)


def broken(stl: bytes, *, at: int, value: bytes) -> bytes:
    return stl[:at] + value + stl[at + len(value) :]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda _: b"", "at least 84 bytes"),
        (lambda stl: stl[:-1], "claims"),
        (lambda stl: broken(stl, at=80, value=(4_000_000_000).to_bytes(4, "little")), "at most"),
        (lambda stl: stl[:80] + bytes(4), "no triangles"),
        (lambda stl: broken(stl, at=96, value=np.float32("nan").tobytes()), "not a number"),
        (lambda stl: broken(stl, at=96, value=np.float32(1e30).tobytes()), "reaches 1e+30 mm"),
        (lambda _: b"solid gear\nfacet normal 0 0 0\n" * 9, "text STL"),
    ],
)
def test_a_broken_stl_is_refused_in_one_line(change, says: str) -> None:
    bad = change(compose(GEAR).stl)

    with pytest.raises(MeshError) as refusal:
        from_stl(bad)

    assert says in str(refusal.value)
    found = verify(Part(order=GEAR, stl=bad, sha256=sha256(bad).hexdigest()))
    assert not found.ok


def test_an_stl_comes_back_as_the_same_solid() -> None:
    mesh = as_trimesh(make("impeller", {}).mesh())

    back = as_trimesh(from_stl(to_stl(mesh)))

    assert back.is_watertight
    assert back.volume == pytest.approx(mesh.volume, rel=1e-6)
    assert len(back.vertices) == len(mesh.vertices)


def test_a_3mf_is_read_by_others_and_always_the_same_bytes() -> None:
    mesh = as_trimesh(make("flanged_bushing", {}).mesh())

    packed = to_3mf(mesh, {"Title": "bushing & flange"})

    assert packed == to_3mf(mesh, {"Title": "bushing & flange"})
    read = trimesh.load(BytesIO(packed), file_type="3mf", force="mesh")
    assert read.is_watertight
    assert read.volume == pytest.approx(mesh.volume, rel=1e-5)


def wrong_names(part: Part, **options: object) -> set[str]:
    return {check.name for check in verify(part, **options).checks if not check.ok}  # type: ignore[arg-type]


def shipped(order: PartOrder, mesh: Mesh | trimesh.Trimesh) -> Part:
    stl = to_stl(mesh)
    return Part(order=order, stl=stl, sha256=sha256(stl).hexdigest())


def test_verification_sees_a_gear_of_other_sizes() -> None:
    other = make("spur_gear", {**GEAR.sizes, "teeth": 21, "bore_mm": 8.1}).mesh()

    assert {"teeth", "tip_diameter_mm", "bore_mm"} <= wrong_names(shipped(GEAR, other))


ON_SHAFTS = (
    ("spur_gear", {"bore_mm": 5, "flat_mm": 4.5}),
    ("spur_gear", {"teeth": 40, "bore_mm": 14, "keyway_mm": 5}),
    ("spur_gear", {"hub_mm": 18, "hub_length_mm": 8, "set_screw_mm": 2.5, "flat_mm": 7}),
    ("gt2_pulley", {"flat_mm": 4.5, "hub_mm": 12, "hub_length_mm": 7, "set_screw_mm": 2.5}),
    ("gt2_pulley", {"pitch_mm": 3}),
    ("gt2_pulley", {"pitch_mm": 5, "bore_mm": 8, "keyway_mm": 3}),
)
FLAT = (
    ("gasket", {"outline": 1}),
    (
        "gasket",
        {"outline": 1, "depth_mm": 60, "opening_mm": 30, "bolt_circle_mm": 66, "corner_mm": 4},
    ),
    ("gasket", {"outline": 1, "bolts": 6, "bore_mm": 30, "bolt_circle_mm": 70}),
    ("gasket", {"outline": 2, "bolts": 2}),
    ("gasket", {"outline": 2, "bolts": 2, "depth_mm": 60}),
    ("lever", {"end_bore_mm": 0}),
    ("lever", {"slot_mm": 4, "slot_length_mm": 14}),
)


@pytest.mark.parametrize(("family", "sizes"), ON_SHAFTS + FLAT)
def test_flats_keyways_set_screws_htd_grooves_flanges_and_noses_are_verified(
    family: str, sizes: dict[str, float]
) -> None:
    found = verify(compose(PartOrder(family=family, material="PA12", sizes=sizes)))

    assert found.ok, [check for check in found.checks if not check.ok]


def test_verification_sees_a_flat_a_keyway_and_a_screw_of_other_sizes() -> None:
    hub = {**GEAR.sizes, "hub_mm": 18, "hub_length_mm": 8}
    for name, asked, made in (("flat_mm", 7, 7.1), ("keyway_mm", 2, 2.1), ("set_screw_mm", 2, 2.2)):
        other = make("spur_gear", {**hub, name: made}).mesh()

        order = replace(GEAR, sizes={**hub, name: asked})
        assert name in wrong_names(shipped(order, other))


@pytest.mark.parametrize(
    ("pitch_mm", "tip_mm"), [(2, 12.224), (3, 18.337), (5, 30.688)]
)  # 20 teeth: pitch diameter less twice the pitch line's height, to the makers' 0.01 mm
def test_a_pulley_is_as_wide_as_its_belt_needs(pitch_mm: int, tip_mm: float) -> None:
    made = compose(PartOrder(family="gt2_pulley", material="PA12",
                             sizes={"pitch_mm": pitch_mm, "flange_mm": 0}))  # fmt: skip

    reach = np.hypot(*from_stl(made.stl).vertices.T[:2])
    assert 2 * reach.max() == pytest.approx(tip_mm, abs=0.01)


def test_verification_sees_flanks_that_are_six_micrometres_off() -> None:
    mesh = make("spur_gear", {**GEAR.sizes, "backlash_mm": 0.13}).mesh()

    assert "flank_deviation_mm" in wrong_names(shipped(GEAR, mesh))


def test_verification_sees_a_missing_triangle_and_a_second_body() -> None:
    mesh = as_trimesh(make("spur_gear", GEAR.sizes).mesh())
    cut = trimesh.Trimesh(vertices=mesh.vertices, faces=mesh.faces[:-1], process=False)
    away = mesh.copy()
    away.apply_translation((100.0, 0.0, 0.0))

    assert {"closed", "watertight"} <= wrong_names(shipped(GEAR, cut))
    assert "bodies" in wrong_names(shipped(GEAR, trimesh.util.concatenate([mesh, away])))


def test_verification_sees_a_part_upside_down_afloat_or_too_large() -> None:
    order = PartOrder(family="flanged_bushing", material="PA12", sizes={})
    over = as_trimesh(make("flanged_bushing", {}).mesh())
    over.apply_transform(trimesh.transformations.rotation_matrix(np.pi, (1, 0, 0)))
    over.apply_translation((0.0, 0.0, 12.0))
    afloat = as_trimesh(make("flanged_bushing", {}).mesh())
    afloat.apply_translation((0.0, 0.0, 0.5))

    assert "overhang" in wrong_names(shipped(order, over))
    assert "stands_on_bed" in wrong_names(shipped(order, afloat))
    assert wrong_names(compose(order), bed_mm=(19.0, 210.0, 210.0)) == {"fits_bed"}


def test_verification_sees_a_thin_wall_and_a_changed_fingerprint() -> None:
    part = compose(PartOrder(family="impeller", material="PETG", sizes={"blade_mm": 0.8}))

    assert wrong_names(part, min_wall_mm=1.2) == {"min_wall"}
    assert wrong_names(replace(part, sha256="0" * 64)) == {"fingerprint"}


def test_a_batch_row_is_a_part_or_a_reason() -> None:
    good, said = batch_row({"id": "g1", "family": "spur_gear", "teeth": "30", "bore_mm": ""})
    bad, why = batch_row({"family": "spur_gear", "teeth": "2"}, number=7)
    evil, never = batch_row({"id": "../g", "family": "spur_gear"})

    assert good is not None
    assert said == {
        "id": "g1", "ok": True, "reason": "", "level": "batch",
        "sha256": sha256(good).hexdigest(),
    }  # fmt: skip
    assert bad is None
    assert (why["id"], why["ok"], why["sha256"]) == ("part-00007", False, None)
    assert "teeth is 2; it must be 8 to 200" in why["reason"]
    assert evil is None
    assert "cannot be a file's name" in never["reason"]


def test_the_catalogue_names_every_size_with_unit_and_bounds() -> None:
    listed = {entry["family"]: entry["sizes"] for entry in catalogue()}

    assert len(listed) == 13
    for sizes in listed.values():
        for size in sizes:
            assert size["min"] <= size["default"] <= size["max"]
            assert size["unit"] in ("mm", "deg", "1")
            assert size["source"]


def test_verification_sees_an_oval_that_is_a_ring_and_a_blunt_nose() -> None:
    oval = PartOrder(family="gasket", material="TPU", sizes={"outline": 2, "bolts": 2})
    nose = PartOrder(family="lever", material="PA12", sizes={"end_bore_mm": 0})

    assert "depth_mm" in wrong_names(shipped(oval, make("gasket", {"bolts": 2}).mesh()))
    blunt = make("lever", {"end_bore_mm": 0, "end_mm": 11}).mesh()
    assert "nose_mm" in wrong_names(shipped(nose, blunt))
