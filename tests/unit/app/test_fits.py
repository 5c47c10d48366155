"""A measured plate is typed in once and kept per printer and material."""

import json
from pathlib import Path

import pytest

from fieldlab.app.cli.main import main
from fieldlab.app.fits import FILE, fit_for
from fieldlab.core.errors import InputError
from partgen.fits import Fit

MEASURED = ["hole_8_mm=7.8", "hole_20_mm=19.8", "outer_10_mm=10.1", "outer_80_mm=80.1"]


def test_what_was_measured_is_kept_for_that_printer_and_material(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["calibrate", "PLA", *MEASURED, "--home", str(tmp_path), "--json"])

    said = json.loads(capsys.readouterr().out)
    assert code == 0
    assert said["hole_mm"] == pytest.approx(0.2, abs=1e-3)
    assert fit_for(tmp_path, "virtual", "PLA").outer_mm == pytest.approx(0.1, abs=1e-3)
    assert fit_for(tmp_path, "virtual", "PETG") == Fit()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["PLA", "hole_8_mm=wide"], "hole_8_mm is 'wide'"),
        (["PLA", "hole_8_mm=7.8"], "too few sizes"),
        (["PEEK", *MEASURED], "no material 'PEEK'"),
    ],
)
def test_a_wrong_measurement_is_one_line(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", *words, "--home", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / FILE).exists()


def test_a_broken_file_of_fits_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"virtual/PLA": {"hole": 1}}')

    with pytest.raises(InputError, match="calibrate again"):
        fit_for(tmp_path, "virtual", "PLA")


def test_the_calibration_plate_is_made_like_a_part(tmp_path: Path) -> None:
    file = tmp_path / "plate.stl"

    assert main(["part", "calibration", "-o", str(file)]) == 0
    assert file.stat().st_size > 1000
