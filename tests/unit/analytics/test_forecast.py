"""How long a component lasts: the band, silence without a trend, another load, and the paths."""

import numpy as np
import pytest

from analytics.forecast import forecast, under_load
from analytics.growth import COURSES, WEAR, course_of
from analytics.paths import PER_SIZE, Path, Paths

HOUR_S = 3600.0


def path_of(levels: np.ndarray, interval_s: float = 60.0) -> Path:
    paths = Paths(1)
    for number, level in enumerate(levels):
        paths.add(number * interval_s, np.array([level]))
    return paths.of(0)


def life(mode: str, used: float, rng: np.random.Generator, *, windows: int = 150) -> np.ndarray:
    """Return levels of a part: healthy for a third, then worn to `used`; its end is drawn."""
    course = course_of(mode)
    shares = np.concatenate([np.zeros(windows // 3), np.linspace(0, used, windows)])
    severity = course.severity(shares, np.array(course.shape))
    end = np.exp(rng.normal(2.3, 0.5))
    return np.log1p((end * severity) ** 2) + rng.normal(0, 0.3, len(shares))


@pytest.mark.parametrize("used", [0.5, 0.75, 0.9])
def test_nine_of_ten_bands_hold_the_true_life(used: float) -> None:
    rng = np.random.default_rng(5)
    modes = ["wear", *COURSES]
    held = []

    for number in range(40):
        mode = modes[number % len(modes)]
        found = forecast("m", "c", mode, path_of(life(mode, used, rng)))
        if found.low_s is not None and found.high_s is not None:
            left_s = 150 * 60.0 * (1 - used) / used
            held.append(found.low_s <= left_s <= found.high_s)

    assert len(held) > 30
    assert 0.8 <= np.mean(held) <= 1.0


def test_the_nearer_the_end_the_shorter_the_forecast() -> None:
    rng = np.random.default_rng(2)
    levels = life("tooth-damage", 0.98, rng)

    early = forecast("m", "c", "tooth-damage", path_of(levels[:140]))
    late = forecast("m", "c", "tooth-damage", path_of(levels))

    assert early.remaining_s is not None
    assert late.remaining_s is not None
    assert late.remaining_s < early.remaining_s
    assert late.low_s is not None
    assert late.high_s is not None
    assert 0 < late.low_s < late.remaining_s < late.high_s


@pytest.mark.parametrize(
    "levels",
    [
        np.zeros(3),
        np.random.default_rng(1).normal(0, 0.3, 200),
        np.r_[np.zeros(60), np.full(200, 3.0)] + np.random.default_rng(3).normal(0, 0.2, 260),
        np.r_[np.linspace(4, 2, 100)] + np.random.default_rng(4).normal(0, 0.2, 100),
    ],
    ids=["too short", "healthy", "broken at once", "getting better"],
)
def test_nothing_is_forecast_where_nothing_grows(levels: np.ndarray) -> None:
    found = forecast("m", "c", "wear", path_of(levels))

    assert found.remaining_s is None
    assert found.low_s is None
    assert found.high_s is None


def test_the_same_path_gives_the_same_forecast() -> None:
    levels = life("wear", 0.7, np.random.default_rng(8))

    assert forecast("m", "c", "wear", path_of(levels)) == forecast(
        "m", "c", "wear", path_of(levels)
    )


def test_half_the_load_doubles_wear_and_spares_a_crack_sixteenfold() -> None:
    rng = np.random.default_rng(6)
    worn = forecast("m", "c", "wear", path_of(life("wear", 0.7, rng)))
    cracked = forecast("m", "c", "tooth-damage", path_of(life("tooth-damage", 0.7, rng)))
    assert worn.remaining_s is not None
    assert cracked.remaining_s is not None

    assert under_load(worn, 0.5).remaining_s == pytest.approx(2 * worn.remaining_s)
    assert under_load(cracked, 0.5).remaining_s == pytest.approx(16 * cracked.remaining_s)
    with pytest.raises(ValueError, match="load_ratio is 0"):
        under_load(worn, 0)


def test_without_a_forecast_another_load_changes_nothing() -> None:
    nothing = forecast("m", "c", "wear", path_of(np.zeros(30)))

    assert under_load(nothing, 2.0) == nothing


@pytest.mark.parametrize("course", [WEAR, *COURSES.values()])
def test_every_course_runs_from_new_to_its_end(course) -> None:
    for shape in (course.shape - course.spread, course.shape, course.shape + course.spread):
        severity = course.severity(np.linspace(0, 1, 50), np.array(shape))

        assert severity[0] == pytest.approx(0)
        assert severity[-1] == pytest.approx(1)
        assert (np.diff(severity) > 0).all()


def test_a_path_stays_small_and_keeps_its_mean() -> None:
    paths = Paths(2)
    for number in range(10_000):
        paths.add(float(number), np.array([number, 1.0]))

    path = paths.of(0)

    assert len(path.times_s) <= PER_SIZE * 14
    assert path.windows.sum() == 10_000
    assert path.windows @ path.levels / 10_000 == pytest.approx(4999.5)
    assert (np.diff(path.times_s) > 0).all()
    assert path.levels[-1] == 9999


def test_a_path_goes_on_after_it_was_saved() -> None:
    whole, cut = Paths(1), Paths(1)
    for number in range(100):
        whole.add(float(number), np.array([number**0.5]))
        cut.add(float(number), np.array([number**0.5]))
        cut = Paths.of_plain(cut.plain())

    assert np.array_equal(whole.plain(), cut.plain())


def test_a_fitted_part_has_no_past() -> None:
    paths = Paths(2)
    for number in range(20):
        paths.add(float(number), np.array([2.0, 3.0]))

    paths.forget([1])

    assert (paths.of(1).levels == 0).all()
    assert (paths.of(0).levels == 2.0).all()
