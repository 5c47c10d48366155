"""A wall that hangs for weeks: a lost hub, a new build, a silent edge, and what was missed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldlab.app.chromium import Page
from tests.browser.hub import MARKS, STATIC, Hub
from tests.browser.test_pages import without_3d

pytestmark = MARKS


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with Page(width=1280, height=720) as page:
        without_3d(page)
        yield page


def wall(page: Page, hub: Hub) -> None:
    page.open(f"{hub.url}/?lang=en")
    page.until("document.body.innerText.includes('runs as it should')", timeout_s=60)
    page.ask("globalThis.sameDocument = true")


POINTS = "document.querySelector('polyline').getAttribute('points').split(' ').length"


def test_the_wall_recovers_from_a_lost_hub_and_fills_the_gap(page: Page, hub: Hub) -> None:
    wall(page, hub)
    page.until("!!document.querySelector('polyline')")
    before = page.ask(POINTS)

    hub.stop()
    page.until("document.body.innerText.includes('The hub does not answer')")
    hub.view.missed = 37  # judgements while nobody could see them
    hub.start()
    page.until("document.body.innerText.includes('runs as it should')"
               " && !document.body.innerText.includes('does not answer')")  # fmt: skip
    page.until(f"{POINTS} >= {before + 37}")

    assert page.ask("globalThis.sameDocument") is True


def test_the_wall_reloads_itself_on_a_new_build(page: Page, hub: Hub, tmp_path: Path) -> None:
    wall(page, hub)

    hub.stop()
    newer = tmp_path / "newer"
    shutil.copytree(STATIC, newer)
    (newer / "build.txt").write_text("another build\n")
    hub.start(static=newer)

    page.until("globalThis.sameDocument === undefined && document.readyState === 'complete'",
               timeout_s=60)  # fmt: skip
    page.until("document.body.innerText.includes('runs as it should')")


FIRST_SAID = """globalThis.firstSaid = null; new MutationObserver(() => {
globalThis.firstSaid ??= document.body.innerText.match(/No fresh data for ([0-9.]+) s/)?.[1] })
.observe(document.body, {subtree: true, characterData: true, childList: true}); true"""


def test_a_silent_edge_is_grey_and_told_within_3_s_and_live_again_when_it_speaks(
    page: Page, hub: Hub
) -> None:
    wall(page, hub)
    hub.send()
    page.until("!document.body.innerText.includes('No fresh data')")
    hub.view.heard_s = hub.view.now_s  # and then the edge is silent

    page.ask(FIRST_SAID)
    page.until("globalThis.firstSaid")
    is_grey = page.ask("document.querySelector('main.stale') !== null")
    hub.send()
    page.until("!document.body.innerText.includes('No fresh data')")

    assert float(page.ask("globalThis.firstSaid")) <= 3.0
    assert is_grey
    assert page.ask("document.querySelector('main.stale') === null")
