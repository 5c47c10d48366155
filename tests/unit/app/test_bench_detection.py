"""The detection bench: its labels, its figures, and a whole run on a small recording."""

from pathlib import Path

import numpy as np
import pytest

from analytics.detectors.catalogue import DETECTORS
from fieldlab.app.bench_detection import Judged, bench_detection, figures_of
from fieldlab.app.labels import Labels, read_labels
from fieldlab.app.tables import tables
from fieldlab.core.errors import InputError

SPANS = [
    {"from_s": 0.0, "to_s": 100.0, "is": "healthy"},
    {"from_s": 100.0, "to_s": 150.0, "is": "fault", "component": "pump"},
]
MACHINE = """
fieldlab: 1
id: loop
window_s: 1.0
sensors:
  flow: {quantity: flow, unit: l/min}
  power: {quantity: power, unit: kW}
components:
  pump:
    kind: pump
    failure_modes: {blocked: {symptoms: {flow: down}}}
    replace: {adjust: {instruction: {en: Clean it, nl: Maak schoon}}}
"""


def judged(alarm_times: set[int], cases: tuple = ()) -> Judged:
    times_s = np.arange(1.0, 151.0)
    alarms = np.isin(times_s, list(alarm_times))
    return Judged(
        labels=Labels.model_validate(
            {"fieldlab_labels": 1, "healthy_until_s": 0.0, "spans": SPANS}
        ),
        times_s=times_s, scores=2.0 * alarms, alarms=alarms, cases=cases,
    )  # fmt: skip


def test_the_figures_count_what_the_labels_say() -> None:
    found = figures_of([judged(set(range(10, 20)) | set(range(111, 151)), ((111.0, "pump"),))])

    assert found["found_ratio"] == 0.8
    assert found["false_ratio"] == 0.1
    assert found["faults_found"] == "1/1"
    assert found["delay_s"] == 11.0
    assert found["false_per_1000_h"] == 36_000.0
    assert found["auroc"] == pytest.approx(0.85)
    assert (found["component_right"], found["component_wrong"]) == (1, 0)


def test_a_case_that_blames_another_component_is_wrong() -> None:
    found = figures_of([judged({120}, ((120.0, "valve"),))])

    assert (found["component_right"], found["component_wrong"]) == (0, 1)


def test_a_fault_that_nobody_saw_has_no_delay() -> None:
    found = figures_of([judged(set())])

    assert found["faults_found"] == "0/1"
    assert found["delay_s"] is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fieldlab_labels: 1", "give either"),
        ("fieldlab_labels: 1\nhealthy_until_s: 3.0\nverdict: {component: x}", "give either"),
        ("fieldlab_labels: 1\nhealthy: 3.0", "healthy"),
        ("[", "labels.yaml"),
    ],
)
def test_labels_that_make_no_sense_are_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "labels.yaml").write_text(text)

    with pytest.raises(InputError, match=told):
        read_labels(tmp_path)


def test_the_bench_tells_where_to_get_recordings(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--recordings"):
        bench_detection(None)
    with pytest.raises(InputError, match=r"no SET/RECORDING/labels\.yaml"):
        bench_detection(tmp_path)


def test_all_methods_run_on_the_users_own_recordings(tmp_path: Path) -> None:
    folder = tmp_path / "loops" / "loop-1"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(2)
    rows = [
        f"{t},{(20 if t < 400 else 12) + rng.normal(0, 0.3):.3f},{3 + rng.normal(0, 0.05):.4f}"
        for t in range(500)
    ]
    (folder / "machine.yaml").write_text(MACHINE)
    (folder / "signals.csv").write_text("\n".join(["time_s,flow,power", *rows]) + "\n")
    (folder / "labels.yaml").write_text(
        "fieldlab_labels: 1\nhealthy_until_s: 200.0\nspans:\n"
        "- {from_s: 200.0, to_s: 400.0, is: healthy}\n"
        "- {from_s: 402.0, to_s: 500.0, is: fault, component: pump, failure_mode: blocked}\n"
    )

    found = bench_detection(tmp_path)

    assert {"fieldlab", "always", "chance", *DETECTORS} <= set(found["loops"])
    assert found["loops"]["mewma"]["found_ratio"] > 0.8
    assert found["loops"]["mewma"]["false_ratio"] < 0.1
    assert found["loops"]["fieldlab"]["false_ratio"] < 0.05
    assert found["loops"]["always"]["false_ratio"] == 1.0
    assert found["loops"]["always"]["auroc"] == 0.5
    assert tables(found).count("|\n") >= 8
