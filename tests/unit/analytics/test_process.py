"""A print against good ones: what its printer's own sensors see, and what they must let pass."""

import numpy as np
import pytest

from analytics.process import ProcessWatch
from fieldlab.app.printwatch import process_machine
from simulators.defects import Defect, DefectKind
from simulators.process import Layers, sensed

COUNT = 50
LAYERS = Layers(
    filament_mm=np.linspace(8.0, 4.0, COUNT),
    duration_s=np.full(COUNT, 8.0),
    nozzle_degc=np.full(COUNT, 215.0),
    bed_degc=np.full(COUNT, 60.0),
)


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def watch() -> ProcessWatch:
    found = ProcessWatch(process_machine())
    found.learn([sensed(LAYERS, rng(seed)) for seed in range(6)])
    return found


def test_good_prints_go_on(watch: ProcessWatch) -> None:
    stopped = [seed for seed in range(100, 200) if watch.judge(sensed(LAYERS, rng(seed)))]

    assert len(stopped) <= 2


@pytest.mark.parametrize(
    ("kind", "size", "cause"),
    [
        ("layer-shift", 0.5, ("axes", "lost-steps")),
        ("under-extrusion", 0.2, ("extruder", "slip")),
        ("jam", 0.4, ("nozzle", "jam")),
        ("missing-layers", 1.0, ("file", "missing-layers")),
    ],
)
def test_a_bad_print_is_stopped_soon_and_its_cause_is_named(
    watch: ProcessWatch, kind: DefectKind, size: float, cause: tuple[str, str]
) -> None:
    named = 0
    for seed in range(20):
        found = watch.judge(sensed(LAYERS, rng(seed), Defect(kind=kind, size=size)))

        assert found is not None
        assert COUNT // 2 < found.step <= COUNT // 2 + 4
        named += (found.component, found.failure_mode) == cause

    assert named >= 18  # it is stopped on the first layers that show it: some look like another


@pytest.mark.parametrize("kind", ["wrong-mass", "warped"])
def test_what_no_sensor_sees_is_left_to_the_scale_and_the_calliper(
    watch: ProcessWatch, kind: DefectKind
) -> None:
    assert watch.judge(sensed(LAYERS, rng(1), Defect(kind=kind, size=0.5))) is None


def test_a_watch_that_has_learnt_nothing_says_so() -> None:
    with pytest.raises(ValueError, match="nothing was learnt"):
        ProcessWatch(process_machine()).judge(sensed(LAYERS, rng(1)))
    with pytest.raises(ValueError, match="no steps"):
        ProcessWatch(process_machine()).learn([])


def test_a_print_that_has_just_begun_has_no_trouble(watch: ProcessWatch) -> None:
    assert watch.judge([]) is None
