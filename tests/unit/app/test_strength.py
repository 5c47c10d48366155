"""A part that would not bear the load of its case is never sliced, and the report says why."""

import json
from pathlib import Path

import pytest

from fieldlab.app.casebook import REPORT
from fieldlab.app.cli.main import main
from fieldlab.app.partreport import report
from fieldlab.core.messages import PartOrder
from partgen.compose import compose
from partgen.engineering.checks import Duty
from partgen.engineering.gears import lewis_factor
from partgen.verify import verify
from tests.peers.workplace import MACHINE, Workplace

FAN = {
    "kind": "impeller", "shaft": "motor", "near": ["acc"],
    "replace": {"print": {"family": "impeller", "material": "PLA",
                          "sizes": {"outer_mm": 40, "hub_mm": 12, "bore_mm": 5, "height_mm": 6}}},
}  # fmt: skip


def fan(home: Path, rpm: float) -> Workplace:
    machine = {**MACHINE, "shafts": {"motor": {"nominal_rpm": rpm}}, "components": {"bushing": FAN}}
    place = Workplace(home, machine=machine)
    place.say("approval", lambda _: {"cancel": {"by": "operator", "reason": "seen enough"}})
    return place


def test_a_part_that_its_load_would_break_is_not_sliced(tmp_path: Path) -> None:
    place = fan(tmp_path, 90_000)

    assert place.run() == "dismissed"

    case = place.case
    failed = [check for check in case["verification"]["checks"] if not check["ok"]]
    assert [check["name"] for check in failed] == ["strength_disc-stress", "strength_blade-stress"]
    assert all("MPa" in check["found"] and "at most" in check["wanted"] for check in failed)
    assert "sliced" not in case["at_s"]
    assert place.store.jobs(place.case_id) == []
    page = (tmp_path / "cases" / place.case_id / REPORT).read_text()
    assert "did not pass" in page
    assert "strength disc-stress" in page


def test_the_same_part_that_turns_slower_is_sliced(tmp_path: Path) -> None:
    place = fan(tmp_path, 1_500)

    place.run()

    assert "sliced" in place.case["at_s"]
    checks = {check["name"]: check["found"] for check in place.case["verification"]["checks"]}
    assert "safety" in checks["strength_disc-stress"]


def test_the_report_names_the_safety_factor_and_what_is_not_known() -> None:
    part = compose(PartOrder(family="spur_gear", material="PA12", sizes={"teeth": 24}))

    found = verify(part, duty=Duty(torque_nm=4.0))

    checks = {check.name: check for check in found.checks}
    stress = 4000 / (1.5 * 24 / 2) / (12 * 1.5 * lewis_factor(24))
    assert checks["strength_root-stress"].found == f"{stress:.3g} MPa, safety {48 / stress:.2f}"
    assert checks["strength_tooth-temperature"].ok
    assert "speed_rpm" in checks["strength_tooth-temperature"].found
    assert "not judged" in checks["strength_tooth-temperature"].found
    page = report(part, found)
    assert page == report(part, found)
    assert "data:image/png;base64," in page
    assert "not judged" in page


def test_values_from_memory_are_shown_so() -> None:
    part = compose(PartOrder(family="jaw_spider", material="TPU", sizes={}))

    found = verify(part, level="batch", duty=Duty(torque_nm=4.0))

    wanted = next(check.wanted for check in found.checks if check.name == "strength_lobe-pressure")
    assert "from memory" in wanted


@pytest.mark.parametrize(
    ("load", "says"),
    [
        ("torque=4", "--load has no 'torque'; use torque_nm"),
        ("torque_nm=nan", "is not possible, like torque_nm=4.1"),
        ("lubrication=water", "is not possible"),
        ("torque_nm=60", "strength_root-stress"),
    ],
)
def test_a_load_on_the_command_line_is_judged_or_refused(
    load: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "g.stl"

    code = main(["part", "spur_gear", "--load", load, "-o", str(out)])

    assert code in (1, 2)
    assert says in capsys.readouterr().err
    assert not out.exists()


def test_a_marked_part_and_its_report_come_from_one_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "g.3mf", tmp_path / "g.html"

    code = main(["part", "spur_gear", "--mark", "a7", "--load", "torque_nm=4", "-o", str(out),
                 "--report", str(page), "--json"])  # fmt: skip

    assert code == 0
    checks = json.loads(capsys.readouterr().out)["verification"]["checks"]
    assert {"mark", "strength_root-stress"} <= {check["name"] for check in checks}
    assert "A7" in page.read_text()
