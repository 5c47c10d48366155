"""The sequential test: a budget kept, a change found, a state that is small."""

import numpy as np
import pytest

from analytics.state import SequentialTest, budget, calibrate

INTERVAL_S = 30.0


def residuals(windows: int, *, seed: int, likeness: float = 0.0, streams: int = 4) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((windows, streams))
    for at in range(1, windows):
        noise[at] = likeness * noise[at - 1] + np.sqrt(1 - likeness**2) * noise[at]
    return noise


def crossings(likeness: float, *, learnt: int, runs: int, windows: int, asked: float) -> int:
    found = 0
    for seed in range(runs):
        series = residuals(learnt + windows, seed=seed, likeness=likeness)
        test = SequentialTest(calibrate(
            series[:learnt], interval_s=INTERVAL_S, false_cases_per_year=asked, sides=2,
        ))  # fmt: skip
        ratios = np.array([test.step(row) for row in series[learnt:]])
        above = (np.abs(ratios) > 1.0).any(axis=1)
        found += int(np.sum(np.diff(above.astype(int), prepend=0) == 1))
    return found


@pytest.mark.parametrize("likeness", [0.0, 0.6])
def test_false_cases_stay_within_the_budget(likeness: float) -> None:
    windows, runs = 500, 16
    years = runs * windows * INTERVAL_S / (365.25 * 86_400)
    asked = 20 / years  # twenty in all that is simulated here

    found = crossings(likeness, learnt=120, runs=runs, windows=windows, asked=asked)

    assert found <= 20


def test_a_shift_of_three_spreads_is_found_within_twenty_windows() -> None:
    series = residuals(150, seed=5)
    test = SequentialTest(
        calibrate(series[:120], interval_s=INTERVAL_S, false_cases_per_year=1.0, sides=2)
    )

    ratios = [test.step(row + np.array([0, 0, -3.0, 0]))[2] for row in series[120:140]]

    assert min(ratios) < -1.0


def test_a_short_learning_says_which_budget_it_supports() -> None:
    short = calibrate(residuals(10, seed=1), interval_s=1.0, false_cases_per_year=1.0)
    long = calibrate(residuals(400, seed=1), interval_s=1.0, false_cases_per_year=1.0)

    assert short.supported_per_year > 1.0
    assert long.supported_per_year == 1.0
    assert long.limit < short.limit


def test_a_smaller_budget_has_a_higher_limit() -> None:
    limits = [budget(asked, interval_s=1.0, streams=5, freedom=200).limit for asked in (0.1, 1, 10)]

    assert limits == sorted(limits, reverse=True)


def test_a_missing_residual_changes_nothing() -> None:
    series = residuals(120, seed=2)
    test = SequentialTest(calibrate(series, interval_s=1.0, false_cases_per_year=1.0))
    before = test.step(series[0])

    after = test.step(np.full(4, np.nan))

    assert np.array_equal(before, after)
