"""What a window costs, and that neither cost nor state grows with the windows seen."""

import pytest

from fieldlab.app.bench_speed import bench_speed

MILLION = 1_000_000


@pytest.fixture(scope="module")
def figures() -> dict:
    return bench_speed(2000)


def test_a_channels_second_costs_a_few_ffts(figures: dict) -> None:
    assert 0 < figures["ratio_to_three_ffts"] < 15  # about 6 on a quiet computer


def test_the_state_stays_small(figures: dict) -> None:
    assert figures["state_kb"] < 1000
    assert figures["long_state_kb_last"] < 1000


@pytest.mark.soak
def test_the_millionth_window_costs_what_the_first_did() -> None:
    found = bench_speed(MILLION)

    assert found["long_late_to_early_ratio"] < 1.3
    assert found["long_state_kb_last"] < 1000
