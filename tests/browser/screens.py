"""Pictures of every page: `make screens` runs the demo and writes docs/*.png and docs/screens/.

The three that the documents show (wall, approve, phone) are PNG; those of every page in both
languages, themes and sizes are WebP, for looking at one by one.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from fieldlab.app.chromium import CLOCK, Page
from fieldlab.app.demo import free_port

DOCS = Path(__file__).parents[2] / "docs"
SIZES = {"wide": (1920, 1080), "phone": (390, 844)}
MOMENTS = {
    "alarm": ("open", "diagnosed", "designed", "verified", "sliced"),
    "approve": ("awaiting-approval",), "print": ("printing",), "fit": ("awaiting-fit",),
    "proven": ("proven",),
}  # fmt: skip
LIT = {  # what the wall shows at that moment; without a graphics card it is some seconds late
    "alarm": ("diagnose", "design", "verify", "slice"), "approve": ("approve",),
    "print": ("print",), "fit": ("fit",),
}  # fmt: skip
SLOW = {"FIELDLAB_DEMO__PRINT_S": "40", "FIELDLAB_DEMO__APPROVE_AFTER_S": "25"}
SETTLE_S = 6.0  # the 3D pictures are drawn without a graphics card
FLAT_S = 2.5  # a page without 3D
IN_3D = frozenset({"wall", "machine", "parts", "case", "life"})


@contextlib.contextmanager
def demo(seed: int, **settings: str) -> Iterator[str]:
    """Run a demo in a home of its own, with settings of its own; gives its address."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        argv = [sys.executable, "-m", "fieldlab", "demo", "--port", str(port), "--home", home,
                "--seed", str(seed)]  # fmt: skip
        child = subprocess.Popen(argv, env={**os.environ, **settings})  # noqa: TID251
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(30)


class Story:
    """What the demo tells, asked through its API."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.address}/api/{path}", trust_env=False).json()
        return found

    def newest(self) -> dict[str, Any] | None:
        """Return the newest case whose part is printed."""
        cases = self.get("cases")["cases"]
        return next((one for one in cases if one["action"] in (None, "print")), None)

    def moment(self) -> str:
        """Return which moment of the story it is now."""
        case = self.newest()
        if case is not None:
            return next((key for key, states in MOMENTS.items() if case["state"] in states), "")
        machines = self.get("machines")["machines"]
        health = machines[0]["health"] if machines else None
        state = "learning" if health is None else health["state"]
        return {"learning": "learning", "normal": "well"}.get(state, "")

    def until_up(self) -> None:
        """Wait until the hub answers and has a machine."""
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if self.get("machines")["machines"]:
                    return
            CLOCK.wait(0.5)


def moments(page: Page, story: Story, folder: Path, until_s: float) -> None:
    """Take the wall at each moment of the story, once."""
    wanted = {"learning", "well", *MOMENTS}
    page.open(f"{story.address}/?lang=en&theme=dark")
    while wanted and CLOCK.monotonic_s() < until_s:
        if (now := story.moment()) in wanted:
            if not is_lit(page, now):
                continue
            CLOCK.wait(SETTLE_S if now in ("learning", "proven") else FLAT_S)
            page.screenshot(folder / f"wall-{now}.webp", scale=0.75)
            if now == "print":
                page.screenshot(DOCS / "wall.png", scale=0.75)
            wanted -= {now, *(("learning", "well") if now == "proven" else ())}  # those are over
        CLOCK.wait(0.3)


def is_lit(page: Page, moment: str) -> bool:
    """Return whether the wall shows this moment by now."""
    if moment == "proven":
        return bool(page.ask("!!document.querySelector('h1.healthy em.healthy')"))
    if moment == "print":  # half of it is there
        return bool(page.ask("(document.querySelector('section > progress')?.value ?? 0) >= 0.5"))
    lit = page.ask("document.querySelector('li[aria-current=step] b')?.innerText ?? ''")
    return lit in LIT.get(moment, ("",))


def pages(story: Story) -> dict[str, str]:
    """Return every page by name, with its address."""
    case = story.newest()
    found = {"wall": "/", "visitor": "/m", "work": "/work", "history": "/history",
             "parts": "/parts", "printers": "/printers", "connect": "/connect",
             "settings": "/settings"}  # fmt: skip
    found["machine"] = f"/machines/{story.get('machines')['machines'][0]['id']}"
    found |= {"sensor": f"{found['machine']}/sensors/acc-gearbox", "backtest": "/backtest"}
    if case is not None:
        found |= {"case": f"/cases/{case['id']}", "life": f"/p/{case['id']}"}
    return found


def every_page(page: Page, story: Story, folder: Path) -> None:
    """Take every page in both languages, both themes and both sizes."""
    for size, (width, height) in SIZES.items():
        page.resize(width, height)
        for language in ("en", "nl"):
            for theme in ("dark", "light"):
                for name, path in pages(story).items():
                    page.open(f"{story.address}{path}?lang={language}&theme={theme}")
                    CLOCK.wait(SETTLE_S if name in IN_3D else FLAT_S)
                    file = folder / f"{name}-{size}-{language}-{theme}.webp"
                    page.screenshot(file, scale=0.75 if size == "wide" else 1.0)


def phone(page: Page, story: Story) -> None:
    """Take the two phone pictures of the documents; waits for a part to approve."""
    page.resize(*SIZES["phone"])
    page.open(f"{story.address}/m?lang=en&theme=dark")
    CLOCK.wait(SETTLE_S)
    page.screenshot(DOCS / "phone.png")
    while story.moment() != "approve":
        CLOCK.wait(0.3)
    case = story.newest() or {}
    page.open(f"{story.address}/cases/{case['id']}?lang=en&theme=dark")
    CLOCK.wait(SETTLE_S)
    page.screenshot(DOCS / "approve.png")


def main() -> None:
    """Run the demo and take all pictures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--only", choices=("wall", "phone", "pages"), action="append")
    options = asked.parse_args()
    wanted = options.only or ["wall", "phone", "pages"]
    folder = DOCS / "screens"
    folder.mkdir(exist_ok=True)
    with demo(options.seed, **SLOW) as address, Page() as page:
        story = Story(address)
        story.until_up()
        if "wall" in wanted:
            moments(page, story, folder, CLOCK.monotonic_s() + 600)
        if "phone" in wanted:
            phone(page, story)
        if "pages" in wanted:
            every_page(page, story, folder)
        if page.errors:
            sys.exit("\n".join(page.errors))


if __name__ == "__main__":
    main()
