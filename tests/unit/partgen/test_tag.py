"""A part without room for a mark gets a tag: its code is read, and verified module by module."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldlab.core.errors import PartError
from fieldlab.core.messages import PartOrder
from partgen.compose import compose
from partgen.marking.qr import MOST_BYTES, corrected, qr
from partgen.verify import verify
from tests.oracles.read_qr import read_qr

PAGE = "http://fieldlab.local:8000/p/cookie-line-3-bushing-left-20260921-222649"


def tag(text: str, **sizes: float) -> PartOrder:
    return PartOrder(family="tag", material="PLA", sizes=sizes, mark=text)


def test_the_correction_of_a_published_code() -> None:
    """HELLO WORLD, 1-M (thonky.com, QR Code Tutorial, error correction coding)."""
    data = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17]

    assert corrected(data, 10) == [196, 35, 39, 119, 235, 215, 231, 226, 93, 23]


@settings(deadline=None, derandomize=True, database=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_every_text_is_read_again(text: str) -> None:
    if len(text.encode()) > MOST_BYTES:
        with pytest.raises(PartError):
            qr(text)
        return

    assert read_qr(qr(text)) == text


@pytest.mark.parametrize("count", [1, 14, 15, 26, 27, 42, 43, 62, 63, 84, 85, 106])
def test_every_version_holds_as_much_as_the_standard_says(count: int) -> None:
    grid = qr("x" * count)

    version = next(at for at, most in enumerate((14, 26, 42, 62, 84, 106), 1) if count <= most)
    assert len(grid) == 17 + 4 * version
    assert read_qr(grid) == "x" * count


def test_another_reader_reads_it() -> None:
    zxing = pytest.importorskip("zxingcpp")
    picture = np.where(np.kron(np.pad(qr(PAGE), 4), np.ones((8, 8))) > 0, 0, 255).astype(np.uint8)

    assert [found.text for found in zxing.read_barcodes(picture)] == [PAGE]


@pytest.mark.parametrize("sizes", [{}, {"module_mm": 0.9, "base_mm": 0.8}, {"module_mm": 2.0}])
def test_a_tag_is_a_sound_part_with_its_code(sizes: dict[str, float]) -> None:
    part = compose(tag(PAGE, **sizes))

    checks = verify(part)

    assert checks.ok, [check for check in checks.checks if not check.ok]
    assert next(check.found for check in checks.checks if check.name == "mark") == PAGE
    assert part.stl == compose(part.order).stl


def test_verification_sees_the_tag_of_another_part() -> None:
    part = compose(tag(PAGE))

    checks = verify(replace(part, order=tag(PAGE[:-1] + "8")), level="batch")

    wrong = [check for check in checks.checks if not check.ok]
    assert "mark" in [check.name for check in wrong]
    assert "wrong modules" in next(check.found for check in wrong if check.name == "mark")


@pytest.mark.parametrize("text", ["", "x" * 107])
def test_a_text_that_makes_no_code_is_refused(text: str) -> None:
    with pytest.raises(PartError, match="give 1 to 106"):
        compose(tag(text))
