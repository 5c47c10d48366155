"""Tests that need a peer skip without it; FIELDLAB_REQUIRE=a,b turns those skips into failures."""

import os
import shutil

import pytest

PEERS = {
    "broker": ("mosquitto", "/usr/sbin:/usr/local/sbin"),
    "slicer": ("prusa-slicer", ""),
    "browser": ("chromium", ""),
}


def has_peer(program: str, beyond: str) -> bool:
    """Return whether a program is installed, also in folders outside the path."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), beyond))  # noqa: TID251
    return shutil.which(program, path=path) is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose peer is absent, or fail it if the peer is required."""
    required = os.environ.get("FIELDLAB_REQUIRE", "").split(",")  # noqa: TID251
    for marker, (program, beyond) in PEERS.items():
        if item.get_closest_marker(marker) is None or has_peer(program, beyond):
            continue
        if program in required:
            pytest.fail(f"{program} is required (FIELDLAB_REQUIRE) and not installed")
        pytest.skip(f"{program} is not installed")
