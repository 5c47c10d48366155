"""A picture shows the part: where it is, where its bore is, and the same bytes each time."""

import io

import numpy as np
from PIL import Image

from partgen.compose import make
from partgen.picture import PAPER, picture, to_png


def test_a_picture_shows_the_part_and_the_paper_around_it() -> None:
    drawn = picture(make("gasket", {}).mesh(), wide_px=120, high_px=90)

    paper = np.all(np.abs(drawn - PAPER) < 2, axis=2)
    assert drawn.shape == (90, 120, 3)
    assert paper[0, 0]
    assert paper[45, 60], "one looks through the opening"
    assert 0.15 < 1 - paper.mean() < 0.8


def test_a_png_is_read_by_others_and_always_the_same_bytes() -> None:
    drawn = picture(make("spur_gear", {}).mesh(), wide_px=60, high_px=40)

    packed = to_png(drawn)

    assert packed == to_png(drawn)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(packed))), drawn)
