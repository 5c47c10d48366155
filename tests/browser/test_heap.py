"""Two hours of the accelerated demo in one open wall: the heap stays flat, the console silent."""

import logging
import statistics

import pytest

from fieldlab.app.chromium import CLOCK, Page
from tests.browser.hub import MARKS
from tests.browser.screens import Story, demo

pytestmark = [*MARKS, pytest.mark.soak]
MINUTES, WARM_UP = 120, 20  # a story of the demo takes about two; its rings are full by then
SHARE = MINUTES // 6
SIZE = {"width": 960, "height": 540}  # small: it is drawn without a graphics card
log = logging.getLogger(__name__)


def heap_mb(page: Page) -> float:
    page.call("HeapProfiler.collectGarbage")
    return float(page.call("Runtime.getHeapUsage")["usedSize"]) / 1e6


def test_two_hours_of_the_demo_leave_the_heap_of_the_page_flat_and_no_error() -> None:
    with demo(seed=7) as address, Page(**SIZE) as page:
        story = Story(address)
        story.until_up()
        page.open(f"{address}/?lang=en")
        page.ask("globalThis.sameDocument = true")
        heaps_mb = []
        for minute in range(MINUTES):
            CLOCK.wait(60)
            heaps_mb.append(heap_mb(page))
            log.info("minute %d: %.2f MB", minute + 1, heaps_mb[-1])
        stayed = page.ask("globalThis.sameDocument")

    early = statistics.median(heaps_mb[WARM_UP : WARM_UP + SHARE])
    late = statistics.median(heaps_mb[-SHARE:])
    assert stayed is True
    assert abs(late / early - 1) <= 0.10, f"{early:.2f} MB became {late:.2f} MB: {heaps_mb}"
    assert page.errors == []
