"""The fast spectra and searches agree with slow, obvious ones."""

import numpy as np
import pytest

from analytics.combs import COMBS, listen, strangers
from analytics.features.modulation import SPLITS, band_envelopes
from analytics.features.spectra import envelope_spectrum
from analytics.kinematics import BearingOrders
from analytics.sensors import wave_fault
from fieldlab.core.messages import Wave

KEEP = 200
ORDERS = BearingOrders(outer_race=3.585, inner_race=5.415, rolling_element=4.7, cage=0.398)


def knocking(count: int, seed: int = 2) -> np.ndarray:
    """Return noise whose loudness swells 40 times, as struck by something."""
    swell = 1 + 0.8 * np.sin(2 * np.pi * 40 * np.arange(count) / count)
    return np.random.default_rng(seed).normal(size=count) * swell


@pytest.mark.parametrize("count", [4000, 4001, 4096])
def test_a_band_s_envelope_is_that_of_its_own_signal_at_full_length(count: int) -> None:
    samples = knocking(count)
    white = np.fft.rfft(samples)
    white /= np.abs(white)
    white[0] = 0.0

    fast = iter(band_envelopes(samples, KEEP))

    for split in SPLITS:
        width = (len(white) - 1) // split
        for number in range(split):
            alone = np.zeros(4 * count, complex)  # so long that nothing folds back
            alone[:width] = white[number * width : (number + 1) * width]
            envelope = np.abs(np.fft.ifft(alone)) ** 2
            taper = np.hanning(len(envelope))
            slow = np.abs(np.fft.rfft((envelope - envelope.mean()) * taper)[:KEEP]) ** 2
            found = next(fast)
            assert found / found.sum() == pytest.approx(slow / slow.sum(), abs=1e-3)
    assert next(fast, None) is None


@pytest.mark.parametrize("count", [4000, 4001])
def test_an_envelope_spectrum_does_not_depend_on_how_much_of_it_is_wanted(count: int) -> None:
    samples = knocking(count)

    few, all_of_it = envelope_spectrum(samples, KEEP), envelope_spectrum(samples, count // 2 + 1)

    assert len(few) == KEEP
    assert few == pytest.approx(all_of_it[:KEEP], rel=1e-6, abs=1e-12)
    assert few.argmax() == 40


def test_a_comb_is_as_plain_as_a_search_over_all_its_slips_says() -> None:
    turns, bins = 25.0, 420
    heights = np.random.default_rng(4).normal(0.5, 1.0, (3, bins))
    heights[1, np.rint(ORDERS.outer_race * turns * np.array([1, 2, 3, 4])).astype(int)] = 3.0

    heard = {one.mode: one for one in listen("acc", heights, turns, {"bearing": ORDERS})}

    own = [ORDERS.outer_race, ORDERS.inner_race, ORDERS.rolling_element]
    others = strangers(own)
    for (mode, comb), order in zip(COMBS.items(), own, strict=True):
        slips = slips_of(max(order, others.max()) * comb[:, 0].max() * turns)
        plainness = []
        for band in np.clip(heights, 0, 4):
            rest = [best_mean(band, turns, stranger, comb, slips) for stranger in others]
            plainness.append(best_mean(band, turns, order, comb, slips) - np.median(rest))
        assert heard[mode].plainness == pytest.approx(max(plainness))
    assert heard["outer-race"].height == pytest.approx(np.exp(3.0))


def slips_of(highest: float) -> np.ndarray:
    """Return 1 % of slip to both sides, in steps of about two and a half bins."""
    steps = int(np.ceil(0.012 * highest / 2.5))
    return 1 + np.linspace(-0.012, 0.012, 2 * steps + 1)


def best_mean(
    band: np.ndarray, turns: float, order: float, comb: np.ndarray, slips: np.ndarray
) -> float:
    """Return the mean height of a comb at its best slip, leaving out what no one can tell."""
    best = 0.0
    for slip in slips:
        total = weight = 0.0
        for multiple, side, share in comb:
            place = order * slip * multiple + side
            at = int(np.rint(place * turns))
            if abs(place - np.rint(place)) * turns >= 3.5 and 2 < at < len(band):
                total, weight = total + share * band[at], weight + share
        if weight >= 0.5 * comb[:, 2].sum():
            best = max(best, total / weight)
    return best


@pytest.mark.parametrize("height", [5.0, 11.0, 13.0, 15.0, 40.0])
def test_lone_spikes_are_told_by_their_height_over_the_median(height: float) -> None:
    rest = np.random.default_rng(5).uniform(-1, 1, 5000)
    rest[[700, 2900]] = height, -height
    wave = Wave(sensor="acc", t_s=0.0, rate_hz=1000.0, samples=rest)
    middle = np.median(np.abs(rest - rest.mean())) / 0.6745

    fault = wave_fault(wave, 0.5, 1.0)

    assert fault == ("spikes" if height > 20 * middle else None)
