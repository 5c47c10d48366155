"""Which tests run where.

Tests that need a peer skip without it; FIELDLAB_REQUIRE=a,b turns those skips into failures.
Tests marked `soak` and the long versions of property tests run with FIELDLAB_SOAK=1 (`make soak`).
"""

import os
import shutil

import pytest
from hypothesis import settings

SOAKS = bool(os.environ.get("FIELDLAB_SOAK"))  # noqa: TID251
settings.register_profile("soak", max_examples=300, deadline=None)
settings.register_profile("quick", max_examples=30, deadline=None)
settings.load_profile("soak" if SOAKS else "quick")

PEERS = {
    "broker": ("mosquitto", "/usr/sbin:/usr/local/sbin"),
    "slicer": ("prusa-slicer", ""),
    "browser": ("chromium", ""),
    "octoprint": ("octoprint", ""),
    "moonraker": ("moonraker", ""),
}


def has_peer(program: str, beyond: str) -> bool:
    """Return whether a program is installed, also in folders outside the path."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), beyond))  # noqa: TID251
    return shutil.which(program, path=path) is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose peer is absent, or fail it if the peer is required; soaks are asked for."""
    if item.get_closest_marker("soak") is not None and not SOAKS:
        pytest.skip("a soak: run `make soak`")
    required = os.environ.get("FIELDLAB_REQUIRE", "").split(",")  # noqa: TID251
    for marker, (program, beyond) in PEERS.items():
        if item.get_closest_marker(marker) is None or has_peer(program, beyond):
            continue
        if program in required:
            pytest.fail(f"{program} is required (FIELDLAB_REQUIRE) and not installed")
        pytest.skip(f"{program} is not installed")
