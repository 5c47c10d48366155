"""The folders are the packages, and what we import is ours."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("fieldlab", "edge", "broker", "analytics", "partgen", "printing", "dashboard",
            "simulators", "machines")  # fmt: skip


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_comes_from_this_checkout_also_from_another_folder(
    package: str, tmp_path: Path
) -> None:
    code = f"import {package}; print({package}.__file__)"

    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert Path(found.stdout.strip()).is_relative_to(ROOT)


def test_no_file_is_a_stranger() -> None:
    names = {path.name for path in ROOT.iterdir() if path.is_dir()}

    assert set(PACKAGES) <= names
