"""Every page for every person: keyboard, small screens, no colour, no other host, honest data."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from fieldlab.app.chromium import Page
from fieldlab.core.clock import SystemClock
from tests.browser.hub import MARKS, ROOT, Hub

pytestmark = MARKS
AXE = ROOT / "dashboard" / "web" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("/", "/m", "/p/case-1", "/work", "/cases/case-1", "/machines/cookie-line-3", "/parts",
         "/printers", "/history", "/connect", "/settings",
         "/machines/cookie-line-3/sensors/acc-gearbox", "/backtest")  # fmt: skip
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with Page(width=390, height=844) as page:
        without_3d(page)
        yield page


def without_3d(page: Page) -> None:
    """Leave the 3D out: the text beside it must say the same, and the test takes a tenth."""
    page.call("Network.setBlockedURLs", urls=["*/assets/stage-*"])


def visit(page: Page, hub: Hub, path: str, query: str = "?lang=en&theme=dark") -> None:
    page.errors.clear()
    page.open(hub.url + path + query)
    page.until("!!document.querySelector('main h1')?.innerText", timeout_s=60)


def axe(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it is now."""
    page.ask(AXE.read_text() + ";true")
    found: list[str] = page.ask(
        "axe.run().then((all) => all.violations.map((one) =>"
        " one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.html).join(' ')))"
    )
    return found


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed")
@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.soak)])
def test_axe_finds_no_violation_on_any_page(page: Page, hub: Hub, theme: str) -> None:
    hub.enter("open")
    hub.enter("awaiting-approval")
    found: dict[str, list[str]] = {}

    for path in PAGES:
        visit(page, hub, path, f"?lang=nl&theme={theme}")
        if violations := axe(page):
            found[path] = violations
    for path, button in (("/settings", "Iemand toevoegen"), ("/cases/case-1", "Het was vals")):
        visit(page, hub, path, f"?lang=nl&theme={theme}")
        page.click(button)
        page.until("!!document.querySelector('dialog[open]')")
        if violations := axe(page):
            found[f"{path} {button}"] = violations

    assert found == {}


def test_no_page_scrolls_sideways_at_360_pixels(page: Page, hub: Hub) -> None:
    hub.enter("open")
    hub.enter("awaiting-approval")
    page.resize(360, 780)
    wide: dict[str, object] = {}

    for path in PAGES:
        visit(page, hub, path, "?lang=nl&theme=dark")  # the longer words
        width = page.ask("document.documentElement.scrollWidth")
        if width > 360:
            wide[path] = width
    page.resize(390, 844)

    assert wide == {}


def test_a_tab_that_went_through_many_pages_holds_no_old_lines(page: Page, hub: Hub) -> None:
    begun_s = CLOCK.monotonic_s()

    for path in PAGES:  # a browser opens six lines to one host; kept pages must let go of theirs
        visit(page, hub, path)

    assert CLOCK.monotonic_s() - begun_s < 45
    assert hub.stream.clients <= 2


def test_pages_ask_no_other_host_and_say_nothing_in_red(page: Page, hub: Hub) -> None:
    hub.enter("open")
    page.call("Network.setBlockedURLs", urls=[])
    page.requests.clear()
    errors: list[str] = []

    for path in PAGES:
        visit(page, hub, path)
        errors += page.errors
    without_3d(page)

    hosts = {urlsplit(url).netloc for url in page.requests if url.startswith("http")}
    assert hosts == {urlsplit(hub.url).netloc}
    assert errors == []


def test_a_part_is_approved_with_the_keyboard_alone(page: Page, hub: Hub) -> None:
    hub.enter("open")
    hub.enter("awaiting-approval")
    visit(page, hub, "/work")
    reached: list[str] = []

    def tab_to(text: str) -> None:
        for _ in range(60):
            page.press("Tab", 9)
            name = page.ask(
                "(document.activeElement.closest('label') ?? document.activeElement).innerText"
            )
            reached.append(name)
            if text in name:
                return
        raise AssertionError(f"{text} cannot be reached; the keyboard reaches {reached}")

    tab_to("Look and approve")
    page.press("Enter", 13, "\r")
    page.until("location.pathname === '/cases/case-1' && document.body.innerText.includes('clear')")
    tab_to("The bed is clear")
    page.press(" ", 32, " ")
    tab_to("Approve this print")
    page.press("Enter", 13, "\r")
    page.until("document.body.innerText.includes('approved and waits')"
               " || document.body.innerText.includes('Done.')")  # fmt: skip

    assert hub.view.said == [("approve", "case-1", "operator")]


def test_an_approval_of_another_file_is_refused_and_says_so(page: Page, hub: Hub) -> None:
    hub.enter("open")
    hub.enter("awaiting-approval")
    visit(page, hub, "/cases/case-1")
    hub.view.waits_for = "cd" * 32  # sliced anew while the person was looking

    page.until("!!document.querySelector('input[type=checkbox]')")
    page.ask("document.querySelector('input[type=checkbox]').click()")
    page.click("Approve this print")
    page.until("document.body.innerText.includes('another file')")

    assert hub.view.said == []
    assert hub.view.state == "awaiting-approval"


def test_a_phone_breaks_the_machine_and_sees_the_score(page: Page, hub: Hub) -> None:
    hub.enter("open")
    visit(page, hub, "/m")
    page.until("!!document.querySelector('input[name=component]')")

    page.ask("document.querySelector('input[value=pinion]').click()")
    page.click("Break it")
    page.until("document.body.innerText.includes('listening')")
    hub.view.judge("hit")
    page.until("document.body.innerText.includes('It found what you broke')")

    assert ("challenge", "pinion", "tooth-damage", "127.0.0.1") in hub.view.said
    score = page.ask("[...document.querySelectorAll('dl.score dd')].map((one) => one.innerText)")
    assert score == ["3", "1", "1"]
    assert page.ask("!!document.querySelector('a[href=\"/p/case-1\"]')")


def test_data_is_stale_within_3_s_of_the_edge_stopping_and_live_again_after(
    page: Page, hub: Hub
) -> None:
    visit(page, hub, "/settings")
    hub.send()
    page.until("document.querySelector('.age')?.innerText.includes('live')")
    hub.view.heard_s = hub.view.now_s  # and then the edge is silent
    stopped_s = CLOCK.monotonic_s()

    page.until("document.querySelector('.age').innerText.includes('stale')")
    waited_s = CLOCK.monotonic_s() - stopped_s
    hub.send()
    page.until("document.querySelector('.age').innerText.includes('live')")

    assert 2.0 < waited_s < 4.0, waited_s  # what the page says of it is in test_endurance.py


def test_reduced_motion_stops_what_moves(page: Page, hub: Hub) -> None:
    hub.enter("open")
    page.prefer(prefers_reduced_motion="reduce")
    visit(page, hub, "/")

    running = page.ask(
        "document.getAnimations().filter((one) => one.playState === 'running').length"
    )
    page.prefer()

    assert running == 0


def test_an_address_can_be_shared_and_the_back_button_works(page: Page, hub: Hub) -> None:
    hub.enter("open")
    visit(page, hub, "/work")
    page.until("!!document.querySelector('a[href=\"/cases/case-1\"]')")
    page.ask("document.querySelector('a[href=\"/cases/case-1\"]').click()")
    page.until("location.pathname === '/cases/case-1'")

    page.ask("history.back()")
    page.until("location.pathname === '/work' && document.body.innerText.includes('needs you')")

    assert json.loads(page.ask("JSON.stringify(history.length > 1)"))
