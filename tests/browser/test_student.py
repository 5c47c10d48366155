"""What a student does in a real browser: look at the past, at a sensor, at own data."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldlab.app.chromium import Page
from tests.browser.hub import MARKS, Hub
from tests.unit.app.test_own_backtest import table

pytestmark = MARKS
SPAN_H = "(new URLSearchParams(location.search).get('until')"\
    " - new URLSearchParams(location.search).get('from')) / 3600"  # fmt: skip


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with Page(width=1280, height=900) as page:
        yield page


@pytest.fixture
def hub(hub: Hub) -> Hub:
    hub.enter("open")
    return hub


def test_a_drag_zooms_into_the_past_and_back_takes_out_again(page: Page, hub: Hub) -> None:
    page.open(f"{hub.url}/history?lang=en")
    page.until("!!document.querySelector('.u-over')")
    assert "91.5%" in page.text()
    left, top, width = page.ask(
        "(() => { const box = document.querySelector('.u-over').getBoundingClientRect();"
        " return [box.left, box.top, box.width] })()"
    )

    page.drag((left + 0.5 * width, top + 50), (left + 0.6 * width, top + 60))
    page.until("location.search.includes('from=')")
    zoomed_h = page.ask(SPAN_H)
    page.click("+")
    page.until(f"{SPAN_H} < {0.6 * zoomed_h}")
    page.ask("history.go(-2)")
    page.until("!location.search.includes('from=')")

    assert zoomed_h == pytest.approx(72.0, abs=2.0)  # a tenth of thirty days
    assert page.errors == []


def test_a_sensor_is_alive_within_two_seconds_and_its_lines_have_names(
    page: Page, hub: Hub
) -> None:
    page.open(f"{hub.url}/connect?lang=en")
    page.until("document.body.innerText.includes('my-rig / esp32')", timeout_s=2)
    page.until("document.body.innerText.includes('127.0.0.1:1883')")
    assert "wanted a number" in page.text()
    page.click("Add this machine")
    page.until("document.body.innerText.includes('my-rig is known')")

    page.open(f"{hub.url}/machines/cookie-line-3/sensors/acc-gearbox?lang=en")
    page.until("!!document.querySelector('.u-over')")
    hub.send()
    page.until("document.body.innerText.includes('knocks: damaged outer race')", timeout_s=2)
    page.click("Record now")
    page.until("document.body.innerText.includes('Saved')")

    assert page.ask("document.querySelectorAll('canvas').length") == 3
    assert page.errors == []


def test_a_file_of_ones_own_is_judged_and_too_little_is_called_too_little(
    page: Page, hub: Hub, tmp_path: Path
) -> None:
    file = tmp_path / "oil.csv"
    file.write_text(table(sick=True))
    page.open(f"{hub.url}/backtest?lang=en")
    page.until("!!document.querySelector('input[type=file]')")

    page.choose("input[type=file]", file)
    page.until("document.body.innerText.includes('The file lasts about 2 h 30 min')")
    page.fill("select[aria-label='what it is: load']", "condition")
    page.click("Judge it")
    page.until("document.body.innerText.includes('One case would have been opened')")
    page.until("!!document.querySelector('.u-over')")

    assert "Not enough data to be sure" in page.text()
    page.fill("input[type=number]", "60")
    page.click("Judge it")
    page.until("document.body.innerText.includes('too few to learn what is normal')")
    assert page.errors == []
