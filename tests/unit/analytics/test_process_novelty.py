"""Novelty of numbers: what was not read anew tells nothing, and one window does not decide."""

import numpy as np
import pytest

from analytics.features.spectra import Floats
from analytics.process_dynamics import Dynamics, learn_dynamics
from analytics.process_news import News, read_anew, read_together

LEARNT, JUDGED = 300, 2000


def plant(seed: int, count: int) -> Floats:
    """Six sensors that follow themselves; the last three by an analyser every five windows."""
    noise = np.random.default_rng(seed).normal(size=(count, 6))
    rows = np.zeros((count, 6))
    for at in range(1, count):
        rows[at] = 0.7 * rows[at - 1] + noise[at]
    rows[:, 3:] = np.repeat(rows[::5, 3:], 5, axis=0)[:count]
    return rows


@pytest.fixture
def learnt() -> tuple[Dynamics, News]:
    rows = plant(1, LEARNT)
    groups = read_together(rows)
    found = learn_dynamics(rows, read_anew(rows, groups), groups)
    return Dynamics(found | {"limit": np.array(3.0)}), News({"groups": groups, "last": rows[-1]})


def ratios(learnt: tuple[Dynamics, News], rows: Floats) -> Floats:
    dynamics, news = learnt
    return np.array([dynamics.step(row, news.step(row)) for row in rows]).max(axis=1)


def test_what_an_analyser_holds_is_known_from_learning_and_a_coarse_sensor_is_not() -> None:
    rows = plant(1, LEARNT)
    rows[:, 0] = np.round(rows[:, 0])  # steps so wide that it often repeats itself

    assert read_together(rows).tolist() == [0, 0, 0, 1, 1, 1]


def test_a_held_or_a_missing_value_is_not_news() -> None:
    news = News({"groups": np.array([0, 1, 1]), "last": np.array([1.0, 2.0, 3.0])})

    assert news.step(np.array([1.0, 2.0, 3.0])).tolist() == [True, False, False]
    assert news.step(np.array([np.nan, 2.5, 3.0])).tolist() == [False, True, True]


def test_a_healthy_plant_is_hardly_ever_novel(learnt: tuple[Dynamics, News]) -> None:
    assert float(np.mean(ratios(learnt, plant(2, JUDGED)) > 1)) < 0.01


def test_a_change_that_only_the_analyser_sees_is_found(learnt: tuple[Dynamics, News]) -> None:
    rows = plant(3, 150)
    rows[50:, 3:] *= 3.0

    found = ratios(learnt, rows)

    assert found[:50].max() < 1.0
    assert found[50:].max() > 1.0


def test_one_wild_window_does_not_decide(learnt: tuple[Dynamics, News]) -> None:
    rows = plant(4, 40)
    ratios(learnt, rows[:39])

    assert float(ratios(learnt, rows[39:] + 50.0)[0]) < 1.5


def test_what_was_gathered_is_brought_down_when_it_is_gone(learnt: tuple[Dynamics, News]) -> None:
    dynamics, news = learnt
    rows = plant(5, 200)
    high = ratios(learnt, np.concatenate([3.0 * rows[:100], rows[100:115]]))[-1]

    dynamics.forget()

    low = dynamics.step(rows[115], news.step(rows[115])).max()
    assert low < 1.0 < high
