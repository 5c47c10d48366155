"""Every detector keeps the same promises; a new one only joins the catalogue."""

import numpy as np
import pytest

from analytics.detectors.catalogue import DETECTORS
from analytics.detectors.detector import Detector

FEATURES = 6


def healthy_rows(count: int, seed: int = 1) -> np.ndarray:
    """Return rows whose features are related, as those of a machine are."""
    rng = np.random.default_rng(seed)
    load = rng.normal(size=(count, 1))
    return 5 + load @ np.linspace(0.5, 1, FEATURES)[None] + rng.normal(0, 0.2, (count, FEATURES))


@pytest.fixture(params=DETECTORS)
def detector(request: pytest.FixtureRequest) -> Detector:
    made = DETECTORS[request.param]()
    made.learn(healthy_rows(150))
    return made


def test_a_healthy_machine_is_seldom_above_the_limit(detector: Detector) -> None:
    scores = detector.score(healthy_rows(300, seed=2))

    assert scores.shape == (300,)
    assert np.mean(scores > 1) < 0.1


@pytest.mark.parametrize("sign", [1, -1])
def test_a_machine_that_changed_scores_above_the_limit(detector: Detector, sign: int) -> None:
    changed = healthy_rows(60, seed=3) + sign * 8.0

    assert np.mean(detector.score(changed)[30:] > 1) > 0.9


def test_scoring_changes_nothing(detector: Detector) -> None:
    rows = healthy_rows(40, seed=4)
    before = detector.score(rows)

    detector.score(rows + 100)

    assert np.array_equal(detector.score(rows), before)


def test_a_row_is_judged_without_those_that_come_after_it(detector: Detector) -> None:
    rows = healthy_rows(40, seed=5)

    assert detector.score(rows)[:20] == pytest.approx(detector.score(rows[:20]))


def test_a_missing_feature_is_no_fault(detector: Detector) -> None:
    rows = healthy_rows(40, seed=6)
    rows[:, 2] = np.nan

    scores = detector.score(rows)

    assert np.isfinite(scores).all()
    assert np.mean(scores > 1) < 0.5


@pytest.mark.parametrize("name", DETECTORS)
def test_learning_in_two_parts_is_learning_the_whole(name: str) -> None:
    whole, parts, rows = DETECTORS[name](), DETECTORS[name](), healthy_rows(80)
    whole.learn(rows)
    parts.learn(rows[:30])
    parts.learn(rows[30:])

    assert parts.score(rows) == pytest.approx(whole.score(rows))


@pytest.mark.parametrize("name", DETECTORS)
def test_without_learning_nothing_is_scored(name: str) -> None:
    with pytest.raises(ValueError, match="nothing was learnt"):
        DETECTORS[name]().score(healthy_rows(3))
