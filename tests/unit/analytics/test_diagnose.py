"""The verdict from physics alone: which bearing, which place, and silence when nothing is plain."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.diagnose import diagnose
from analytics.speed import MEASURED_SPAN, speed_scale
from fieldlab.core.messages import Window
from simulators.machine import SimulatedMachine
from tests.unit.analytics.machine_sounds import windows
from tests.unit.simulators.lab import cookie_line

MACHINE = cookie_line()


def heard(component: str, mode: str, severity: float, *, seed: int = 3) -> list[Window]:
    simulated = SimulatedMachine(MACHINE, seed=seed)
    if severity:
        simulated.break_(component, mode, severity)
    return list(windows(simulated, 5, interval_s=1.0))


@pytest.mark.parametrize("mode", ["outer-race", "inner-race", "rolling-element"])
def test_a_spalled_bearing_is_named_without_healthy_data(mode: str) -> None:
    found = diagnose(MACHINE, heard("drive-end-bearing", mode, 0.9))

    assert found.verdict is not None
    assert (found.verdict.component, found.verdict.failure_mode) == ("drive-end-bearing", mode)
    assert found.verdict.confidence > 0.5
    assert found.verdict.reasons[0].key == "diagnosis-physics"


@pytest.mark.parametrize("seed", range(4))
def test_a_healthy_machine_gets_no_verdict(seed: int) -> None:
    assert diagnose(MACHINE, heard("", "", 0.0, seed=seed)).verdict is None


@pytest.mark.parametrize(("component", "mode"), [("pinion", "tooth-damage"), ("belt", "wear")])
def test_what_is_no_bearing_is_not_called_one(component: str, mode: str) -> None:
    assert diagnose(MACHINE, heard(component, mode, 0.9)).verdict is None


def test_a_speed_that_is_read_wrong_by_one_percent_does_not_matter() -> None:
    seen = heard("drive-end-bearing", "outer-race", 0.9)
    wrong = [
        replace(w, scalars={**w.scalars, "motor-speed": w.scalars["motor-speed"] * 1.012})
        for w in seen
    ]

    found = diagnose(MACHINE, wrong)

    assert found.verdict is not None
    assert found.verdict.failure_mode == "outer-race"


def test_the_true_speed_is_found_from_harmonics() -> None:
    rng = np.random.default_rng(4)
    at_s = np.arange(40_000) / 8000
    shaft = sum(np.sin(2 * np.pi * 24.5 * k * at_s + k) / k for k in range(1, 12))
    samples = np.asarray(shaft + rng.standard_normal(len(at_s)), np.float64)

    scale = speed_scale([(samples, 8000.0)], 24.3, MEASURED_SPAN)

    assert scale == pytest.approx(24.5 / 24.3, abs=5e-4)


def test_no_speed_is_read_from_noise() -> None:
    samples = np.random.default_rng(5).standard_normal(40_000)

    assert speed_scale([(samples, 8000.0)], 24.3, MEASURED_SPAN) == 1.0


def test_no_windows_no_verdict() -> None:
    found = diagnose(MACHINE, [])

    assert found.verdict is None
    assert found.suspects == ()
