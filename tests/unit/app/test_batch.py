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


def test_tabs_quotes_and_capitals_in_the_header_are_read(tmp_path: Path) -> None:
    plain = run("id,family,bore_mm\na,flanged_bushing,8.5\n", tmp_path / "a")
    sheet = run('ID\t"Family"\tBore_mm\na\tflanged_bushing\t8,5\n', tmp_path / "b")

    assert plain[0]["sha256"] == sheet[0]["sha256"] is not None


HOSTILE = (
    ("nan,8", "module_mm is nan; give a number"), ("inf,8", "module_mm is inf"),
    ("1.5,1e9", "bore_mm is 1e+09; it must be 1.5 to 200"), ("1.5,=1+1", "bore_mm is '=1+1'"),
    ("1.5,8,more,cells", "more cells than the header"), ("1.5,\x1b[2J", "bore_mm is '\\x1b[2J'"),
)  # fmt: skip
NAMES = ("=HYPERLINK(1)", "../x", "con", "COM1.a", "x.", ".x", "\x1b[2J", "a b", "a" * 101)


def test_hostile_rows_are_refused_one_by_one_and_nothing_is_written_for_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"r{at},spur_gear,{cells}" for at, (cells, _) in enumerate(HOSTILE)]
    rows += [f"{name},spur_gear,1.5,8" for name in NAMES]
    rows += [",,,", "f,\x1b[2J,,", "good,spur_gear,1.5,8"]
    (tmp_path / "x.csv").write_text("id,family,module_mm,bore_mm\n" + "\n".join(rows) + "\n")

    code = main(["parts", str(tmp_path / "x.csv"), "-o", str(tmp_path / "out"), "--processes", "1"])

    said = capsys.readouterr()
    found = reports(tmp_path / "out")
    assert code == 1
    assert [each["id"] for each in found if each["ok"]] == ["good"]
    for report, (_, why) in zip(found, HOSTILE, strict=False):
        assert why in report["reason"]
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"good.stl", REPORT}
    assert "\x1b" not in said.err
    assert len(said.err.splitlines()) == len(rows) - 1


def test_a_mark_is_a_column_of_its_own(tmp_path: Path) -> None:
    found = run("id,family,mark\na,roller,r-1\nb,roller,\nc,gasket,r-1\n", tmp_path)

    assert [each["ok"] for each in found] == [True, True, False]
    assert found[0]["sha256"] != found[1]["sha256"]
    assert "hang a tag" in found[2]["reason"]


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
    [
        ("", "needs a header with 'family'"),
        ("id,kind\n1,x\n", "needs a header with 'family'"),
        ("id,family,Family\n1,roller,lever\n", "two columns are called 'family'"),
        (f"family,teeth\nspur_gear,{'9' * 200_000}\n", "is not a table of parts"),
    ],
)
def test_a_file_without_families_is_said(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text(text)

    assert main(["parts", str(tmp_path / "x.csv"), "-o", str(tmp_path / "out")]) == 2
    assert says in capsys.readouterr().err
