"""A batch makes what it can, refuses the rest with a reason, and goes on where it stopped."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fieldlab.app.batch import REPORT, Bench, jobs_of, make_all
from fieldlab.app.cli.main import main

ROWS = """id,family,teeth,bore_mm,length_mm
g1,spur_gear,20,6,
g2,spur_gear,3,6,
b1,flanged_bushing,,8,15
"""


def reports(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / REPORT).read_text().splitlines()]


def run(text: str, folder: Path, bench: Bench | None = None) -> list[dict[str, Any]]:
    return list(make_all(jobs_of(text, file="x.csv"), bench or Bench(folder=folder), 1))


def test_bad_rows_are_refused_while_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text(ROWS)

    code = main(["parts", str(tmp_path / "x.csv"), "-o", str(tmp_path / "out"), "--json"])

    said = capsys.readouterr()
    summary = json.loads(said.out)
    assert code == 1
    assert (summary["made"], summary["refused"]) == (2, 1)
    assert "row 2 (g2): teeth is 3; it must be 8 to 200" in said.err
    assert [each["ok"] for each in reports(tmp_path / "out")] == [True, False, True]
    for each in reports(tmp_path / "out"):
        if each["ok"]:
            stl = (tmp_path / "out" / f"{each['id']}.stl").read_bytes()
            assert sha256(stl).hexdigest() == each["sha256"]


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    whole = run(ROWS, tmp_path)
    first = (tmp_path / "g1.stl").stat().st_mtime_ns
    (tmp_path / "b1.stl").write_bytes(b"half a file")
    (tmp_path / REPORT).write_text(
        "".join(json.dumps(each) + "\n" for each in whole) + '{"id": "g9", "o'
    )

    again = run(ROWS, tmp_path)

    assert again == whole == reports(tmp_path)
    assert (tmp_path / "g1.stl").stat().st_mtime_ns == first
    assert sha256((tmp_path / "b1.stl").read_bytes()).hexdigest() == whole[2]["sha256"]


def test_a_changed_row_is_made_again(tmp_path: Path) -> None:
    before = run(ROWS, tmp_path)

    after = run(ROWS.replace("g1,spur_gear,20", "g1,spur_gear,21"), tmp_path)

    assert after[0]["sha256"] != before[0]["sha256"]
    assert after[2] == before[2]


def test_two_rows_of_one_id_are_not_one_file(tmp_path: Path) -> None:
    found = run("id,family\nA,roller\na,roller\n", tmp_path)

    assert [each["ok"] for each in found] == [True, False]
    assert "id 'a' is taken by row 1" in found[1]["reason"]


def test_a_sheet_with_semicolons_and_decimal_commas_is_read(tmp_path: Path) -> None:
    comma = run("family,bore_mm,outer_mm\nflanged_bushing,8.5,12.25\n", tmp_path / "a")
    semicolon = run("\ufefffamily;bore_mm;outer_mm\nflanged_bushing;8,5;12,25\n", tmp_path / "b")

    assert comma[0]["sha256"] == semicolon[0]["sha256"] is not None


def test_several_processes_make_the_same_bytes(tmp_path: Path) -> None:
    text = "family,teeth\n" + "".join(f"spur_gear,{20 + at}\n" for at in range(30))
    one = run(text, tmp_path / "one")

    two = list(make_all(jobs_of(text, file="x.csv"), Bench(folder=tmp_path / "two"), 2))

    assert one == two
    assert all(each["ok"] for each in two)


def test_with_gcode_each_part_is_verified_in_full_sliced_and_gated(tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path, material="PLA")

    found = run("id,family,length_mm\nb,flanged_bushing,4\n", tmp_path, bench)

    assert found[0]["level"] == "full"
    assert found[0]["ok"], found[0]["reason"]
    gcode = (tmp_path / "b.gcode").read_bytes()
    assert sha256(gcode).hexdigest() == found[0]["gcode_sha256"]


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "needs a header with 'family'"), ("id,kind\n1,x\n", "needs a header with 'family'")],
)
def test_a_file_without_families_is_said(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text(text)

    assert main(["parts", str(tmp_path / "x.csv"), "-o", str(tmp_path / "out")]) == 2
    assert says in capsys.readouterr().err
