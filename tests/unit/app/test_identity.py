"""A case's part carries a short id that its page is found by."""

from pathlib import Path

import pytest

from fieldlab.app.casebook import STL, TAG
from fieldlab.app.identity import LENGTHS, LETTERS, mark_for, short_id
from fieldlab.app.thread import open_thread, sha256
from fieldlab.core.messages import Part, PartOrder
from partgen.compose import make
from partgen.export import from_stl
from partgen.marking.cut import read
from partgen.verify import verify
from tests.peers.workplace import MACHINE, Workplace

CASE = "press-pinion-20260921-141320"


def test_every_generation_of_every_case_has_its_own_id() -> None:
    ids = {
        short_id(f"press-pinion-{day}", generation) for day in range(500) for generation in (2, 3)
    }

    assert len(ids) == 1000
    assert all(len(each) == LENGTHS[0] and set(each) <= set(LETTERS) for each in ids)


def test_a_part_with_little_room_carries_the_beginning_and_one_without_none() -> None:
    marks = [
        mark_for(PartOrder(family=family, material="PA12", sizes={}, case_id=CASE, generation=2))
        for family in ("spur_gear", "tensioner_arm", "gasket")
    ]

    whole = short_id(CASE, 2)
    assert marks == [whole, whole[:4], ""]


def test_the_part_that_a_case_makes_is_found_by_what_is_engraved_in_it(tmp_path: Path) -> None:
    roller = {"family": "roller", "material": "PLA", "sizes": {"outer_mm": 32, "length_mm": 3}}
    bushing = {**MACHINE["components"]["bushing"], "replace": {"print": roller}}
    place = Workplace(tmp_path, machine={**MACHINE, "components": {"bushing": bushing}})
    place.say("approval", lambda _: {"cancel": {"by": "operator", "reason": "seen enough"}})

    place.run()

    order = place.case["order"]
    mesh = from_stl((tmp_path / "cases" / place.case_id / STL).read_bytes())
    room = make(order["family"], place.case["drawn_sizes"]).mark_room
    assert room is not None
    assert read(mesh, room, order["mark"]) == short_id(place.case_id, order["generation"])
    assert "mark" in {check["name"] for check in place.case["verification"]["checks"]}


@pytest.mark.parametrize("page_url", ["http://fieldlab.local:8000/", "", "http://" + 90 * "x"])
def test_a_case_makes_the_tag_of_a_part_without_room_for_its_id(
    page_url: str, tmp_path: Path
) -> None:
    place = Workplace(tmp_path, page_url=page_url)
    place.say("approval", lambda _: {"cancel": {"by": "operator", "reason": "seen enough"}})

    place.run()

    page = f"http://fieldlab.local:8000/p/{place.case_id}"
    code = page if page_url.startswith("http://field") else place.case_id
    stl = (tmp_path / "cases" / place.case_id / TAG).read_bytes()
    order = PartOrder(family="tag", material="PLA", sizes={}, mark=code)
    checks = verify(Part(order=order, stl=stl, sha256=sha256(stl))).checks
    assert place.case["order"]["mark"] == ""
    assert {check.name: check.ok for check in checks}["mark"]
    assert open_thread(tmp_path, place.case_id).problems(head=place.case["head"]) == []
