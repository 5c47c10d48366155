"""Somebody's own file: judged as `fieldlab backtest` does, or refused in one line."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from analytics.backtest import backtest
from edge.recording import open_recording
from fieldlab.app.backtests import MOST_WAITING, Backtests
from fieldlab.app.own_backtest import judge_upload
from fieldlab.app.own_table import columns_of, sheet_of, text_of
from fieldlab.app.unpacking import unpack
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import FieldlabError, InputError, RecordingError, RefusedError
from fieldlab.core.machine import load_machine
from fieldlab.core.plan import ColumnPlan, Plan
from tests.integration.test_ingest import FILE

CLOCK = SystemClock()
ROWS, HEALTHY = 900, 500  # of ten seconds each
STEP_S = 10.0
COLUMNS = {"oil": ColumnPlan(unit="degC"), "load": ColumnPlan(role="condition")}
PLAN = Plan(healthy_until_s=HEALTHY * STEP_S, time="time_s", columns=COLUMNS)


def table(*, sick: bool, rows: int = ROWS) -> str:
    """Return an oil temperature that follows the load, and leaves it at the end if it is sick."""
    rng = np.random.default_rng(4)
    lines = ["time_s,oil,load"]
    for at in range(rows):
        load = 50 + 20 * np.sin(at / 40) + rng.normal()
        oil = 30 + 0.2 * load + 0.3 * rng.standard_normal()
        oil += 6.0 if sick and at > 0.75 * ROWS else 0.0
        lines.append(f"{STEP_S * at},{oil:.3f},{load:.3f}")
    return "\n".join(lines) + "\n"


def judged(tmp_path: Path, text: str, plan: Plan = PLAN) -> dict[str, Any]:
    file = tmp_path / "upload.csv"
    file.write_text(text)
    return judge_upload(file, "csv", plan, None)


def test_a_table_whose_oil_gets_hot_opens_a_case_after_it_did(tmp_path: Path) -> None:
    sick, well = judged(tmp_path, table(sick=True)), judged(tmp_path, table(sick=False))

    assert well["cases"] == []
    assert len(sick["cases"]) == 1
    opened_s = sick["cases"][0]["opened_s"]
    assert 0.75 * ROWS * STEP_S < opened_s < ROWS * STEP_S
    states = {point["state"] for point in sick["points"]}
    assert {"learning", "normal", "alarm"} <= states
    assert sick["cases"][0]["component"] is None  # no component is named in a table


def test_semicolons_decimal_commas_and_dates_say_the_same(tmp_path: Path) -> None:
    plain = judged(tmp_path, table(sick=True))
    lines = [line.split(",") for line in table(sick=True).splitlines()[1:]]
    dutch = ["Tijd;oil;load"] + [
        ";".join([f"2026-11-25 {int(float(t_s)) // 3600:02d}:{int(float(t_s)) // 60 % 60:02d}:"
                  f"{int(float(t_s)) % 60:02d}", *(cell.replace(".", ",") for cell in cells)])
        for t_s, *cells in lines
    ]  # fmt: skip

    found = judged(tmp_path, "\r\n".join(dutch), PLAN.model_copy(update={"time": "Tijd"}))

    assert found["points"] == plain["points"]
    assert found["cases"] == plain["cases"]


def test_too_little_is_called_too_little(tmp_path: Path) -> None:
    short = judged(tmp_path, table(sick=True), PLAN.model_copy(update={"healthy_until_s": 60.0}))
    some = judged(tmp_path, table(sick=False))

    assert (short["certainty"]["enough"], short["cases"]) == ("learnt-little", [])
    assert some["certainty"]["enough"] == "short"
    assert some["certainty"]["judged_h"] == pytest.approx((ROWS - HEALTHY) * STEP_S / 3600, rel=0.1)
    assert some["certainty"]["most_per_1000_h"] == pytest.approx(
        2996 / some["certainty"]["judged_h"], rel=0.01
    )


def waves_csv() -> str:
    times_s = np.arange(40_000) / 1000
    rng = np.random.default_rng(2)
    loud = np.where(times_s > 30, 0.6, 0.1)
    acc = loud * np.sin(2 * np.pi * 25 * times_s) + 0.02 * rng.standard_normal(len(times_s))
    return "acc\n" + "\n".join(f"{one:.4f}" for one in acc) + "\n"


def test_fast_rows_are_a_waveform_and_a_rate_stands_for_the_time(tmp_path: Path) -> None:
    plan = Plan(healthy_until_s=25.0, rate_hz=1000.0, columns={"acc": ColumnPlan(unit="g")})

    found = judged(tmp_path, waves_csv(), plan)

    assert found["windows"] == 40
    alarms = [point["t_s"] for point in found["points"] if point["state"] == "alarm"]
    assert alarms
    assert min(alarms) > 30.0


def zip_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def slow_recording() -> dict[str, bytes]:
    sensors = {"oil": {"quantity": "temperature", "unit": "degC"},
               "load": {"quantity": "load", "unit": "%", "role": "condition"}}  # fmt: skip
    file = {**FILE, "window_s": 10.0, "sensors": sensors, "components": {}, "shafts": {}}
    signals = gzip.compress(table(sick=True).encode())
    return {"my-rig/machine.yaml": yaml.safe_dump(file).encode(),
            "my-rig/signals.csv.gz": signals}  # fmt: skip


def test_a_recording_is_judged_as_the_command_line_does(tmp_path: Path) -> None:
    file = tmp_path / "upload.zip"
    file.write_bytes(zip_of(slow_recording()))
    (tmp_path / "out").mkdir()
    recording = open_recording(unpack(file, tmp_path / "out"))
    cli = backtest(load_machine(recording.plain), recording.readings(), HEALTHY * STEP_S)

    found = judge_upload(file, "zip", Plan(healthy_until_s=HEALTHY * STEP_S), None)

    assert [case["opened_s"] for case in found["cases"]] == [case.opened_s for case in cli.cases]
    assert found["windows"] == len(cli.health)
    assert len(found["cases"]) == 1


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"../machine.yaml": b"x"}, "leads outside"),
        ({"/etc/machine.yaml": b"x"}, "leads outside"),
        ({"a\\..\\..\\machine.yaml": b"x"}, "leads outside"),
        ({"C:/machine.yaml": b"x"}, "leads outside"),
        ({"a/readme.txt": b"x"}, "no machine.yaml"),
        ({f"a/{number}.wav": b"" for number in range(5001)}, "5001 files; at most 5000"),
        ({"a/signals.csv.gz": b"no gzip"}, "cannot be read"),
    ],
)
def test_a_hostile_zip_is_refused_and_nothing_is_written_outside(
    tmp_path: Path, files: dict[str, bytes], says: str
) -> None:
    file, inside = tmp_path / "upload.zip", tmp_path / "deep" / "inside"
    file.write_bytes(zip_of(files))
    inside.mkdir(parents=True)

    with pytest.raises(RecordingError, match=says):
        unpack(file, inside)

    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in written if inside not in path.parents] == [file]


@pytest.mark.parametrize("packed", [False, True])
def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path, *, packed: bool) -> None:
    body = bytes(3_000_000)
    name, body = ("a/signals.csv.gz", gzip.compress(body)) if packed else ("a/signals.csv", body)
    file, inside = tmp_path / "upload.zip", tmp_path / "inside"
    file.write_bytes(zip_of({name: body}))
    inside.mkdir()

    with pytest.raises(RecordingError, match="unpacks to more than 2 MB"):
        unpack(file, inside, most_bytes=2_000_000)

    assert sum(path.stat().st_size for path in inside.rglob("*") if path.is_file()) <= 2_000_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"\0\1\2PK", "binary file"),
        (b"time_s,oil,load\n", "no rows"),
        (b"", "the table is empty"),
        (b"time_s,oil,load\n0,1,2\n1,2\n", "row 3: 2 cells; the first has 3"),
        (b"time_s,oil,load\n0,1,2\n1,hot,2\n", "row 3, column 'oil': found 'hot'; wanted a number"),
        (b"time_s,oil,load\n0,inf,2\n1,1,2\n", "row 2, column 'oil': found 'inf'"),
        (b"time_s,oil,load\n5,1,2\n5,1,2\n", "row 3, column 'time_s': the time does not grow"),
        (b"time_s,oil,load\nnan,1,2\n5,1,2\n", "row 2, column 'time_s': found 'nan'; wanted sec"),
        (b'time_s,oil,load\n0,"1,2\n', "cells"),
        (b"t,oil,load\n0,1,2\n", "there is no column 'time_s'"),
    ],
)
def test_a_hostile_table_is_refused_in_one_line(tmp_path: Path, text: bytes, says: str) -> None:
    file = tmp_path / "upload.csv"
    file.write_bytes(text)

    with pytest.raises(FieldlabError, match=says) as refused:
        judge_upload(file, "csv", PLAN, None)

    assert "\n" not in str(refused.value)


def test_empty_cells_are_missing_and_no_reason_to_refuse(tmp_path: Path) -> None:
    lines = table(sick=False).splitlines()
    lines[100] = lines[100].split(",")[0] + ",NaN,"

    assert judged(tmp_path, "\n".join(lines))["windows"] > ROWS - 10


def test_columns_are_recognised_before_anything_is_judged() -> None:
    text = "\ufeffTime (s);Température °C;note\n0,0;21,5;ok\n0,5;21,6;ok\n"

    found = columns_of(sheet_of(text_of(text.encode())))

    assert found["time"] == "Time (s)"
    assert found["step_s"] == 0.5
    assert [one["looks"] for one in found["columns"]] == ["time", "number", "text"]
    assert text_of("°C".encode("cp1252")) == "°C"


def until_over(backtests: Backtests, run_id: str) -> dict[str, Any]:
    until_s = CLOCK.monotonic_s() + 60
    while CLOCK.monotonic_s() < until_s:
        found = backtests.record(run_id)
        assert found is not None
        if found["state"] in ("done", "failed"):
            return found
        CLOCK.wait(0.05)
    raise AssertionError("it took longer than a minute")


def fill(backtests: Backtests) -> None:
    for _ in range(MOST_WAITING + 1):
        backtests.begin("csv", b"x", PLAN, None)


def test_a_process_of_its_own_judges_one_after_the_other_and_a_full_queue_says_so() -> None:
    backtests = Backtests()
    try:
        good = backtests.begin("csv", table(sick=True, rows=ROWS).encode(), PLAN, None)
        bad = backtests.begin("csv", b"time_s,oil\n1,hot\n", PLAN, None)
        with pytest.raises(RefusedError, match="wait already"):
            fill(backtests)

        first, second = until_over(backtests, good), until_over(backtests, bad)
    finally:
        backtests.close()

    assert first["result"]["cases"]
    assert second["problem"] == "columns: there is no column 'load'"
    assert backtests.record("nothing") is None


def test_what_takes_too_long_is_ended() -> None:
    backtests = Backtests(longest_s=0.05)
    try:
        found = until_over(backtests, backtests.begin("csv", b"x", PLAN, None))
    finally:
        backtests.close()

    assert "longer than 0.05 s" in found["problem"]


def test_a_hub_that_stops_ends_the_running_one() -> None:
    backtests = Backtests()
    backtests.begin("csv", table(sick=True).encode(), PLAN, None)
    while backtests._thread is None:
        CLOCK.wait(0.01)

    backtests.close()
    backtests._thread.join(20)

    assert not backtests._thread.is_alive()


def test_a_known_machine_takes_the_columns_that_are_its_sensors(tmp_path: Path) -> None:
    file = tmp_path / "upload.csv"
    file.write_text(table(sick=False))
    known = {"fieldlab": 1, "id": "press", "window_s": 10.0,
             "sensors": {"oil": {"quantity": "temperature", "unit": "degC"}}}  # fmt: skip
    plan = Plan(healthy_until_s=5000.0, time="time_s", machine="press")

    assert judge_upload(file, "csv", plan, known)["machine"] == "press"
    other = {**known, "sensors": {"acc": {"quantity": "acceleration", "unit": "g"}}}
    with pytest.raises(InputError, match="no column is a sensor of 'press': acc"):
        judge_upload(file, "csv", plan, other)
